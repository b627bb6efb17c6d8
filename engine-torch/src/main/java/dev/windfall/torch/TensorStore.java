package dev.windfall.torch;

import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.Slot;
import dev.windfall.engine.State;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.torch.tensor.ElementType;
import dev.windfall.torch.tensor.Scope;
import dev.windfall.torch.tensor.Tensor;
import dev.windfall.torch.tensor.TensorLibrary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** All tensors of a session by name: what they hold, how they step, how they are saved. */
final class TensorStore implements AutoCloseable {

  private final Network network;
  private final Map<String, MaskedTensor> tensors = new LinkedHashMap<>();
  private long optimizerSteps;
  private double smoothing;
  private boolean isAveraging;

  /** Whether a batch of this step has joined the average of gradients already. */
  private boolean isInStep;

  private TensorStore(Network network) {
    this.network = network;
  }

  /**
   * Tensors of zeros.
   *
   * @throws IllegalArgumentException naming the tensor whose connectivity is missing or of another
   *     shape
   */
  static TensorStore of(
      TensorLibrary library, Scope scope, Network network, Map<String, Connectivity> connectivity) {
    TensorStore store = new TensorStore(network);
    for (Parameter parameter : network.parameters()) {
      Connectivity own =
          parameter.isPrunable()
              ? required(parameter, connectivity)
              : Connectivity.dense(parameter.rows(), parameter.rowLength());
      store.tensors.put(parameter.name(), new MaskedTensor(library, scope, parameter, own));
    }
    return store;
  }

  private static Connectivity required(
      Parameter parameter, Map<String, Connectivity> connectivity) {
    Connectivity found = connectivity.get(parameter.name());
    if (found == null) {
      throw new IllegalArgumentException("no connectivity for " + parameter.name());
    }
    if (found.rows() != parameter.rows() || found.rowLength() != parameter.rowLength()) {
      throw new IllegalArgumentException(
          "%s is %d×%d; its connectivity is for %d×%d"
              .formatted(
                  parameter.name(),
                  parameter.rows(),
                  parameter.rowLength(),
                  found.rows(),
                  found.rowLength()));
    }
    return found;
  }

