package dev.windfall.training;

import dev.windfall.engine.DenseTrace;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.GrowCriterion;
import dev.windfall.sparsity.GrownValues;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.LayerDensities.LayerDensity;
import dev.windfall.sparsity.LayerShares;
import dev.windfall.sparsity.PruningGoal;
import dev.windfall.sparsity.Redistribution;
import dev.windfall.sparsity.Rewiring;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.sparsity.Sparsification;
import dev.windfall.sparsity.TopologyUpdate;
import dev.windfall.sparsity.UpdateSchedule;
import dev.windfall.sparsity.UpdateTiming;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When and how a training changes connections.
 *
 * @param method what is dropped and grown, and how that stands to the optimizer's step
 * @param schedule when, and how much, by which rule
 * @param grownValues with which values grown connections start
 * @param rounding of layers' shares where connections wander between layers
 * @param connections that the network has at the start; by them roundings that lose connections are
 *     corrected
 * @param goal down to what a network is pruned; null for a method that does not prune
 * @param network whose prunable tensors are updated; dense ones are left alone, but by pruning
 * @param seed of random growth and values
 * @param smoothing μ of the averaged gradients by which a method may grow, from 0 to below 1
 */
public record ConnectionUpdates(
    SparseTrainingMethod method,
    UpdateSchedule schedule,
    GrownValues grownValues,
    LayerShares.Rounding rounding,
    long connections,
    @Nullable PruningGoal goal,
    Network network,
    long seed,
    double smoothing) {

  /** Most of the average is what it was (Evci et al. 2020, appendix). */
  public static final double USUAL_SMOOTHING = 0.9;

  /** Checks that a pruning method, and no other, has a goal. */
  public ConnectionUpdates {
    if (method.sparsification().prunes() != (goal != null)) {
      throw new IllegalArgumentException(
          "method %s with %s goal of pruning".formatted(method.name(), goal == null ? "no" : "a"));
    }
  }

  /** Updates of a method that does not prune, with exact counts, whose new connections are 0. */
  public ConnectionUpdates(
      SparseTrainingMethod method, UpdateSchedule schedule, Network network, long seed) {
    this(
        method,
        schedule,
        GrownValues.zeros(),
        LayerShares.Rounding.EXACT,
        0,
        null,
        network,
        seed,
        USUAL_SMOOTHING);
  }

  /**
   * Readies a session for the updates: where connections grow by averaged gradients, they are
   * averaged from now on.
   *
   * @throws IllegalArgumentException where the session's engine cannot average gradients
   */
  public void begin(Session session) {
    if (method.grow() == GrowCriterion.MOMENTUM) {
      session
          .capability(DenseTrace.class)
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "method %s grows by averaged gradients, which this engine does not keep"
                          .formatted(method.name())))
          .keep(smoothing);
    }
  }

  /** The averaged gradients of a session that {@link #begin} has seen. */
  static DenseTrace trace(Session session) {
    return session
        .capability(DenseTrace.class)
        .orElseThrow(() -> new IllegalStateException("no gradients are averaged"));
  }

  /**
   * The update of a step, before the step's batch is computed.
   *
   * @param session in training
   * @param step from 0
   * @return empty where nothing is changed at this step, be it for the schedule or because the
   *     fraction is less than one connection of every sparse layer: then the step is an ordinary
   *     one
   */
  public Optional<Update> at(long step, Session session) {
    if (!method.updatesConnections() || !isDue(step)) {
      return Optional.empty();
    }
    if (goal != null) {
      double share = share(step);
      return share > 0 ? Optional.of(pruning(goal, share)) : Optional.empty();
    }
    if (method.grow() == GrowCriterion.DROPPED) {
      Restart restart = new Restart(this, step, schedule.dropFraction(step));
      return restart.isEmpty(session) ? Optional.empty() : Optional.of(restart);
    }
    Exchange exchange = Exchange.of(this, step, session);
    return exchange.isEmpty() ? Optional.empty() : Optional.of(exchange);
  }

  /** A network is pruned where updates end too, so that it reaches its goal. */
  private boolean isDue(long step) {
    return switch (method.sparsification()) {
      case NEVER, FROM_THE_START, BEFORE_TRAINING -> schedule.updatesAt(step);
      case GRADUALLY -> schedule.updatesAt(step) || step == schedule.end();
      case AT_ONCE -> step == schedule.end();
    };
  }

  private double share(long step) {
    return method.sparsification() == Sparsification.AT_ONCE || step >= schedule.end()
        ? 1
        : PruningGoal.cubic(schedule.progress(step));
  }

  /** Whether the optimizer makes no step on the batch of an update. */
  boolean replaceSteps() {
    return method.timing() == UpdateTiming.INSTEAD_OF_STEP;
  }

  /** One update of all sparse tensors, which is made in turn with a step's other parts. */
  public interface Update {

    /** The share of each layer's connections, or of the way to the goal, that it is about. */
    double fraction();

    /** Whether the optimizer makes no step on this batch. */
    boolean replacesStep();

    /** The growth candidates that the batch's computation must collect. */
    Growth growth();

    /**
     * Takes what it needs of the batch's gradients, before the optimizer uses them.
     *
     * @return the change, to be made after the optimizer's step if there is one
     */
    Change prepare(Session session);
  }

  /** What remains to be done of an update. */
  @FunctionalInterface
  public interface Change {
    /**
     * Drops and grows.
     *
     * @throws IllegalStateException where an engine has not made the change exactly
     */
    Outcome apply(Session session);
  }

  /**
   * What an update did.
   *
   * @param grown by tensor name, connections that grew where there were none; those dropped and
   *     grown again do not count, unless they start anew as the method's rule
   * @param densities how many connections each layer has now
   */
  public record Outcome(Map<String, Long> grown, LayerDensities densities) {

    /** Copies the map. */
    public Outcome {
      grown = Map.copyOf(grown);
    }

    /** Connections of all layers that grew. */
    public long replaced() {
      return grown.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  private Update pruning(PruningGoal to, double share) {
    return new Update() {
      @Override
      public double fraction() {
        return share;
      }

      @Override
      public boolean replacesStep() {
        return replaceSteps();
      }

      @Override
      public Growth growth() {
        return Growth.NONE;
      }

      @Override
      public Change prepare(Session session) {
        return trained -> made(trained, pruned(trained, to, share));
      }
    };
  }

  private List<Rewiring> pruned(Session session, PruningGoal to, double share) {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (LayerDensity layer : to.pruned()) {
      String tensor = layer.weight().name();
      values.put(tensor, session.read(tensor, Slot.VALUE));
    }
    return to.dropped(values, share).entrySet().stream()
        .map(
            dropped ->
                TopologyUpdate.prune(
                        dropped.getKey(),
                        session.connectivity(dropped.getKey()),
                        dropped.getValue())
                    .with(new float[0]))
        .toList();
  }

  /** Makes changes and checks what the session made of them. */
  Outcome made(Session session, List<Rewiring> changes) {
    Map<String, Long> expected = new LinkedHashMap<>();
    Map<String, Long> grown = new LinkedHashMap<>();
    for (Rewiring change : changes) {
      grown.put(change.tensor(), (long) change.grown().length);
      long before = session.connectivity(change.tensor()).count();
      expected.put(change.tensor(), before - change.dropped().length + change.grown().length);
    }
    session.rewire(changes);
    LayerDensities densities = densities(network, session);
    expected.forEach(
        (tensor, count) -> {
          if (densities.of(tensor).connections() != count) {
            throw new IllegalStateException(
                "%s has %d connections after an update, and should have %d"
                    .formatted(tensor, densities.of(tensor).connections(), count));
          }
        });
    return new Outcome(grown, densities);
  }

  /** How many connections each layer of a network has in a session. */
  public static LayerDensities densities(Network network, Session session) {
    Map<String, Connectivity> connectivity = new LinkedHashMap<>();
    for (Parameter weight : network.prunable()) {
      connectivity.put(weight.name(), session.connectivity(weight.name()));
    }
    return LayerDensities.of(network.prunable(), connectivity);
  }

  /** Whether an update needs to know the gradients of existing connections. */
  boolean needsGradients() {
    return method.grow() == GrowCriterion.GRADIENT
        || method.redistribution() == Redistribution.GRADIENT;
  }
}
