package dev.windfall.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Mode;
import dev.windfall.network.Initialization;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Parameter.Role;
import dev.windfall.network.Shape;
import dev.windfall.random.StatelessRandom;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reference is right: its gradients are those of finite differences of its own loss. */
final class DenseNetworkTest {

  private static final double STEP = 1e-6;

  private static Map<String, double[]> tensors(Network network, long seed) {
    Map<String, double[]> tensors = new LinkedHashMap<>();
    for (Parameter parameter : network.parameters()) {
      StatelessRandom random = StatelessRandom.of(seed, parameter.name());
      double deviation =
          parameter.isPrunable() ? Initialization.HE_FAN_IN.standardDeviation(parameter) : 0.3;
      boolean positive =
          parameter.role() == Role.SCALE || parameter.role() == Role.RUNNING_VARIANCE;
      double[] values = new double[(int) parameter.elements()];
      Arrays.setAll(values, i -> deviation * random.nextGaussian() + (positive ? 1.5 : 0));
      tensors.put(parameter.name(), values);
    }
    return tensors;
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19})
  void gradientsAreThoseOfFiniteDifferences(long seed) {
    Network network = RandomNetworks.draw(seed);
    DenseNetwork dense = new DenseNetwork(network, tensors(network, seed), seed);
    Batch batch = batchFarFromKinks(dense, seed);
    Map<String, double[]> gradients =
        dense.run(batch, Agreement.OBJECTIVE, Mode.TRAIN, 1).gradients();
    for (Parameter parameter : network.parameters()) {
      if (parameter.role().isTrained()) {
        requireSlopes(dense, batch, parameter.name(), gradients);
      } else {
        assertThat(gradients).doesNotContainKey(parameter.name());
      }
    }
  }

  private static Batch batchFarFromKinks(DenseNetwork dense, long seed) {
    for (long attempt = 0; attempt < 50; attempt++) {
      Batch batch = TestData.batch(dense.network(), 3, seed + 100 * attempt);
      if (dense.run(batch, Agreement.OBJECTIVE, Mode.TRAIN, 1).margin() > 100 * STEP) {
        return batch;
      }
    }
    throw new AssertionError("no batch far from all kinks");
  }

  /** Some of a tensor's elements, with different ones of each tensor. */
  private static void requireSlopes(
      DenseNetwork dense, Batch batch, String tensor, Map<String, double[]> gradients) {
    double[] gradient = gradients.getOrDefault(tensor, new double[0]);
    double[] values = dense.tensor(tensor);
    assertThat(gradient).as(tensor).hasSameSizeAs(values);
    int stride = Math.max(1, values.length / 12);
    for (int i = values.length % stride; i < values.length; i += stride) {
      double value = values[i];
      values[i] = value + STEP;
      double above = dense.run(batch, Agreement.OBJECTIVE, Mode.TRAIN, 1).loss();
      values[i] = value - STEP;
      double below = dense.run(batch, Agreement.OBJECTIVE, Mode.TRAIN, 1).loss();
      values[i] = value;
      double slope = (above - below) / (2 * STEP);
      assertThat(gradient[i])
          .as("%s[%d]", tensor, i)
          .isCloseTo(slope, within(1e-5 * Math.max(1, Math.abs(slope))));
    }
  }

  @Test
  void aConvolutionIsTheOneWorkedOutByHand() {
    // 3×3 map, kernel 2, stride 2, padding 1: windows at (−1, −1), (−1, 1), (1, −1) and (1, 1).
    DenseConvolution convolution = new DenseConvolution(2, 2, 1, new double[] {1, 2, 3, 4});
    DenseMaps in = new DenseMaps(1, new Shape(1, 3, 3), new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9});
    DenseMaps out = convolution.forward(in, new Shape(1, 2, 2));
    assertThat(out.values()).containsExactly(4, 18, 2 * 4 + 4 * 7, 5 + 2 * 6 + 3 * 8 + 4 * 9);
  }

  @Test
  void aMaxPoolTakesTheFirstOfEqualsAndNoPadding() {
    DenseMaps in = new DenseMaps(1, new Shape(1, 2, 3), new double[] {-5, -1, -1, -5, -1, -7});
    DensePools.Maxima maxima = DensePools.max(new Layer.MaxPool(2, 1, 1), in, new Shape(1, 3, 4));
    assertThat(maxima.result().values())
        .containsExactly(-5, -1, -1, -1, -5, -1, -1, -1, -5, -1, -1, -7);
    assertThat(maxima.winners()).containsExactly(0, 1, 1, 2, 0, 1, 1, 2, 3, 4, 4, 5);
  }

  @Test
  void lossAndRunningStatisticsAreTheOnesWorkedOutByHand() {
    Network network =
        new NetworkBuilder("tiny", Shape.features(2))
            .append("norm", new Layer.BatchNorm(1, 0.25))
            .build();
    Map<String, double[]> tensors =
        Map.of(
            "norm.scale", new double[] {2, 2},
            "norm.shift", new double[] {0, 0},
            "norm.running-mean", new double[] {4, 0},
            "norm.running-variance", new double[] {1, 1});
    Batch batch = new Batch(new float[] {1, 0, 3, 0}, new int[] {0, 1}, new long[2], 2, 0);
    DenseNetwork.Outcome outcome =
        new DenseNetwork(network, tensors, 0).run(batch, Agreement.OBJECTIVE, Mode.TRAIN, 1);
    // Mean 2, variance 1 (unbiased 2) in the first channel, all 0 in the second.
    double logit = 2 / Math.sqrt(2);
    assertThat(outcome.logits()).containsExactly(new double[] {-logit, 0, logit, 0}, within(1e-15));
    assertThat(outcome.statistics().get("norm.running-mean")).containsExactly(3.5, 0);
    assertThat(outcome.statistics().get("norm.running-variance")).containsExactly(1.25, 0.75);
    double logSum = Math.log(1 + Math.exp(logit));
    double first = 0.95 * (logSum - -logit + -logit - -logit) + 0.05 * logSum;
    double onLabel = -0.95 * (-logit - Math.log(Math.exp(-logit) + 1));
    double offLabel = -0.05 * -Math.log(Math.exp(-logit) + 1);
    double second = 0.95 * logSum + 0.05 * (logSum - logit);
    assertThat(first).isPositive();
    assertThat(outcome.loss()).isCloseTo(onLabel + offLabel + second, within(1e-12));
  }
}
