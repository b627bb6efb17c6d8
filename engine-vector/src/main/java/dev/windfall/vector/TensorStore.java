package dev.windfall.vector;

import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.Slot;
import dev.windfall.engine.State;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All tensors of a session by name: what they hold, how they step, how they are saved. */
final class TensorStore {

  /** Values that one worker steps at a time. */
  private static final int CHUNK = 1 << 15;

  private final Network network;
  private final Map<String, SparseWeights> weights;
  private final Map<String, DenseParameter> parameters;

  TensorStore(
      Network network, Map<String, SparseWeights> weights, Map<String, DenseParameter> parameters) {
    this.network = network;
    this.weights = weights;
    this.parameters = parameters;
  }

  /** The sparse tensor of a name. */
  SparseWeights weights(String tensor) {
    SparseWeights found = weights.get(tensor);
    if (found == null) {
      throw new IllegalArgumentException(
          "network %s has no prunable tensor '%s'; there are: %s"
              .formatted(network.name(), tensor, String.join(" ", weights.keySet())));
    }
    return found;
  }

  private DenseParameter parameter(String tensor) {
    DenseParameter found = parameters.get(tensor);
    if (found == null) {
      throw new IllegalArgumentException(
          "network %s has no tensor '%s'".formatted(network.name(), tensor));
    }
    return found;
  }

  /** Draws all initial values. */
  void initialize(Initialization initialization, long seed) {
    for (SparseWeights tensor : weights.values()) {
      Initialization.Values initial = initialization.values(seed, tensor.parameter());
      long rowLength = tensor.parameter().rowLength();
      for (int row = 0; row < tensor.rows(); row++) {
        int from = tensor.starts()[row];
        int to = tensor.starts()[row + 1];
        for (int k = from; k < to; k++) {
          tensor.values()[k] = initial.at(row * rowLength + tensor.column(k), to - from);
        }
      }
    }
    for (DenseParameter tensor : parameters.values()) {
      Initialization.Values initial = initialization.values(seed, tensor.parameter());
      for (int i = 0; i < tensor.values().length; i++) {
        tensor.values()[i] = initial.at(i, 1);
      }
    }
  }

  /** The array of a slot itself. */
  float[] slot(String tensor, Slot slot) {
    SparseWeights sparse = weights.get(tensor);
    if (sparse != null) {
      return switch (slot) {
        case VALUE -> sparse.values();
        case GRADIENT -> sparse.gradients();
        case MOMENTUM -> sparse.momenta();
      };
    }
    DenseParameter dense = parameter(tensor);
    if (slot != Slot.VALUE && !dense.parameter().role().isTrained()) {
      throw new IllegalArgumentException(tensor + " is a statistic: it has a value only");
    }
    return switch (slot) {
      case VALUE -> dense.values();
      case GRADIENT -> dense.gradients();
      case MOMENTUM -> dense.momenta();
    };
  }

  /** A piece of a tensor that one worker steps. */
  private record Chunk(
      float[] values,
      float[] gradients,
      float[] momenta,
      int from,
      int to,
      StepConstants constants) {}

  /** Steps every value that exists and clears the gradients. */
  void step(OptimizerStep.Sgd sgd, Kernels kernels, Crew crew) {
    List<Chunk> chunks = new ArrayList<>();
    StepConstants forMatrices = StepConstants.of(sgd, true);
    StepConstants forVectors = StepConstants.of(sgd, false);
    for (SparseWeights tensor : weights.values()) {
      split(chunks, tensor.values(), tensor.gradients(), tensor.momenta(), forMatrices);
    }
    for (DenseParameter tensor : parameters.values()) {
      if (tensor.parameter().role().isTrained()) {
        split(chunks, tensor.values(), tensor.gradients(), tensor.momenta(), forVectors);
      }
    }
    crew.run(
        chunks.size(),
        (worker, item) -> {
          Chunk chunk = chunks.get(item);
          kernels.step(
              chunk.values(),
              chunk.gradients(),
              chunk.momenta(),
              chunk.from(),
              chunk.to(),
              chunk.constants());
        });
  }

  private static void split(
      List<Chunk> chunks,
      float[] values,
      float[] gradients,
      float[] momenta,
      StepConstants constants) {
    for (int from = 0; from < values.length; from += CHUNK) {
      int to = Math.min(from + CHUNK, values.length);
      chunks.add(new Chunk(values, gradients, momenta, from, to, constants));
    }
  }

  /** Sets all gradients to 0. */
  void clearGradients() {
    weights.values().forEach(tensor -> Arrays.fill(tensor.gradients(), 0));
    parameters.values().forEach(tensor -> Arrays.fill(tensor.gradients(), 0));
  }

  /** A copy of everything that continues the training. */
  State snapshot() {
    Map<String, State.Tensor> tensors = new LinkedHashMap<>();
    weights.forEach(
        (name, tensor) ->
            tensors.put(
                name,
                new State.Tensor(
                    tensor.connectivity(), tensor.values().clone(), tensor.momenta().clone())));
    parameters.forEach(
        (name, tensor) ->
            tensors.put(
                name,
                new State.Tensor(
                    null,
                    tensor.values().clone(),
                    tensor.parameter().role().isTrained() ? tensor.momenta().clone() : null)));
    return new State(tensors);
  }

  /** Takes over a snapshot; nothing is changed unless all of it fits. */
  void restore(State state) {
    for (Parameter parameter : network.parameters()) {
      requireFits(parameter, saved(state, parameter.name()));
    }
    weights.forEach((name, tensor) -> restore(tensor, saved(state, name)));
    parameters.forEach((name, tensor) -> restore(tensor, saved(state, name)));
    clearGradients();
  }

  private static State.Tensor saved(State state, String tensor) {
    State.Tensor found = state.tensors().get(tensor);
    if (found == null) {
      throw new IllegalArgumentException("the state has no tensor " + tensor);
    }
    return found;
  }

  private static void restore(SparseWeights tensor, State.Tensor saved) {
    Connectivity connections = saved.connectivity();
    float[] momentum = saved.momentum();
    if (connections != null && momentum != null) {
      tensor.replace(connections, saved.values(), momentum);
    }
  }

  private static void restore(DenseParameter tensor, State.Tensor saved) {
    System.arraycopy(saved.values(), 0, tensor.values(), 0, tensor.values().length);
    float[] momentum = saved.momentum();
    if (momentum != null) {
      System.arraycopy(momentum, 0, tensor.momenta(), 0, momentum.length);
    }
  }

  private static void requireFits(Parameter parameter, State.Tensor saved) {
    long expected = parameter.elements();
    if (parameter.isPrunable()) {
      Connectivity connections = saved.connectivity();
      if (connections == null
          || connections.rows() != parameter.rows()
          || connections.rowLength() != parameter.rowLength()) {
        throw new IllegalArgumentException(
            "the state's connections of %s do not fit a tensor of %d×%d"
                .formatted(parameter.name(), parameter.rows(), parameter.rowLength()));
      }
      expected = connections.count();
    }
    float[] momentum = saved.momentum();
    long momenta = momentum == null ? 0 : momentum.length;
    if (saved.values().length != expected
        || momenta != (parameter.role().isTrained() ? expected : 0)) {
      throw new IllegalArgumentException(
          "the state's %d values and %d velocities of %s do not fit its %d numbers"
              .formatted(saved.values().length, momenta, parameter.name(), expected));
    }
  }

  /** Bytes of all tensors. */
  long bytes() {
    return weights.values().stream().mapToLong(SparseWeights::bytes).sum()
        + parameters.values().stream().mapToLong(DenseParameter::bytes).sum();
  }
}
