package dev.windfall.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.engine.Batch;
import dev.windfall.engine.DenseTrace;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Session;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.sparsity.Candidates;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Rewiring;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The average of dense gradients is that of the reference's gradients. */
public abstract class DenseTraceContract extends EngineContract {

  private static final double SMOOTHING = 0.8;

  /** Grouped and strided convolutions, and rows longer than any piece that an engine may take. */
  private static final Network NETWORK =
      new NetworkBuilder("traced", new Shape(3, 6, 5))
          .conv("conv", 6, 3, 1)
          .batchNorm("norm")
          .activation("swish1", ActivationFunction.SWISH)
          .depthwiseConv("depthwise", 6, 3, 2)
          .activation("swish2", ActivationFunction.SWISH)
          .flatten("flatten")
          .linear("wide", 2100)
          .activation("swish3", ActivationFunction.SWISH)
          .linear("classifier", 5)
          .build();

  private static DenseTrace trace(Session session) {
    return session.capability(DenseTrace.class).orElseThrow();
  }

  private Session openTraced(double density) {
    return open(NETWORK, density, 20, 2);
  }

  private static void requireAverages(Session session, Map<String, double[]> expected) {
    for (Parameter weight : NETWORK.prunable()) {
      String name = weight.name();
      double[] averages = Objects.requireNonNull(expected.get(name));
      float[] kept = Objects.requireNonNull(session.snapshot().traces().get(name));
      double largest = Arrays.stream(averages).map(Math::abs).max().orElseThrow();
      Agreement.requireClose(name, kept, averages, 0.01 * largest);
      Connectivity connections = session.connectivity(name);
      float[] existing = trace(session).read(name);
      assertThat(existing).hasSize((int) connections.count());
      for (int i = 0; i < existing.length; i++) {
        assertThat(existing[i]).isEqualTo(kept[(int) connections.position(i)]);
      }
      requireBest(trace(session).candidates(name, 30), connections, kept);
    }
  }

  private static void requireBest(Candidates found, Connectivity connections, float[] averages) {
    assertThat(found)
        .usingRecursiveComparison()
        .isEqualTo(Candidates.best(connections, averages, 30));
  }

  /** Three steps, of one, two and one batch. */
  @ParameterizedTest
  @ValueSource(doubles = {0.3, 1})
  void averagesAreThoseOfTheReference(double density) {
    Map<String, double[]> expected = new LinkedHashMap<>();
    NETWORK
        .prunable()
        .forEach(weight -> expected.put(weight.name(), new double[(int) weight.elements()]));
    try (Session session = openTraced(density)) {
      trace(session).keep(SMOOTHING);
      long seed = 0;
      for (int step = 0; step < 3; step++) {
        expected.values().forEach(own -> Arrays.setAll(own, i -> SMOOTHING * own[i]));
        for (int micro = 0; micro < (step == 1 ? 2 : 1); micro++) {
          Batch batch = TestData.batch(NETWORK, 17, seed++);
          DenseNetwork.of(NETWORK, session, 1)
              .run(batch, Agreement.OBJECTIVE, Mode.TRAIN, 0.05)
              .gradients()
              .forEach(
                  (name, slopes) -> {
                    double[] own = expected.get(name);
                    if (own != null) {
                      Arrays.setAll(own, i -> own[i] + (1 - SMOOTHING) * slopes[i]);
                    }
                  });
          session.accumulate(batch, Agreement.OBJECTIVE, Mode.TRAIN, 0.05, Growth.NONE);
        }
        requireAverages(session, expected);
        if (step == 1) {
          session.clearGradient();
        } else {
          session.apply(Sessions.SGD);
        }
      }
    }
  }

  @Test
  void scoringAndEvaluationLeaveTheAverageAsItIs() {
    try (Session session = openTraced(0.3)) {
      trace(session).keep(SMOOTHING);
      Batch batch = TestData.batch(NETWORK, 17, 1);
      session.accumulate(batch, Agreement.OBJECTIVE, Mode.TRAIN, 1, Growth.NONE);
      session.apply(Sessions.SGD);
      Map<String, float[]> before = session.snapshot().traces();
      for (Mode mode : List.of(Mode.SCORE, Mode.EVALUATE)) {
        session.accumulate(batch, Agreement.OBJECTIVE, mode, 1, Growth.NONE);
        session.logits(batch, mode);
      }
      session.clearGradient();
      Map<String, float[]> after = session.snapshot().traces();
      before.forEach((name, trace) -> assertThat(after.get(name)).as(name).isEqualTo(trace));
    }
  }

  @Test
  void theAverageDoesNotChangeWithTheConnections() {
    try (Session session = openTraced(0.3)) {
      trace(session).keep(SMOOTHING);
      Batch batch = TestData.batch(NETWORK, 17, 1);
      session.accumulate(batch, Agreement.OBJECTIVE, Mode.TRAIN, 1, Growth.NONE);
      session.apply(Sessions.SGD);
      float[] before = Objects.requireNonNull(session.snapshot().traces().get("wide.weight"));
      long[] grown = Arrays.copyOf(trace(session).candidates("wide.weight", 9).positions(), 9);
      Arrays.sort(grown);
      long[] dropped = Arrays.copyOf(session.connectivity("wide.weight").toPositions(), 9);
      session.rewire(List.of(new Rewiring("wide.weight", dropped, grown, new float[9])));
      assertThat(session.snapshot().traces().get("wide.weight")).isEqualTo(before);
      requireBest(
          trace(session).candidates("wide.weight", 30),
          session.connectivity("wide.weight"),
          before);
    }
  }

  @Test
  void itTakesMemoryForEveryPositionAndOnlyWhereItIsKept() {
    long positions = NETWORK.prunable().stream().mapToLong(Parameter::elements).sum();
    try (Session session = openTraced(0.1)) {
      assertThat(session.snapshot().traces()).isEmpty();
      assertThatThrownBy(() -> trace(session).read("wide.weight"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no gradients of wide.weight are averaged");
      assertThatThrownBy(() -> trace(session).candidates("wide.weight", 1))
          .isInstanceOf(IllegalStateException.class);
      long before = session.memory().weightsAndState();
      trace(session).keep(SMOOTHING);
      long more = session.memory().weightsAndState() - before;
      assertThat(more).isBetween(4 * positions, 4 * positions + positions / 2);
      assertThat(session.memory().peak()).isGreaterThanOrEqualTo(before + more);
      // Asked again, it goes on.
      Batch batch = TestData.batch(NETWORK, 17, 1);
      session.accumulate(batch, Agreement.OBJECTIVE, Mode.TRAIN, 1, Growth.NONE);
      session.apply(Sessions.SGD);
      float[] average = trace(session).read("wide.weight");
      long held = session.memory().weightsAndState();
      trace(session).keep(SMOOTHING);
      assertThat(trace(session).read("wide.weight")).isEqualTo(average);
      assertThat(session.memory().weightsAndState()).isEqualTo(held);
    }
  }
}
