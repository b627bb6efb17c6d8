package dev.windfall.lottery;

import dev.windfall.engine.State;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.LayerDensities.LayerDensity;
import dev.windfall.sparsity.PruningGoal;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Magnitude pruning of a network that has been trained: of a state, outside of any session. */
public final class MagnitudePruning {

  private MagnitudePruning() {}

  /**
   * The connections that are left when the smallest weights are dropped; each exists already, so
   * that the connections of one round are among those of the round before.
   *
   * @param trained the network's state
   * @param goal how many are left, by layer or of layers that are ranked together
   * @return by tensor name, in network order
   */
  public static Map<String, Connectivity> connections(State trained, PruningGoal goal) {
    Map<String, Connectivity> before = new LinkedHashMap<>();
    Map<String, float[]> values = new LinkedHashMap<>();
    for (LayerDensity layer : goal.layers().layers()) {
      String name = layer.weight().name();
      State.@Nullable Tensor tensor = trained.tensors().get(name);
      @Nullable Connectivity connections = tensor == null ? null : tensor.connectivity();
      if (tensor == null || connections == null) {
        throw new IllegalArgumentException("the state has no connections of " + name);
      }
      before.put(name, connections);
      values.put(name, tensor.values());
    }
    Map<String, int[]> dropped = goal.dropped(values, 1);
    Map<String, Connectivity> left = new LinkedHashMap<>();
    before.forEach(
        (name, connections) -> {
          int @Nullable [] gone = dropped.get(name);
          left.put(name, gone == null ? connections : connections.without(gone));
        });
    return left;
  }

  /**
   * A state with some of its connections alone; these keep their values and what the optimizer
   * keeps of them, to the same bits.
   *
   * @param state with those connections, and perhaps more
   * @param connections by tensor name; tensors without are left as they are
   * @throws IllegalArgumentException naming the tensor that lacks a connection
   */
  public static State restricted(State state, Map<String, Connectivity> connections) {
    Map<String, State.Tensor> tensors = new LinkedHashMap<>(state.tensors());
    connections.forEach(
        (name, left) ->
            tensors.computeIfPresent(name, (same, tensor) -> restricted(name, tensor, left)));
    return new State(state.optimizerSteps(), tensors);
  }

  private static State.Tensor restricted(String name, State.Tensor tensor, Connectivity left) {
    @Nullable Connectivity before = tensor.connectivity();
    if (before == null) {
      throw new IllegalArgumentException(name + " is never sparse");
    }
    int[] indices;
    try {
      indices = left.indicesIn(before);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
    return new State.Tensor(
        left,
        picked(tensor.values(), indices),
        tensor.momentum() == null ? null : picked(tensor.momentum(), indices),
        tensor.variance() == null ? null : picked(tensor.variance(), indices));
  }

  /** The values at some indices. */
  static float[] picked(float[] values, int[] indices) {
    float[] picked = new float[indices.length];
    for (int i = 0; i < picked.length; i++) {
      picked[i] = values[indices[i]];
    }
    return picked;
  }
}
