package dev.windfall.engine;

import dev.windfall.engine.contract.DenseLoss;
import dev.windfall.network.Initialization;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.Node;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Candidates;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Rewiring;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A session of {@link ReferenceEngine}. */
final class ReferenceSession implements Session {

  private final Network network;
  private final SessionOptions options;
  private final boolean hasSecondOrder;
  private final Map<String, ReferenceTensor> tensors = new LinkedHashMap<>();
  private final ReferenceLayers layers;
  private long optimizerSteps;
  private double smoothing;
  private boolean isInStep;

  ReferenceSession(
      Network network,
      Map<String, Connectivity> connectivity,
      SessionOptions options,
      boolean hasSecondOrder) {
    this.network = network;
    this.hasSecondOrder = hasSecondOrder;
    this.options = options;
    for (Node node : network.nodes()) {
      switch (node.layer()) {
        case Layer.Linear l -> {}
        case Layer.BatchNorm b -> {}
        case Layer.Activation a -> {}
        case Layer.Dropout d -> {}
        case Layer.Add a -> {}
        case Layer.Flatten f -> {}
        default ->
            throw new IllegalArgumentException(
                "the reference engine cannot run node '%s' (%s) with output %s"
                    .formatted(node.name(), node.layer(), node.output()));
      }
      node.parameters().forEach(parameter -> addTensor(parameter, connectivity));
    }
    layers = new ReferenceLayers(network, tensors, options.seed());
  }

  private void addTensor(Parameter parameter, Map<String, Connectivity> connectivity) {
    Connectivity dense = Connectivity.dense(parameter.rows(), parameter.rowLength());
    Connectivity own = parameter.isPrunable() ? connectivity.get(parameter.name()) : dense;
    if (own == null || own.rows() != dense.rows() || own.rowLength() != dense.rowLength()) {
      throw new IllegalArgumentException(
          "connectivity of %s is %s; it must be of %s".formatted(parameter.name(), own, dense));
    }
    ReferenceTensor tensor = new ReferenceTensor(parameter, own);
    Initialization.Values initial = options.initialization().values(options.seed(), parameter);
    long[] positions = own.toPositions();
    for (int i = 0; i < positions.length; i++) {
      int row = (int) (positions[i] / own.rowLength());
      tensor.values[i] = initial.at(positions[i], own.rowStart(row + 1) - own.rowStart(row));
    }
    tensors.put(parameter.name(), tensor);
  }

  @Override
  public BatchResult accumulate(
      Batch batch, Objective objective, Mode mode, double scale, Growth growth) {
    requireFit(batch);
    for (ReferenceTensor tensor : tensors.values()) {
      tensor.want(
          growth.candidates().getOrDefault(tensor.parameter.name(), 0), growth.isContinued());
    }
    double[] logits = layers.forward(batch, mode);
    double[] slopes = new double[logits.length];
    int classes = logits.length / batch.count();
    double loss = 0;
    int correct = 0;
    for (int sample = 0; sample < batch.count(); sample++) {
      int from = sample * classes;
      int best = from;
      for (int i = from; i < from + classes; i++) {
        best = logits[i] > logits[best] ? i : best;
      }
      double[] teacher = new double[batch.teacherLogits() == null ? 0 : classes];
      for (int c = 0; c < teacher.length; c++) {
        teacher[c] = batch.requireTeacher(classes)[from + c];
      }
      double[] own = Arrays.copyOfRange(logits, from, from + classes);
      DenseLoss ofSample = DenseLoss.of(objective, own, teacher, batch.labels()[sample]);
      loss += ofSample.loss();
      for (int c = 0; c < classes; c++) {
        slopes[from + c] = scale * ofSample.gradient()[c];
      }
      correct += best - from == batch.labels()[sample] ? 1 : 0;
    }
    if (mode != Mode.EVALUATE) {
      layers.decay = isInStep ? 1 : smoothing;
      layers.share = 1 - smoothing;
      layers.backward(slopes);
      isInStep = isInStep || mode == Mode.TRAIN;
    }
    return new BatchResult(loss, correct, batch.count());
  }

