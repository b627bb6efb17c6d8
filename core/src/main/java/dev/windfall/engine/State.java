package dev.windfall.engine;

import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
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
   * The tensor of a name.
   *
   * @throws IllegalArgumentException where there is none
   */
  public Tensor tensor(String name) {
    Tensor found = tensors.get(name);
    if (found == null) {
      throw new IllegalArgumentException("the state has no tensor " + name);
    }
    return found;
  }

  /**
   * Refuses a state that is not of a network, so that nothing is restored of it.
   *
   * @throws IllegalArgumentException naming the tensor that is missing or of another size
   */
  public void requireFits(Network network) {
    for (Parameter parameter : network.parameters()) {
      tensor(parameter.name()).requireFits(parameter);
      float[] trace = traces.get(parameter.name());
      if (trace != null && (!parameter.isPrunable() || trace.length != parameter.elements())) {
        throw new IllegalArgumentException(
            "the state's %d averaged gradients of %s do not fit its %d positions"
                .formatted(trace.length, parameter.name(), parameter.elements()));
      }
    }
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
      float @Nullable [] variance) {

    private void requireFits(Parameter parameter) {
      if (parameter.isPrunable()
          && (connectivity == null
              || connectivity.rows() != parameter.rows()
              || connectivity.rowLength() != parameter.rowLength())) {
        throw new IllegalArgumentException(
            "the state's connections of %s do not fit a tensor of %d×%d"
                .formatted(parameter.name(), parameter.rows(), parameter.rowLength()));
      }
      long expected =
          connectivity == null || !parameter.isPrunable()
              ? parameter.elements()
              : connectivity.count();
      long slots = parameter.role().isTrained() ? expected : 0;
      int momenta = momentum == null ? 0 : momentum.length;
      int variances = variance == null ? 0 : variance.length;
      if (values.length != expected
          || momenta != slots
          || (variance != null && variances != slots)) {
        throw new IllegalArgumentException(
            "the state's %d values, %d velocities and %d variances of %s do not fit its %d numbers"
                .formatted(values.length, momenta, variances, parameter.name(), expected));
      }
    }
  }
}
