package dev.windfall.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.Candidates;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Rewiring;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ReferenceEngineTest {

  private static final Objective SMOOTHED =
      new Objective.CrossEntropy(0.1, Objective.SmoothingOver.OTHERS);

  private static final Map<String, Connectivity> CONNECTIVITY =
      Map.of(
          "linear1.weight",
          Connectivity.ofPositions(6, 6, LongStream.range(0, 36).filter(i -> i % 3 > 0).toArray()),
          "linear2.weight",
          Connectivity.dense(6, 6),
          "classifier.weight",
          Connectivity.ofPositions(3, 6, new long[] {0, 3, 4, 8, 9, 11, 12, 13, 17}));

  private static Network network(ActivationFunction function) {
    return new NetworkBuilder("tiny", new Shape(3, 2, 1))
        .batchNorm("norm0")
        .flatten("flatten")
        .linear("linear1", 6)
        .activation("activation1", function)
        .linear("linear2", 6)
        .batchNorm("norm2")
        .add("sum", "activation1")
        .dropout("dropout", 0.2)
        .linear("classifier", 3)
        .build();
  }

  private static Session open(Network network) {
    return new ReferenceEngine()
        .open(network, CONNECTIVITY, new SessionOptions(5, 1, 7, Initialization.HE_FAN_IN));
  }

  private static Batch batch() {
    StatelessRandom random = StatelessRandom.of(3, "batch");
    float[] input = new float[5 * 6];
    for (int i = 0; i < input.length; i++) {
      input[i] = (float) random.nextGaussian();
    }
    return new Batch(input, new int[] {0, 1, 2, 1, 0}, new long[] {4, 8, 15, 16, 23}, 5, 1);
  }

  @ParameterizedTest
  @EnumSource(ActivationFunction.class)
  void gradientsAreThoseOfFiniteDifferences(ActivationFunction function) {
    Network network = network(function);
    try (Session session = open(network)) {
      session.accumulate(batch(), SMOOTHED, Mode.TRAIN, 1, Growth.NONE);
      for (Parameter parameter : network.parameters()) {
        if (parameter.role().isTrained()) {
          requireSlopes(session, parameter.name(), session.read(parameter.name(), Slot.GRADIENT));
        }
      }
    }
  }

  private static void requireSlopes(Session session, String tensor, float[] gradient) {
    float step = 1 / 1024f;
    float[] values = session.read(tensor, Slot.VALUE);
    for (int i = 0; i < values.length; i++) {
      float[] moved = values.clone();
      moved[i] = values[i] + step;
      session.write(tensor, Slot.VALUE, moved);
      double above = session.accumulate(batch(), SMOOTHED, Mode.TRAIN, 0, Growth.NONE).loss();
      moved[i] = values[i] - step;
      session.write(tensor, Slot.VALUE, moved);
      double below = session.accumulate(batch(), SMOOTHED, Mode.TRAIN, 0, Growth.NONE).loss();
      session.write(tensor, Slot.VALUE, values);
      double slope = (above - below) / (2 * step);
      assertThat((double) gradient[i])
          .as("%s[%d]", tensor, i)
          .isCloseTo(slope, within(2e-3 * Math.max(1, Math.abs(slope))));
    }
  }

  @Test
  void candidatesAreTheLargestGradientsOfAnEquallyValuedDenseNetwork() {
    Network network = network(ActivationFunction.TANH);
    try (Session session = open(network)) {
      session.accumulate(
          batch(), SMOOTHED, Mode.SCORE, 0.2, new Growth(Map.of("linear1.weight", 5)));
      Candidates candidates = session.candidates("linear1.weight");
      assertThat(LongStream.of(candidates.positions()))
          .hasSize(5)
          .allMatch(position -> position % 3 == 0);
      for (int i = 1; i < 5; i++) {
        assertThat(Math.abs(candidates.scores()[i]))
            .isLessThanOrEqualTo(Math.abs(candidates.scores()[i - 1]));
      }
      long best = candidates.positions()[0];
      session.rewire(
          List.of(new Rewiring("linear1.weight", new long[0], new long[] {best}, new float[] {0})));
      session.clearGradient();
      session.accumulate(batch(), SMOOTHED, Mode.SCORE, 0.2, Growth.NONE);
      int index = (int) session.connectivity("linear1.weight").indexOf(best);
      assertThat(session.read("linear1.weight", Slot.GRADIENT)[index])
          .isEqualTo(candidates.scores()[0]);
      assertThatThrownBy(() -> session.candidates("linear2.weight"))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aSparseNetworkStartsWithTheDenseOnesWeights() {
    Network network = network(ActivationFunction.RELU);
    Parameter weight = network.prunable().getFirst();
    try (Session session = open(network)) {
      float[] values = session.read(weight.name(), Slot.VALUE);
      long[] positions = session.connectivity(weight.name()).toPositions();
      Initialization.Values dense = Initialization.HE_FAN_IN.values(7, weight);
      for (int i = 0; i < values.length; i++) {
        assertThat(values[i]).isEqualTo(dense.at(positions[i], weight.rowLength()));
      }
    }
  }

  @Test
  void rewiringKeepsWhatStaysAndRefusesWhatCannotBe() {
    try (Session session = open(network(ActivationFunction.RELU))) {
      session.accumulate(batch(), SMOOTHED, Mode.TRAIN, 1, Growth.NONE);
      session.apply(new OptimizerStep.Sgd(0.1, 0.9, false, 0, false));
      float[] values = session.read("classifier.weight", Slot.VALUE);
      float[] momentum = session.read("classifier.weight", Slot.MOMENTUM);
      session.rewire(
          List.of(
              new Rewiring(
                  "classifier.weight",
                  new long[] {3, 17},
                  new long[] {1, 16},
                  new float[] {5, 6})));
      assertThat(session.connectivity("classifier.weight").toPositions())
          .containsExactly(0, 1, 4, 8, 9, 11, 12, 13, 16);
      assertThat(session.read("classifier.weight", Slot.VALUE))
          .containsExactly(
              values[0], 5, values[2], values[3], values[4], values[5], values[6], values[7], 6);
      assertThat(session.read("classifier.weight", Slot.MOMENTUM))
          .containsExactly(
              momentum[0],
              0,
              momentum[2],
              momentum[3],
              momentum[4],
              momentum[5],
              momentum[6],
              momentum[7],
              0);
      assertThatThrownBy(() -> session.rewire(List.of(dropping(3))))
          .hasMessageContaining("classifier.weight: connection 3 cannot be dropped");
      assertThatThrownBy(() -> session.rewire(List.of(growing(4))))
          .hasMessageContaining("classifier.weight: connection 4 cannot be grown");
    }
  }

  private static Rewiring dropping(long position) {
    return new Rewiring("classifier.weight", new long[] {position}, new long[0], new float[0]);
  }

  private static Rewiring growing(long position) {
    return new Rewiring("classifier.weight", new long[0], new long[] {position}, new float[1]);
  }

  @Test
  void nesterovAndDecayFollowTheirEquations() {
    Network network = new NetworkBuilder("one", Shape.features(1)).linear("classifier", 2).build();
    Map<String, Connectivity> dense = Map.of("classifier.weight", Connectivity.dense(2, 1));
    try (Session session =
        new ReferenceEngine()
            .open(network, dense, new SessionOptions(1, 1, 0, Initialization.HE_FAN_IN))) {
      session.write("classifier.weight", Slot.VALUE, new float[] {1, -2});
      session.write("classifier.weight", Slot.GRADIENT, new float[] {0.5f, 0.25f});
      session.write("classifier.weight", Slot.MOMENTUM, new float[] {1, 0});
      session.write("classifier.bias", Slot.VALUE, new float[] {1, 1});
      session.apply(new OptimizerStep.Sgd(0.1, 0.5, true, 0.25, false));
      // Slopes .75 and −.25, velocities 1.25 and −.25, directions 1.375 and −.375.
      assertThat(session.read("classifier.weight", Slot.MOMENTUM)).containsExactly(1.25f, -0.25f);
      assertThat(session.read("classifier.weight", Slot.VALUE)).containsExactly(0.8625f, -1.9625f);
      assertThat(session.read("classifier.bias", Slot.VALUE)).containsExactly(1, 1);
      session.apply(new OptimizerStep.Sgd(0.1, 0, false, 0.25, true));
      assertThat(session.read("classifier.bias", Slot.VALUE)).containsExactly(0.975f, 0.975f);
    }
  }

  @Test
  void adamFollowsItsEquations() {
    Network network = new NetworkBuilder("one", Shape.features(1)).linear("classifier", 2).build();
    Map<String, Connectivity> dense = Map.of("classifier.weight", Connectivity.dense(2, 1));
    try (Session session =
        new ReferenceEngine()
            .open(network, dense, new SessionOptions(1, 1, 0, Initialization.HE_FAN_IN))) {
      session.write("classifier.weight", Slot.VALUE, new float[] {1, -2});
      session.write("classifier.weight", Slot.GRADIENT, new float[] {3, 0});
      assertThat(session.gradientNorm()).isEqualTo(3);
      session.scaleGradient(0.5);
      // Slopes 1.75 and −.5: first moments .875 and −.25, second 2.296875 and .1875; corrected by
      // 1/2 and 3/4 they are the slope and its square, so the step is rate · slope / (|slope| + 1).
      session.apply(new OptimizerStep.Adam(1, 0.5, 0.25, 1, 0.25, false));
      assertThat(session.read("classifier.weight", Slot.MOMENTUM)).containsExactly(0.875f, -0.25f);
      assertThat(session.read("classifier.weight", Slot.VARIANCE))
          .containsExactly(2.296875f, 0.1875f);
      assertThat(session.read("classifier.weight", Slot.VALUE))
          .containsExactly(1 - 1.75f / 2.75f, -2 + 0.5f / 1.5f);
      assertThat(session.snapshot().optimizerSteps()).isEqualTo(1);
    }
  }

  @Test
  void aConvolutionIsRefusedByName() {
    Network network =
        new NetworkBuilder("small", new Shape(3, 8, 8))
            .conv("conv1", 4, 3, 1)
            .globalAveragePool("pool")
            .build();
    assertThatThrownBy(() -> open(network))
        .hasMessageContaining("'conv1'")
        .hasMessageContaining("4×8×8");
  }
}
