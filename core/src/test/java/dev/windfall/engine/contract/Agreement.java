package dev.windfall.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.engine.Batch;
import dev.windfall.engine.BatchResult;
import dev.windfall.engine.Engine;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.engine.Slot;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import java.util.Arrays;
import java.util.Map;

/**
 * Requires that the engine and {@link DenseNetwork} compute the same from the same values: logits,
 * loss, hits, all gradients and running statistics.
 */
public final class Agreement {

  public static final Objective.CrossEntropy OBJECTIVE =
      new Objective.CrossEntropy(0.1, Objective.SmoothingOver.ALL);

  /** A batch nearer to a kink of the function might fall to its other side in single precision. */
  private static final double LEAST_MARGIN = 3e-6;

  private static final int MOST_BATCHES = 40;

  private Agreement() {}

  /**
   * A network and the batch that it is compared on.
   *
   * @param density of all weights
   * @param batchSize what the session is opened for
   * @param samples of the batch, at most the batch size
   * @param seed of connections, values and batch
   */
  public record Scenario(Network network, double density, int batchSize, int samples, long seed) {

    @Override
    public String toString() {
      return "%s, density %s, %d of %d samples, seed %d"
          .formatted(network.name(), density, samples, batchSize, seed);
    }

    /** Labels are smoothed in every way that there is, and some have a teacher. */
    Objective objective() {
      return switch ((int) (seed % 4)) {
        case 0 -> new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL);
        case 1 -> OBJECTIVE;
        case 2 -> new Objective.Distillation(OBJECTIVE, 0.6, 1 + seed % 3);
        default -> new Objective.CrossEntropy(0.2, Objective.SmoothingOver.OTHERS);
      };
    }

    SessionOptions options() {
      return new SessionOptions(batchSize, 1 + (int) (seed % 2), seed, Initialization.HE_FAN_IN);
    }
  }

  /** Compares on a batch of normally distributed numbers. */
  public static void require(Engine engine, Scenario scenario) {
    require(engine, scenario, TestData::batch);
  }

  /** Compares on inputs that are small whole numbers, so that many results are equal. */
  public static void requireOnWholeNumbers(Engine engine, Scenario scenario) {
    require(engine, scenario, TestData::wholeNumbers);
  }

  /** What draws a batch of so many samples by a seed. */
  @FunctionalInterface
  private interface Draw {
    Batch batch(Network network, int samples, long seed);
  }

  /** Opens a session, uses all of its memory with another batch, and compares. */
  private static void require(Engine engine, Scenario scenario, Draw draw) {
    Network network = scenario.network();
    try (Session session =
        engine.open(
            network,
            TestData.connections(network, scenario.density(), scenario.seed()),
            scenario.options())) {
      TestData.fillVectors(network, session, scenario.seed());
      Batch larger = TestData.batch(network, scenario.batchSize(), scenario.seed() + 1);
      session.accumulate(larger, OBJECTIVE, Mode.SCORE, 1, Growth.NONE);
      session.clearGradient();
      compare(scenario, session, draw, gradientTolerance(engine));
    }
  }

  /**
   * Of gradients, relative to the largest of a tensor. Where a channel does not vary over a batch,
   * what rounding leaves of its distance to the mean is divided by √ε: with means summed in single
   * precision, this reference moves by 1.4e-4 itself. libtorch's sums depend on its threads.
   */
  private static double gradientTolerance(Engine engine) {
    return engine.name().equals("torch") ? 5e-4 : 1e-4;
  }

  private static void compare(
      Scenario scenario, Session session, Draw draw, double gradientTolerance) {
    Objective objective = scenario.objective();
    double scale = 1.0 / scenario.samples();
    DenseNetwork reference = DenseNetwork.of(scenario.network(), session, scenario.seed());
    Batch batch = clearBatch(reference, scenario, draw);
    DenseNetwork.Outcome scored = reference.run(batch, objective, Mode.SCORE, scale);
    requireClose("logits", session.logits(batch, Mode.SCORE), scored.logits(), 1);
    DenseNetwork.Outcome trained = reference.run(batch, objective, Mode.TRAIN, scale);
    BatchResult result = session.accumulate(batch, objective, Mode.TRAIN, scale, Growth.NONE);
    requireSame(result, trained, scenario.samples());
    requireGradients(reference, session, trained.gradients(), gradientTolerance);
    trained
        .statistics()
        .forEach((name, values) -> requireClose(name, session.read(name, Slot.VALUE), values, 0.1));
    DenseNetwork moved = DenseNetwork.of(scenario.network(), session, scenario.seed());
    DenseNetwork.Outcome evaluated = moved.run(batch, objective, Mode.EVALUATE, scale);
    BatchResult evaluation =
        session.accumulate(batch, objective, Mode.EVALUATE, scale, Growth.NONE);
    requireSame(evaluation, evaluated, scenario.samples());
    requireClose("evaluated logits", session.logits(batch, Mode.EVALUATE), evaluated.logits(), 1);
  }

  private static Batch clearBatch(DenseNetwork reference, Scenario scenario, Draw draw) {
    for (int attempt = 0; attempt < MOST_BATCHES; attempt++) {
      long seed = scenario.seed() + 1000L * attempt + 2;
      Batch batch = draw.batch(reference.network(), scenario.samples(), seed);
      if (reference.margin(batch) > LEAST_MARGIN) {
        return batch;
      }
    }
    throw new AssertionError("no batch without values near a kink: " + scenario);
  }

  /** Requires the same hits, and nearly the same loss. */
  public static void requireSame(BatchResult result, DenseNetwork.Outcome expected, int samples) {
    assertThat(result.count()).isEqualTo(samples);
    assertThat(result.correct()).isEqualTo(expected.correct());
    requireClose(
        "loss", new float[] {(float) result.loss()}, new double[] {expected.loss()}, samples);
  }

  private static void requireGradients(
      DenseNetwork reference, Session session, Map<String, double[]> gradients, double tolerance) {
    for (Parameter parameter : reference.network().parameters()) {
      double[] expected = gradients.get(parameter.name());
      if (expected != null) {
        float[] actual = session.read(parameter.name(), Slot.GRADIENT);
        requireClose(
            parameter.name(), actual, existing(parameter, session, expected), 0.05, tolerance);
      }
    }
  }

  private static double[] existing(Parameter parameter, Session session, double[] dense) {
    if (!parameter.isPrunable()) {
      return dense;
    }
    return Arrays.stream(session.connectivity(parameter.name()).toPositions())
        .mapToDouble(position -> dense[(int) position])
        .toArray();
  }

  /** Requires a difference that is small against the largest expected number, or against one. */
  public static void requireClose(
      String what, float[] actual, double[] expected, double magnitude) {
    requireClose(what, actual, expected, magnitude, 1e-4);
  }

  private static void requireClose(
      String what, float[] actual, double[] expected, double magnitude, double tolerance) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    double largest = Math.max(magnitude, Arrays.stream(expected).map(Math::abs).max().orElse(0));
    for (int i = 0; i < actual.length; i++) {
      assertThat((double) actual[i])
          .as("%s[%d] of largest %s", what, i, largest)
          .isBetween(expected[i] - tolerance * largest, expected[i] + tolerance * largest);
    }
  }
}