  /** The tensor of a name. */
  MaskedTensor tensor(String name) {
    MaskedTensor found = tensors.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "network %s has no tensor '%s'".formatted(network.name(), name));
    }
    return found;
  }

  /** The prunable tensor of a name. */
  MaskedTensor weight(String name) {
    MaskedTensor found = tensors.get(name);
    if (found == null || !found.parameter().isPrunable()) {
      throw new IllegalArgumentException(
          "network %s has no prunable tensor '%s'; there are: %s"
              .formatted(
                  network.name(),
                  name,
                  String.join(" ", network.prunable().stream().map(Parameter::name).toList())));
    }
    return found;
  }

  /** Draws all initial values. */
  void initialize(Initialization initialization, long seed) {
    for (MaskedTensor tensor : tensors.values()) {
      Initialization.Values initial = initialization.values(seed, tensor.parameter());
      Connectivity connections = tensor.connectivity();
      float[] values = new float[tensor.count()];
      for (int row = 0; row < connections.rows(); row++) {
        long end = connections.rowStart(row + 1);
        long inRow = end - connections.rowStart(row);
        for (long i = connections.rowStart(row); i < end; i++) {
          long position = row * connections.rowLength() + connections.column(i);
          values[(int) i] = initial.at(position, inRow);
        }
      }
      tensor.write(Slot.VALUE, values);
    }
  }

  /** The values of all tensors by name. */
  Map<String, Tensor> values() {
    Map<String, Tensor> result = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> result.put(name, tensor.value()));
    return result;
  }

  /**
   * The values of the trained tensors as beginnings of a recorded computation.
   *
   * @param form what is made of each value first
   */
  Map<String, Tensor> leaves(UnaryOperator<Tensor> form) {
    Map<String, Tensor> result = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (tensor.parameter().role().isTrained()) {
            result.put(name, form.apply(tensor.value()).leaf());
          }
        });
    return result;
  }

  /** Steps every trained value and clears the gradients. */
  void step(Scope scope, OptimizerStep step) {
    optimizerSteps++;
    isInStep = false;
    for (MaskedTensor tensor : trained()) {
      boolean matrix = tensor.parameter().isMatrix();
      switch (step) {
        case OptimizerStep.Sgd sgd -> {
          decay(tensor, matrix || sgd.decayOneDimensional() ? sgd.weightDecay() : 0);
          step(tensor, sgd);
        }
        case OptimizerStep.Adam adam -> {
          tensor.keepVariances(scope);
          decay(tensor, matrix || adam.decayOneDimensional() ? adam.weightDecay() : 0);
          step(tensor, adam);
        }
      }
      tensor.clearGradient();
    }
  }

  private List<MaskedTensor> trained() {
    return tensors.values().stream()
        .filter(tensor -> tensor.parameter().role().isTrained())
        .toList();
  }

  private static void decay(MaskedTensor tensor, double decay) {
    if (decay != 0) {
      tensor.slot(Slot.GRADIENT).add(tensor.value(), decay);
    }
  }

  private static void step(MaskedTensor tensor, OptimizerStep.Sgd sgd) {
    Tensor value = tensor.value();
    Tensor slope = tensor.slot(Slot.GRADIENT);
    Tensor velocity = tensor.slot(Slot.MOMENTUM);
    velocity.multiply(sgd.momentum());
    velocity.add(slope, 1);
    if (sgd.nesterov()) {
      value.add(slope, -sgd.rate());
      value.add(velocity, -sgd.rate() * sgd.momentum());
    } else {
      value.add(velocity, -sgd.rate());
    }
  }

  /** The corrections of bias need not touch every value: they go into the rate and the root. */
  private void step(MaskedTensor tensor, OptimizerStep.Adam adam) {
    Tensor slope = tensor.slot(Slot.GRADIENT);
    Tensor mean = tensor.slot(Slot.MOMENTUM);
    Tensor variance = tensor.slot(Slot.VARIANCE);
    mean.multiply(adam.beta1());
    mean.add(slope, 1 - adam.beta1());
    variance.multiply(adam.beta2());
    variance.addProduct(slope, slope, 1 - adam.beta2());
    Tensor scale = variance.squareRoot();
    scale.multiply(1 / Math.sqrt(1 - StrictMath.pow(adam.beta2(), (double) optimizerSteps)));
    scale.add(adam.epsilon());
    double rate = adam.rate() / (1 - StrictMath.pow(adam.beta1(), (double) optimizerSteps));
    tensor.value().addQuotient(mean, scale, -rate);
  }

  /** The root of the sum of all gradients' squares, in double precision. */
  double gradientNorm() {
    double sum = 0;
    for (MaskedTensor tensor : trained()) {
      Tensor slope = tensor.slot(Slot.GRADIENT).as(ElementType.FLOAT64);
      sum += slope.times(slope).sum().toDouble();
    }
    return Math.sqrt(sum);
  }

  /** Multiplies all gradients. */
  void scaleGradients(double factor) {
    trained().forEach(tensor -> tensor.slot(Slot.GRADIENT).multiply(factor));
  }

  /** Sets all gradients to 0. */
  void clearGradients() {
    isInStep = false;
    tensors.values().forEach(MaskedTensor::clearGradient);
  }

  /** Forgets all growth candidates, and the collections that this batch does not go on with. */
  void begin(Map<String, Integer> wanted) {
    tensors.forEach(
        (name, tensor) -> {
          tensor.clearCandidates();
          if (wanted.getOrDefault(name, 0) == 0) {
            tensor.forgetCollection();
          }
        });
  }

  /** A copy of everything that continues the training. */
  State snapshot() {
    Map<String, State.Tensor> saved = new LinkedHashMap<>();
    Map<String, float[]> traces = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          saved.put(name, tensor.snapshot());
          float @Nullable [] trace = tensor.copyOfTrace();
          if (trace != null) {
            traces.put(name, trace);
          }
        });
    return new State(optimizerSteps, saved, traces);
  }

  /** Takes over a snapshot; nothing is changed unless all of it fits. */
  void restore(Scope scope, State state) {
    state.requireFits(network);
    tensors.forEach(
        (name, tensor) -> {
          tensor.restore(scope, state.tensor(name));
          tensor.restoreTrace(scope, state.traces().get(name));
        });
    if (isAveraging) {
      keepTraces(scope);
    }
    isInStep = false;
    optimizerSteps = state.optimizerSteps();
  }

  /** From now on the batches of a training join an average of their gradients. */
  void average(Scope scope, double newSmoothing) {
    smoothing = newSmoothing;
    isAveraging = true;
    keepTraces(scope);
  }

  private void keepTraces(Scope scope) {
    network.prunable().forEach(weight -> weight(weight.name()).keepTrace(scope));
  }

  /** Adds a batch's dense gradients, the first of a step after the average has decayed. */
  void addToTraces(Map<String, Tensor> gradients) {
    if (!isAveraging) {
      return;
    }
    double decay = isInStep ? 1 : smoothing;
    isInStep = true;
    for (Parameter weight : network.prunable()) {
      Tensor dense = gradients.get(weight.name());
      if (dense != null) {
        weight(weight.name()).average(dense, decay, 1 - smoothing);
      }
    }
  }

  /** Bytes of all tensors. */
  long bytes() {
    return tensors.values().stream().mapToLong(MaskedTensor::bytes).sum();
  }

  @Override
  public void close() {
    tensors.values().forEach(MaskedTensor::close);
  }
}
