package dev.windfall.lottery;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.ReferenceEngine;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.engine.State;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Shape;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.LayerDensities.LayerDensity;
import dev.windfall.sparsity.PruningGoal;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A small network in training, and tickets of it. */
final class Tickets {

  static final Network NETWORK =
      new NetworkBuilder("tiny", Shape.features(4))
          .linear("linear1", 8)
          .batchNorm("norm1")
          .relu("relu1")
          .linear("classifier", 3)
          .build();

  static final int WEIGHTS = 8 * 4 + 3 * 8;

  static final Ticket.Origin ORIGIN = origin(2, 10);

  private Tickets() {}

  static Ticket.Origin origin(long step, long steps) {
    return new Ticket.Origin(
        "tiny",
        "numbers",
        7,
        "iterative",
        2,
        0.36,
        TicketStart.WEIGHTS.label(),
        TicketControl.NONE.label(),
        step,
        steps,
        "a".repeat(64),
        "b".repeat(64));
  }

  static final OptimizerStep SGD = new OptimizerStep.Sgd(0.1, 0.9, true, 1e-4, false);
  static final OptimizerStep ADAM = new OptimizerStep.Adam(0.01, 0.9, 0.99, 1e-8, 1e-4, false);

  /** The dense network's state after some steps. */
  static State state(long seed, int steps, OptimizerStep optimizer) {
    Map<String, Connectivity> dense =
        NETWORK.prunable().stream()
            .collect(
                Collectors.toMap(
                    weight -> weight.name(),
                    weight -> Connectivity.dense(weight.rows(), weight.rowLength())));
    try (Session session =
        new ReferenceEngine()
            .open(NETWORK, dense, new SessionOptions(2, 1, seed, Initialization.HE_FAN_IN))) {
      for (int step = 0; step < steps; step++) {
        session.accumulate(
            new Batch(
                new float[] {1, 2, step, 4, 4, 1, 0, -step},
                new int[] {step % 3, 2},
                new long[] {0, 1},
                2,
                step),
            new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL),
            Mode.TRAIN,
            0.5,
            Growth.NONE);
        session.apply(optimizer);
      }
      return session.snapshot();
    }
  }

  /** Ranks both layers together, down to a sparsity. */
  static PruningGoal goal(double sparsity) {
    return new PruningGoal(
        new LayerDensities(
            NETWORK.prunable().stream()
                .map(
                    weight ->
                        new LayerDensity(
                            weight,
                            weight.elements() - (long) Math.floor(sparsity * weight.elements())))
                .toList()),
        NETWORK.prunable().stream().map(weight -> weight.name()).collect(Collectors.toSet()));
  }

  /** Prunes each layer by itself. */
  static PruningGoal goalByLayer(double sparsity) {
    return new PruningGoal(goal(sparsity).layers(), Set.of());
  }

  static State.Tensor tensor(State state, String name) {
    return Objects.requireNonNull(state.tensors().get(name), name);
  }

  static Connectivity connections(State state, String name) {
    return Objects.requireNonNull(tensor(state, name).connectivity(), name);
  }

  /** The value at a position; null where there is no connection. */
  static @Nullable Float at(State state, String name, long position) {
    Connectivity connections = connections(state, name);
    return connections.contains(position)
        ? tensor(state, name).values()[(int) connections.indexOf(position)]
        : null;
  }

  static Ticket ticket() {
    State trained = state(7, 5, SGD);
    return new Ticket(
        ORIGIN,
        MagnitudePruning.restricted(
            state(7, 2, SGD), MagnitudePruning.connections(trained, goal(0.36))));
  }
}
