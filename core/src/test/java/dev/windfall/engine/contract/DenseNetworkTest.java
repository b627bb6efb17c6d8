package dev.windfall.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Mode;
import dev.windfall.network.ActivationFunction;
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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The reference is right: its gradients are those of finite differences of its own loss. */
final class DenseNetworkTest {

  private static final double STEP = 1e-6;

  private static Map<String, double[]> tensors(Network network, long seed) {
    Map<String, double[]> tensors = new LinkedHashMap<>();
    for (Parameter parameter : network.parameters()) {
      StatelessRandom random = StatelessRandom.of(seed, parameter.name());
      double deviation =
          parameter.isPrunable()
              ? Initialization.HE_FAN_IN.standardDeviation(parameter, parameter.rowLength())
              : 0.3;
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
    requireSlopes(RandomNetworks.draw(seed), seed);
  }

  static List<Layer> layers() {
    return List.of(
        new Layer.Conv2d(6, 3, 1, 1, 3, true),
        new Layer.Conv2d(6, 3, 2, 1, 6, false),
        new Layer.AveragePool(3, 2, 1, true),
        new Layer.AveragePool(3, 2, 1, false),
        new Layer.Activation(ActivationFunction.GELU));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void everyLayersGradientsAreThoseOfFiniteDifferences(Layer layer) {
    Network network =
        new NetworkBuilder(layer.toString(), new Shape(2, 5, 6))
            .append("first", new Layer.Conv2d(6, 2, 1, 1, true))
            .append("layer", layer)
            .flatten("flatten")
            .linear("classifier", 3)
            .build();
    requireSlopes(network, 1);
  }

  private static void requireSlopes(Network network, long seed) {
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
      if (dense.margin(batch) > 100 * STEP) {
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
    DenseConvolution convolution = new DenseConvolution(2, 2, 1, 1, new double[] {1, 2, 3, 4});
    DenseMaps in = new DenseMaps(1, new Shape(1, 3, 3), new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9});
    DenseMaps out = convolution.forward(in, new Shape(1, 2, 2));
    assertThat(out.values()).containsExactly(4, 18, 2 * 4 + 4 * 7, 5 + 2 * 6 + 3 * 8 + 4 * 9);
  }

  /** Output 1 sees input 1 alone. */
  @Test
  void aDepthwiseConvolutionIsTheOneWorkedOutByHand() {
    DenseConvolution convolution = new DenseConvolution(1, 1, 0, 2, new double[] {10, 100});
    DenseMaps in = new DenseMaps(1, new Shape(2, 1, 2), new double[] {1, 2, 3, 4});
    assertThat(convolution.forward(in, new Shape(2, 1, 2)).values())
        .containsExactly(10, 20, 300, 400);
  }

  /** 2×2 map, windows of 3×3 with padding 1: each sees all four values, and five of padding. */
  @Test
  void anAveragePoolCountsPaddingOnlyIfItSaysSo() {
    DenseMaps in = new DenseMaps(1, new Shape(1, 2, 2), new double[] {3, 6, 9, 18});
    Layer.AveragePool with = new Layer.AveragePool(3, 1, 1, true);
    Layer.AveragePool without = new Layer.AveragePool(3, 1, 1, false);
    assertThat(DensePools.average(with, in, in.shape()).values())
        .containsExactly(new double[] {4, 4, 4, 4}, within(1e-14));
    assertThat(DensePools.average(without, in, in.shape()).values())
        .containsExactly(new double[] {9, 9, 9, 9}, within(1e-14));
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
