package dev.windfall.training;

import dev.windfall.engine.Growth;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.GrowCriterion;
import dev.windfall.sparsity.Rewiring;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.sparsity.TopologyUpdate;
import dev.windfall.sparsity.UpdateSchedule;
import dev.windfall.sparsity.UpdateTiming;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * When and how a training replaces connections.
 *
 * @param method what is dropped and grown, and how that stands to the optimizer's step
 * @param schedule when, and how much
 * @param network whose prunable tensors are updated; dense ones are left alone
 * @param seed of random growth
 */
public record ConnectionUpdates(
    SparseTrainingMethod method, UpdateSchedule schedule, Network network, long seed) {

  /**
   * The update of a step, before the step's batch is computed.
   *
   * @param session in training
   * @param step from 0
   * @return empty where nothing is replaced at this step, be it for the schedule or because the
   *     fraction is less than one connection of every sparse layer: then the step is an ordinary
   *     one
   */
  public Optional<Update> at(long step, Session session) {
    if (!method.updatesConnections() || !schedule.updatesAt(step)) {
      return Optional.empty();
    }
    double fraction = schedule.dropFraction(step);
    Map<String, Part> parts = new LinkedHashMap<>();
    for (Parameter weight : network.prunable()) {
      Connectivity before = session.connectivity(weight.name());
      int count = TopologyUpdate.dropCount(fraction, before);
      if (count > 0) {
        parts.put(weight.name(), new Part(before, count));
      }
    }
    return parts.isEmpty()
        ? Optional.empty()
        : Optional.of(new Update(method, seed, step, fraction, parts));
  }

  /** A tensor that is updated: its connections before, and how many of them are dropped. */
  public record Part(Connectivity before, int dropCount) {}

  /** One update of all sparse tensors. */
  public record Update(
      SparseTrainingMethod method, long seed, long step, double fraction, Map<String, Part> parts) {

    /** Whether the optimizer makes no step on this batch. */
    public boolean replacesStep() {
      return method.timing() == UpdateTiming.INSTEAD_OF_STEP;
    }

    /** The growth candidates that the batch's computation must collect. */
    public Growth growth() {
      if (method.grow() != GrowCriterion.GRADIENT) {
        return Growth.NONE;
      }
      Map<String, Integer> candidates = new LinkedHashMap<>();
      parts.forEach(
          (tensor, part) -> {
            long inactive = part.before.positions() - part.before.count();
            candidates.put(tensor, (int) Math.min(part.dropCount, inactive));
          });
      return new Growth(candidates);
    }

    /**
     * Drops and grows.
     *
     * @return connections replaced by others; those dropped and grown again do not count
     * @throws IllegalStateException where an engine has not kept a tensor's number of connections
     */
    public long apply(Session session) {
      List<Rewiring> changes = new ArrayList<>();
      parts.forEach((tensor, part) -> changes.add(change(tensor, part, session)));
      session.rewire(changes);
      parts.forEach(
          (tensor, part) -> {
            Connectivity after = session.connectivity(tensor);
            if (after.count() != part.before.count()) {
              throw new IllegalStateException(
                  "step %d: %s has %s connections after an update, and had %s"
                      .formatted(step, tensor, after, part.before));
            }
          });
      return changes.stream().mapToLong(change -> change.grown().length).sum();
    }

    private Rewiring change(String tensor, Part part, Session session) {
      int[] dropped =
          switch (method.drop()) {
            case MAGNITUDE ->
                TopologyUpdate.weakest(session.read(tensor, Slot.VALUE), part.dropCount);
            case NONE -> throw new IllegalStateException(method.name() + " drops nothing");
          };
      return switch (method.grow()) {
        case RANDOM -> TopologyUpdate.growAtRandom(tensor, part.before, dropped, seed, step);
        case GRADIENT -> {
          float[] gradients = session.read(tensor, Slot.GRADIENT);
          float[] ofDropped = new float[dropped.length];
          for (int i = 0; i < dropped.length; i++) {
            ofDropped[i] = gradients[dropped[i]];
          }
          yield TopologyUpdate.growByGradient(
              tensor, part.before, dropped, ofDropped, session.candidates(tensor));
        }
        case NONE -> throw new IllegalStateException(method.name() + " grows nothing");
      };
    }
  }
}
