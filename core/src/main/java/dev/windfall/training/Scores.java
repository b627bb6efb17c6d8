package dev.windfall.training;

import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.Network;
import dev.windfall.sparsity.LayerDensities.LayerDensity;
import dev.windfall.sparsity.PruningGoal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** How connections are scored before a training; those of lowest score go. */
interface Scores {

  /**
   * The scores of one round.
   *
   * @param scores of existing connections, in their order, by the name of every tensor that loses
   *     some
   * @param forwardPasses of single samples that they cost, a backward pass counting as two
   */
  record Round(Map<String, float[]> scores, long forwardPasses) {}

  /** How often connections are scored, each time followed by a share of the pruning. */
  default int rounds() {
    return 1;
  }

  /** The most samples of a batch. */
  int batchSize();

  /** The network by which another one is scored: it has the same prunable tensors. */
  default Network network(Network trained) {
    return trained;
  }

  /** Called once, on a dense session with initial weights. */
  default void prepare(Session session) {}

  /**
   * Scores what exists.
   *
   * @param goal says which tensors lose connections
   */
  Round of(Session session, PruningGoal goal);

  /** What a function gives for each tensor that loses connections, in network order. */
  static Map<String, float[]> each(PruningGoal goal, Function<String, float[]> scores) {
    Map<String, float[]> result = new LinkedHashMap<>();
    for (LayerDensity layer : goal.pruned()) {
      String tensor = layer.weight().name();
      result.put(tensor, scores.apply(tensor));
    }
    return result;
  }

  /** |g · w| for each connection of a tensor, with the session's accumulated gradient g. */
  static float[] sensitivities(Session session, String tensor) {
    float[] scores = session.read(tensor, Slot.GRADIENT);
    float[] values = session.read(tensor, Slot.VALUE);
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Math.abs(scores[i] * values[i]);
    }
    return scores;
  }
}
