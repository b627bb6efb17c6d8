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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All tensors of a session by name: what they hold, how they step, how they are saved. */
final class TensorStore {

  /** Values that one worker steps at a time. */
  private static final int CHUNK = 1 << 15;

  private static final float[] NONE = {};

  private final Network network;
  private final Map<String, SparseWeights> weights;
  private final Map<String, DenseParameter> parameters;
  private long optimizerSteps;

  TensorStore(
      Network network, Map<String, SparseWeights> weights, Map<String, DenseParameter> parameters) {
    this.network = network;
    this.weights = weights;
    this.parameters = parameters;
  }

  /** The prunable tensor of a name. */
  SparseWeights weights(String tensor) {
    SparseWeights found = weights.get(tensor);
    if (found == null || !found.parameter().isPrunable()) {
      throw new IllegalArgumentException(
          "network %s has no prunable tensor '%s'; there are: %s"
              .formatted(
                  network.name(),
                  tensor,
                  String.join(" ", network.prunable().stream().map(Parameter::name).toList())));
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
    OptimizerSlots slots = sparse == null ? parameter(tensor).slots() : sparse.slots();
    int values = slots.values().length;
    if (slot != Slot.VALUE && slots.gradients().length < values) {
      throw new IllegalArgumentException(tensor + " is a statistic: it has a value only");
    }
    if (slot == Slot.VARIANCE && slots.variances().length < values) {
      throw new IllegalArgumentException(
          tensor + " has no variance: the optimizer has made no step that needs one");
    }
    return switch (slot) {
      case VALUE -> slots.values();
      case GRADIENT -> slots.gradients();
      case MOMENTUM -> slots.momenta();
      case VARIANCE -> slots.variances();
    };
  }

  /** A piece of a trained tensor that one worker takes; pieces do not depend on the workers. */
  private record Chunk(OptimizerSlots slots, int from, int to, boolean matrix) {}

  private List<Chunk> chunks() {
    List<Chunk> chunks = new ArrayList<>();
    weights.values().forEach(tensor -> split(chunks, tensor.slots(), true));
    for (DenseParameter tensor : parameters.values()) {
      if (tensor.parameter().role().isTrained()) {
        split(chunks, tensor.slots(), false);
      }
    }
    return chunks;
  }

  private static void split(List<Chunk> chunks, OptimizerSlots slots, boolean matrix) {
    int length = slots.values().length;
    for (int from = 0; from < length; from += CHUNK) {
      chunks.add(new Chunk(slots, from, Math.min(from + CHUNK, length), matrix));
    }
  }

  /** Steps every value that exists and clears the gradients. */
  void step(OptimizerStep step, Kernels kernels, Crew crew) {
    optimizerSteps++;
    switch (step) {
      case OptimizerStep.Sgd sgd -> {
        SgdConstants forMatrices = SgdConstants.of(sgd, true);
        SgdConstants forVectors = SgdConstants.of(sgd, false);
        forEachChunk(
            crew,
            chunk ->
                kernels.sgdStep(
                    chunk.slots, chunk.from, chunk.to, chunk.matrix ? forMatrices : forVectors));
      }
      case OptimizerStep.Adam adam -> {
        weights.values().forEach(SparseWeights::keepVariances);
        parameters.values().forEach(DenseParameter::keepVariances);
        AdamConstants forMatrices = AdamConstants.of(adam, optimizerSteps, true);
        AdamConstants forVectors = AdamConstants.of(adam, optimizerSteps, false);
        forEachChunk(
            crew,
            chunk ->
                kernels.adamStep(
                    chunk.slots, chunk.from, chunk.to, chunk.matrix ? forMatrices : forVectors));
      }
    }
  }

  private void forEachChunk(Crew crew, Consumer<Chunk> action) {
    List<Chunk> chunks = chunks();
    crew.run(chunks.size(), (worker, item) -> action.accept(chunks.get(item)));
  }

  /** The root of the sum of all gradients' squares: within pieces first, then over the pieces. */
  double gradientNorm(Crew crew) {
    List<Chunk> chunks = chunks();
    double[] sums = new double[chunks.size()];
    crew.run(chunks.size(), (worker, item) -> sums[item] = sumOfSquares(chunks.get(item)));
    double sum = 0;
    for (double part : sums) {
      sum += part;
    }
    return Math.sqrt(sum);
  }

  private static double sumOfSquares(Chunk chunk) {
    float[] gradients = chunk.slots.gradients();
    double sum = 0;
    for (int i = chunk.from; i < chunk.to; i++) {
      sum += (double) gradients[i] * gradients[i];
    }
    return sum;
  }

  /** Multiplies all gradients. */
  void scaleGradients(double factor, Crew crew) {
    forEachChunk(
        crew,
        chunk -> {
          float[] gradients = chunk.slots.gradients();
          for (int i = chunk.from; i < chunk.to; i++) {
            gradients[i] = (float) (factor * gradients[i]);
          }
        });
  }

  /** Sets all gradients to 0. */
  void clearGradients() {
    weights.values().forEach(tensor -> Arrays.fill(tensor.gradients(), 0));
    parameters.values().forEach(tensor -> Arrays.fill(tensor.gradients(), 0));
  }

  /**
   * A copy of everything that continues the training.
   *
   * @param traces averages of gradients, by tensor name
   */
  State snapshot(Map<String, float[]> traces) {
    Map<String, State.Tensor> tensors = new LinkedHashMap<>();
    weights.forEach(
        (name, tensor) ->
            tensors.put(
                name,
                copy(
                    tensor.parameter().isPrunable() ? tensor.connectivity() : null,
                    tensor.slots())));
    parameters.forEach((name, tensor) -> tensors.put(name, copy(null, tensor.slots())));
    return new State(optimizerSteps, tensors, traces);
  }

  private static State.Tensor copy(@Nullable Connectivity connections, OptimizerSlots slots) {
    boolean trained = slots.momenta().length == slots.values().length;
    return new State.Tensor(
        connections,
        slots.values().clone(),
        trained ? slots.momenta().clone() : null,
        slots.variances().length == 0 ? null : slots.variances().clone());
  }

  /** Takes over a snapshot; nothing is changed unless all of it fits. */
  void restore(State state) {
    state.requireFits(network);
    weights.forEach((name, tensor) -> restore(tensor, state.tensor(name)));
    parameters.forEach((name, tensor) -> restore(tensor, state.tensor(name)));
    optimizerSteps = state.optimizerSteps();
    clearGradients();
  }

  private static void restore(SparseWeights tensor, State.Tensor saved) {
    Connectivity connections =
        saved.connectivity() == null ? tensor.connectivity() : saved.connectivity();
    tensor.replace(connections, saved.values(), orNone(saved.momentum()), orNone(saved.variance()));
  }

  private static void restore(DenseParameter tensor, State.Tensor saved) {
    tensor.replace(saved.values(), orNone(saved.momentum()), orNone(saved.variance()));
  }

  private static float[] orNone(float @Nullable [] slot) {
    return slot == null ? NONE : slot;
  }

  /** Bytes of all tensors. */
  long bytes() {
    return weights.values().stream().mapToLong(SparseWeights::bytes).sum()
        + parameters.values().stream().mapToLong(DenseParameter::bytes).sum();
  }
}
