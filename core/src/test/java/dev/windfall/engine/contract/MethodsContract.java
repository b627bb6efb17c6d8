package dev.windfall.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.ReferenceEngine;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.sparsity.DropFraction;
import dev.windfall.sparsity.GrowCriterion;
import dev.windfall.sparsity.GrownValues;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.LayerDensities.LayerDensity;
import dev.windfall.sparsity.LayerShares;
import dev.windfall.sparsity.PruningGoal;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.sparsity.UpdateRule;
import dev.windfall.sparsity.UpdateSchedule;
import dev.windfall.training.ConnectionUpdates;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps of every method that changes connections, beside those of the reference engine. */
public abstract class MethodsContract extends EngineContract {

  private static final int SAMPLES = 20;
  private static final int STEPS = 13;
  private static final double DENSITY = 0.3;

  /** Smooth, and with layers of several sizes, so that connections can wander. */
  private static final Network NETWORK =
      new NetworkBuilder("methods", Shape.features(17))
          .linear("one", 23)
          .batchNorm("norm")
          .activation("swish1", ActivationFunction.SWISH)
          .linear("two", 31)
          .activation("swish2", ActivationFunction.SWISH)
          .linear("classifier", 4)
          .build();

  static Stream<Arguments> methods() {
    return SparseTrainingMethod.all().stream()
        .filter(SparseTrainingMethod::updatesConnections)
        .flatMap(
            method ->
                Stream.of(UpdateRule.values()).map(rule -> Arguments.of(method.name(), rule)));
  }

  private static ConnectionUpdates updates(SparseTrainingMethod method, UpdateRule rule) {
    PruningGoal goal = method.sparsification().prunes() ? goal() : null;
    GrownValues values =
        method.grow() == GrowCriterion.DROPPED
            ? new GrownValues(GrownValues.Kind.INITIAL, 1, Initialization.HE_FAN_IN)
            : GrownValues.zeros();
    return new ConnectionUpdates(
        method.by(rule),
        new UpdateSchedule(3, 0, STEPS - 1, new DropFraction.Constant(0.3), rule),
        values,
        LayerShares.Rounding.EXACT,
        0,
        goal,
        NETWORK,
        1,
        ConnectionUpdates.USUAL_SMOOTHING);
  }

  /** A share of all connections, wherever they are. */
  private static PruningGoal goal() {
    List<LayerDensity> layers =
        NETWORK.prunable().stream()
            .map(weight -> new LayerDensity(weight, Math.round(DENSITY * weight.elements())))
            .toList();
    Set<String> together =
        NETWORK.prunable().stream().map(Parameter::name).collect(Collectors.toSet());
    return new PruningGoal(new LayerDensities(layers), together);
  }

  /** Each step is begun by both with the engine's state, so that roundings do not add up. */
  @ParameterizedTest
  @MethodSource("methods")
  void stepsAreThoseOfTheReference(String name, UpdateRule rule) {
    SparseTrainingMethod method = SparseTrainingMethod.named(name);
    ConnectionUpdates updates = updates(method, rule);
    double density = method.sparse() && !method.sparsification().prunes() ? DENSITY : 1;
    long replaced = 0;
    try (Session session = open(NETWORK, density, SAMPLES, 2);
        Session reference = Sessions.open(new ReferenceEngine(), NETWORK, density, SAMPLES, 1)) {
      updates.begin(session);
      updates.begin(reference);
      for (int step = 0; step < STEPS; step++) {
        reference.restore(session.snapshot());
        long expected = step(updates, reference, step);
        assertThat(step(updates, session, step))
            .as("replaced at step %d", step)
            .isEqualTo(expected);
        requireSame(session, reference, step);
        replaced += expected;
      }
      if (method.sparsification().prunes()) {
        long left = ConnectionUpdates.densities(NETWORK, session).connections();
        assertThat(left).isEqualTo(goal().layers().connections());
      } else {
        assertThat(replaced).isPositive();
      }
    }
  }

  /** A step as a training makes it; returns the connections that it replaced. */
  private static long step(ConnectionUpdates updates, Session session, int step) {
    Batch batch = TestData.batch(NETWORK, SAMPLES, step);
    Optional<ConnectionUpdates.Update> update = updates.at(step, session);
    session.accumulate(
        batch,
        Agreement.OBJECTIVE,
        Mode.TRAIN,
        1.0 / SAMPLES,
        update.map(ConnectionUpdates.Update::growth).orElse(Growth.NONE));
    Optional<ConnectionUpdates.Change> change = update.map(due -> due.prepare(session));
    boolean isReplaced = update.map(ConnectionUpdates.Update::replacesStep).orElse(false);
    if (!isReplaced) {
      session.apply(Sessions.SGD);
    }
    long replaced = change.map(due -> due.apply(session).replaced()).orElse(0L);
    if (isReplaced) {
      session.clearGradient();
    }
    return replaced;
  }

  private static void requireSame(Session session, Session reference, int step) {
    for (Parameter parameter : NETWORK.parameters()) {
      String name = parameter.name();
      if (parameter.isPrunable()) {
        assertThat(session.connectivity(name))
            .as("%s after step %d", name, step)
            .isEqualTo(reference.connectivity(name));
      }
      requireClose(name, session, reference, Slot.VALUE);
      if (parameter.role().isTrained()) {
        requireClose(name, session, reference, Slot.MOMENTUM);
      }
    }
    Map<String, float[]> traces = reference.snapshot().traces();
    assertThat(session.snapshot().traces()).hasSameSizeAs(traces);
  }

  private static void requireClose(String name, Session session, Session reference, Slot slot) {
    float[] expected = reference.read(name, slot);
    double[] doubles = new double[expected.length];
    Arrays.setAll(doubles, i -> expected[i]);
    Agreement.requireClose(name + " " + slot, session.read(name, slot), doubles, 0.01);
  }
}
