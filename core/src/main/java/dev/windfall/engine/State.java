package dev.windfall.engine;

import dev.windfall.sparsity.Connectivity;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that continues a training, in no engine's own layout.
 *
 * @param tensors by name, every tensor of the network
 */
public record State(Map<String, Tensor> tensors) {

  /** Copies the map. */
  public State {
    tensors = Map.copyOf(tensors);
  }

  /**
   * One tensor.
   *
   * @param connectivity its connections; null for a tensor that is never sparse
   * @param values in connection order
   * @param momentum velocities in connection order; null where the tensor is not trained
   */
  public record Tensor(
      @Nullable Connectivity connectivity, float[] values, float @Nullable [] momentum) {}
}
