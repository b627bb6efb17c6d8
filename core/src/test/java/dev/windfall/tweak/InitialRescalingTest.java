package dev.windfall.tweak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.data.BatchOptions;
import dev.windfall.data.DataLoader;
import dev.windfall.data.Dataset;
import dev.windfall.engine.Batch;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.ReferenceEngine;
import dev.windfall.engine.SecondOrder;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.engine.Slot;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.RandomConnectivity;
import dev.windfall.training.TinyDataset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class InitialRescalingTest {

  private static final Dataset DATA = new TinyDataset(500, 40);

  private static final Objective OBJECTIVE =
      new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL);

  private static final Network NETWORK =
      new NetworkBuilder("tiny", new Shape(1, 2, 3))
          .flatten("flatten")
          .linear("linear1", 12)
          .batchNorm("norm1")
          .activation("activation1", ActivationFunction.SWISH)
          .dropout("dropout", 0.2)
          .linear("linear2", 10)
          .activation("activation2", ActivationFunction.SWISH)
          .linear("classifier", 3)
          .build();

  private static DataLoader samples(int batchSize) {
    return DataLoader.training(
        DATA, DATA.train(), new BatchOptions(batchSize, false, List.of(), 3));
  }

  private static Session open() {
    Map<String, Connectivity> connections = new LinkedHashMap<>();
    for (Parameter weight : NETWORK.prunable()) {
      connections.put(weight.name(), RandomConnectivity.draw(weight, weight.elements() / 2, 3));
    }
    return new ReferenceEngine()
        .open(NETWORK, connections, new SessionOptions(50, 1, 3, Initialization.HE_FAN_IN));
  }

  private static RescalingSettings settings(
      RescalingSettings.Algorithm algorithm, int iterations, double longest) {
    double stepLength = algorithm == RescalingSettings.Algorithm.SGD ? 0.3 : 0.01;
    return new RescalingSettings(algorithm, iterations, 0.03, stepLength, longest, 0.3, 1);
  }

  private static Rescaling learn(Session session, RescalingSettings settings) {
    return InitialRescaling.learn(
            NETWORK,
            session,
            samples(50),
            0,
            OBJECTIVE,
            settings,
            (iteration, least, greatest) -> {},
            () -> false)
        .orElseThrow();
  }

  /** The loss of some samples after the step of an algorithm, from the gradient of the same. */
  private static double lossAfterFirstStep(Session session, RescalingSettings settings) {
    SecondOrder derivatives = session.capability(SecondOrder.class).orElseThrow();
    double loss = 0;
    try (HalfBatches halves = new HalfBatches(samples(50), 100)) {
      for (int i = 0; i < 5; i++) {
        Batch batch = HalfBatches.together(halves.next(), halves.next());
        Map<String, double[]> gradient =
            derivatives.gradient(
                new SecondOrder.Problem(
                    batch, OBJECTIVE, Mode.SCORE, 0.02, SecondOrder.Precision.DOUBLE));
        double squares = 0;
        for (double[] slopes : gradient.values()) {
          for (double slope : slopes) {
            squares += slope * slope;
          }
        }
        double length = Math.sqrt(squares);
        Map<String, float[]> before = new LinkedHashMap<>();
        gradient.forEach(
            (name, slopes) -> {
              float[] values = session.read(name, Slot.VALUE);
              before.put(name, values.clone());
              for (int k = 0; k < values.length; k++) {
                double direction =
                    settings.algorithm() == RescalingSettings.Algorithm.SGD
                        ? slopes[k] / length
                        : Math.signum(slopes[k]);
                values[k] -= (float) (settings.stepLength() * direction);
              }
              session.write(name, Slot.VALUE, values);
            });
        loss += session.accumulate(batch, OBJECTIVE, Mode.SCORE, 0, Growth.NONE).loss() / 250;
        before.forEach((name, values) -> session.write(name, Slot.VALUE, values));
      }
    }
    return loss;
  }

  @ParameterizedTest
  @EnumSource(RescalingSettings.Algorithm.class)
  void theFirstStepLowersTheLossFurther(RescalingSettings.Algorithm algorithm) {
    try (Session session = open()) {
      RescalingSettings settings = settings(algorithm, 60, Double.POSITIVE_INFINITY);
      double before = lossAfterFirstStep(session, settings);
      Rescaling learned = learn(session, settings);
      assertThat(lossAfterFirstStep(session, settings)).isLessThan(0.99 * before);
      assertThat(learned.scales().values()).anyMatch(scale -> Math.abs(scale - 1) > 0.05);
    }
  }

  @ParameterizedTest
  @EnumSource(RescalingSettings.Algorithm.class)
  void aGradientThatIsTooLongIsMadeShorter(RescalingSettings.Algorithm algorithm) {
    try (Session session = open()) {
      Rescaling learned = learn(session, settings(algorithm, 40, 1e-9));
      assertThat(learned.constraintSteps()).isEqualTo(40);
      assertThat(learned.lastGradient()).isLessThan(0.9 * learned.firstGradient());
      // A gradient, and the gradient of its length, of fifty samples each.
      assertThat(learned.forwardPasses()).isEqualTo(40 * 50 * (3 + 9));
    }
  }

  @Test
  void onlyScalesChangeAndNoneFallsBelowItsFloor() {
    try (Session session = open();
        Session untouched = open()) {
      Rescaling learned =
          learn(session, settings(RescalingSettings.Algorithm.SGD, 80, Double.POSITIVE_INFINITY));
      assertThat(learned.constraintSteps()).isZero();
      assertThat(learned.forwardPasses()).isEqualTo(80 * 50 * (3 + 3));
      // Biases and the norm's shift are all 0: there is nothing to scale.
      assertThat(learned.scales().keySet())
          .containsExactly("linear1.weight", "norm1.scale", "linear2.weight", "classifier.weight");
      assertThat(learned.scales().values()).allMatch(scale -> scale >= 0.3);
      learned.applyTo(untouched);
      for (Parameter parameter : NETWORK.parameters()) {
        assertThat(session.read(parameter.name(), Slot.VALUE))
            .as(parameter.name())
            .isEqualTo(untouched.read(parameter.name(), Slot.VALUE));
      }
      try (Session initial = open()) {
        for (Parameter weight : NETWORK.prunable()) {
          assertThat(session.connectivity(weight.name()))
              .isEqualTo(initial.connectivity(weight.name()));
        }
        for (String unscaled : List.of("linear1.bias", "norm1.shift", "norm1.running-variance")) {
          assertThat(session.read(unscaled, Slot.VALUE))
              .isEqualTo(initial.read(unscaled, Slot.VALUE));
        }
        assertThat(session.read("linear1.weight", Slot.GRADIENT)).containsOnly(0);
      }
    }
  }

  /** A floor of 1 lets nothing shrink. */
  @Test
  void aFloorHoldsWhateverTheGradientSays() {
    try (Session session = open()) {
      RescalingSettings settings =
          new RescalingSettings(RescalingSettings.Algorithm.SGD, 20, 0.5, 0.1, 1e-9, 1, 1);
      assertThat(learn(session, settings).scales().values()).allMatch(scale -> scale >= 1);
    }
  }

  /** Three halves an iteration, or two; what is left of an epoch is passed over. */
  @Test
  void samplesComeHalfABatchAtATime() {
    List<Integer> counts = new ArrayList<>();
    try (HalfBatches halves = new HalfBatches(samples(60), 0)) {
      for (int i = 0; i < 40; i++) {
        Batch half = halves.next();
        counts.add(half.count());
        assertThat(half.input()).hasSize(30 * 6);
      }
    }
    assertThat(counts).containsOnly(30);
    try (HalfBatches halves = new HalfBatches(samples(60), 0)) {
      Batch one = halves.next();
      Batch other = halves.next();
      Batch both = HalfBatches.together(one, other);
      assertThat(both.count()).isEqualTo(60);
      assertThat(both.labels()).startsWith(one.labels()).endsWith(other.labels());
      assertThat(both.input()).startsWith(one.input()).endsWith(other.input());
      assertThat(both.sampleIds()).doesNotHaveDuplicates();
    }
    assertThatThrownBy(() -> new HalfBatches(samples(1), 0))
        .hasMessage("a learned initialisation needs batches of at least 2 samples, not 1");
  }

  @Test
  void scaledValuesAreRoundedOnce() {
    assertThat(Rescaling.scaled(new float[] {3, -0.1f, 0}, 0.1))
        .containsExactly((float) (0.1 * 3), (float) (0.1 * -0.1f), 0f);
  }

  @Test
  void theSameSamplesGiveTheSameScales() {
    RescalingSettings settings = settings(RescalingSettings.Algorithm.SGD, 5, 1);
    try (Session one = open();
        Session other = open()) {
      assertThat(learn(one, settings)).isEqualTo(learn(other, settings));
    }
  }
}