  @Override
  public float[] logits(Batch batch, Mode mode) {
    requireFit(batch);
    double[] logits = layers.forward(batch, mode);
    float[] result = new float[logits.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) logits[i];
    }
    return result;
  }

  @Override
  public <T> Optional<T> capability(Class<T> type) {
    OutputInspection inspection =
        (batch, mode, small) -> {
          requireFit(batch);
          layers.forward(batch, mode);
          return layers.inspect(small);
        };
    if (type == OutputInspection.class) {
      return Optional.of(type.cast(inspection));
    }
    if (type == DenseTrace.class) {
      return Optional.of(type.cast(new Trace()));
    }
    return hasSecondOrder && type == SecondOrder.class
        ? Optional.of(type.cast(new ReferenceDerivatives(this, tensors)))
        : Optional.empty();
  }

  private void requireFit(Batch batch) {
    long values = batch.count() * network.input().elements();
    if (batch.count() > options.batchSize() || batch.input().length < values) {
      throw new IllegalArgumentException(
          "a batch of %d samples with %d values; the session takes up to %d of %s"
              .formatted(
                  batch.count(), batch.input().length, options.batchSize(), network.input()));
    }
  }

  @Override
  public void apply(OptimizerStep step) {
    optimizerSteps++;
    isInStep = false;
    for (ReferenceTensor tensor : trained()) {
      tensor.apply(step, optimizerSteps);
      tensor.isContinued = false;
    }
  }

  private List<ReferenceTensor> trained() {
    return tensors.values().stream().filter(tensor -> tensor.parameter.role().isTrained()).toList();
  }

  @Override
  public double gradientNorm() {
    return Math.sqrt(
        trained().stream()
            .flatMapToDouble(tensor -> Arrays.stream(tensor.gradient))
            .map(slope -> slope * slope)
            .sum());
  }

  @Override
  public void scaleGradient(double factor) {
    for (ReferenceTensor tensor : trained()) {
      Arrays.setAll(tensor.gradient, i -> factor * tensor.gradient[i]);
    }
  }

  @Override
  public void clearGradient() {
    isInStep = false;
    for (ReferenceTensor tensor : tensors.values()) {
      Arrays.fill(tensor.gradient, 0);
      tensor.isContinued = false;
    }
  }

  @Override
  public Candidates candidates(String tensor) {
    return tensor(tensor).candidates();
  }

  @Override
  public Connectivity connectivity(String tensor) {
    return tensor(tensor).connectivity;
  }

  @Override
  public float[] read(String name, Slot slot) {
    ReferenceTensor tensor = slotted(name, slot);
    return switch (slot) {
      case VALUE -> tensor.values.clone();
      case MOMENTUM -> tensor.momentum.clone();
      case VARIANCE -> variance(tensor).clone();
      case GRADIENT -> {
        float[] gradient = new float[tensor.gradient.length];
        for (int i = 0; i < gradient.length; i++) {
          gradient[i] = (float) tensor.gradient[i];
        }
        yield gradient;
      }
    };
  }

  @Override
  public void write(String name, Slot slot, float[] values) {
    ReferenceTensor tensor = slotted(name, slot);
    if (values.length != tensor.values.length) {
      throw new IllegalArgumentException(
          "%s: %d values for %d connections".formatted(name, values.length, tensor.values.length));
    }
    switch (slot) {
      case VALUE -> tensor.values = values.clone();
      case MOMENTUM -> tensor.momentum = values.clone();
      case VARIANCE -> System.arraycopy(values, 0, variance(tensor), 0, values.length);
      case GRADIENT -> Arrays.setAll(tensor.gradient, i -> values[i]);
    }
  }

  private ReferenceTensor slotted(String name, Slot slot) {
    ReferenceTensor tensor = tensor(name);
    if (slot != Slot.VALUE && !tensor.parameter.role().isTrained()) {
      throw new IllegalArgumentException(name + " is not trained: it has no " + slot);
    }
    return tensor;
  }

  private static float[] variance(ReferenceTensor tensor) {
    if (tensor.variance == null) {
      throw new IllegalArgumentException(tensor.parameter.name() + " has no variance yet");
    }
    return tensor.variance;
  }

  private ReferenceTensor tensor(String name) {
    ReferenceTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "unknown tensor '%s'; known: %s".formatted(name, String.join(" ", tensors.keySet())));
    }
    return tensor;
  }

  @Override
  public void rewire(List<Rewiring> changes) {
    changes.forEach(change -> tensor(change.tensor()).rewire(change));
  }

  @Override
  public State snapshot() {
    Map<String, State.Tensor> copies = new HashMap<>();
    tensors.forEach((name, tensor) -> copies.put(name, tensor.snapshot()));
    Map<String, float[]> traces = new HashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (tensor.trace != null) {
            traces.put(name, tensor.trace.clone());
          }
        });
    return new State(optimizerSteps, copies, traces);
  }

  @Override
  public void restore(State state) {
    tensors.forEach((name, tensor) -> tensor.restore(state.tensors().get(name)));
    optimizerSteps = state.optimizerSteps();
    isInStep = false;
    tensors.forEach(
        (name, tensor) -> {
          float[] saved = state.traces().get(name);
          tensor.trace = saved == null ? null : saved.clone();
        });
  }

  private final class Trace implements DenseTrace {
    @Override
    public void keep(double newSmoothing) {
      smoothing = newSmoothing;
      network.prunable().forEach(weight -> tensor(weight.name()).keepTrace());
    }

    @Override
    public Candidates candidates(String name, int most) {
      float[] trace = kept(name);
      return tensor(name).best(position -> trace[position], most);
    }

    @Override
    public float[] read(String name) {
      float[] trace = kept(name);
      long[] positions = tensor(name).connectivity.toPositions();
      float[] result = new float[positions.length];
      for (int i = 0; i < result.length; i++) {
        result[i] = trace[(int) positions[i]];
      }
      return result;
    }

    private float[] kept(String name) {
      float[] trace = tensor(name).trace;
      if (trace == null) {
        throw new IllegalStateException("no gradients of %s are averaged".formatted(name));
      }
      return trace;
    }
  }

  @Override
  public MemoryUse memory() {
    long values = tensors.values().stream().mapToLong(tensor -> tensor.values.length).sum();
    long bytes = values * (2 * Float.BYTES + Double.BYTES + Integer.BYTES);
    return new MemoryUse(bytes, 0, bytes);
  }

  @Override
  public TimeShares timeShares() {
    return new TimeShares(Map.of(), Map.of());
  }

  @Override
  public void close() {}
}
