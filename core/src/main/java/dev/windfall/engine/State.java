package dev.windfall.engine;

import dev.windfall.sparsity.Connectivity;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that continues a training, in no engine's own layout.
 *
 * @param optimizerSteps steps that the optimizer has made; they decide {@link OptimizerStep.Adam}'s
 *     correction of bias
 * @param tensors by name, every tensor of the network
 * @param traces by the name of each prunable tensor, the average of its gradients by canonical
 *     position ({@link DenseTrace}); empty where none is kept
 */
public record State(long optimizerSteps, Map<String, Tensor> tensors, Map<String, float[]> traces) {

  /** A state without an average of gradients. */
  public State(long optimizerSteps, Map<String, Tensor> tensors) {
    this(optimizerSteps, tensors, Map.of());
  }

  /** Copies the maps. */
  public State {
    if (optimizerSteps < 0) {
      throw new IllegalArgumentException(
          "the optimizer cannot have made %d steps".formatted(optimizerSteps));
    }
    tensors = Map.copyOf(tensors);
    traces = Map.copyOf(traces);
  }

  /** The connections of every tensor that may be sparse, by name: with them a session is opened. */
  public Map<String, Connectivity> connectivity() {
    Map<String, Connectivity> connections = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (tensor.connectivity() != null) {
            connections.put(name, tensor.connectivity());
          }
        });
    return connections;
  }

  /**
   * One tensor.
   *
   * @param connectivity its connections; null for a tensor that is never sparse
   * @param values in connection order
   * @param momentum velocities in connection order; null where the tensor is not trained
   * @param variance second moments in connection order; null where the tensor is not trained, or
   *     not by an optimizer that has them
   */
  public record Tensor(
      @Nullable Connectivity connectivity,
      float[] values,
      float @Nullable [] momentum,
      float @Nullable [] variance) {}
}
