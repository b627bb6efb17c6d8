package dev.windfall.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.windfall.engine.Batch;
import dev.windfall.engine.BatchResult;
import dev.windfall.engine.DenseTrace;
import dev.windfall.engine.Growth;
import dev.windfall.engine.LayerOutput;
import dev.windfall.engine.MemoryUse;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.OutputInspection;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.engine.Slot;
import dev.windfall.engine.State;
import dev.windfall.engine.TimeShares;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.sparsity.Candidates;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Rewiring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A network in training on the vector engine. */
final class VectorSession implements Session {

  /** Positions of a weight whose gradients can be averaged. */
  private static final long MOST_TRACED = Integer.MAX_VALUE - 16;

  private final Network network;
  private final SessionOptions options;
  private final Plan plan;
  private final Arena arena;
  private final Machine machine;
  private final TensorStore store;
  private final long activationBytes;
  private long peakBytes;

  private VectorSession(
      Network network, SessionOptions options, Plan plan, Arena arena, Machine machine) {
    this.network = network;
    this.options = options;
    this.plan = plan;
    this.arena = arena;
    this.machine = machine;
    this.store = new TensorStore(network, plan.weights(), plan.parameters());
    this.activationBytes = machine.memory().byteSize() + plan.sumBytes();
  }

  static VectorSession open(
      Network network,
      Map<String, Connectivity> connectivity,
      SessionOptions options,
      Kernels kernels) {
    Plan plan = Planner.plan(network, connectivity, options);
    int padded = Geometry.of(Shape.features(1), 0).blocks(options.batchSize());
    long liveLanes =
        plan.memory().reserve((long) padded * Geometry.LANES * Geometry.TILE * Float.BYTES);
    long scratch = plan.memory().reserve(plan.scratchBytes() * options.threads());
    Arena arena = Arena.ofShared();
    MemorySegment memory = WorkMemory.allocate(arena, plan.memory().bytes());
    Machine machine =
        new Machine(
            memory,
            kernels,
            new Crew(options.threads()),
            new Stopwatch(),
            liveLanes,
            scratch,
            plan.scratchBytes());
    VectorSession session = new VectorSession(network, options, plan, arena, machine);
    session.store.initialize(options.initialization(), options.seed());
    session.notePeak(0);
    return session;
  }

  @Override
  public BatchResult accumulate(
      Batch batch, Objective objective, Mode mode, double scale, Growth growth) {
    batch.requireFits(network, options.batchSize());
    growth.candidates().keySet().forEach(store::weights);
    forEachConvolution(convolution -> begin(convolution, mode, growth));
    Pass pass = new Pass(machine, batch.count(), mode, batch.step(), batch.sampleIds(), growth);
    forward(pass, batch);
    BatchResult result = plan.loss().run(pass, batch, objective, scale);
    if (mode != Mode.EVALUATE) {
      for (Operation operation : plan.operations().reversed()) {
        machine.stopwatch().time(operation.backwardKind(), () -> operation.backward(pass));
      }
    }
    if (growth.isContinued()) {
      notePeak(0);
    }
    return result;
  }

  /**
   * Forgets the last batch's candidates, and its sums where this batch does not go on with them.
   */
  private static void begin(ConvolutionOperation convolution, Mode mode, Growth growth) {
    convolution.growthSearch().clear();
    if (mode == Mode.EVALUATE || convolution.wanted(growth) == 0) {
      convolution.growthSearch().forgetSums();
    }
  }

  private void forward(Pass pass, Batch batch) {
    setLiveLanes(batch.count());
    machine.stopwatch().time("input", () -> plan.input().run(pass, batch.input()));
    for (Operation operation : plan.operations()) {
      machine.stopwatch().time(operation.kind(), operation.layer(), () -> operation.forward(pass));
    }
  }

  @Override
  public <T> Optional<T> capability(Class<T> type) {
    OutputInspection inspection = this::inspect;
    if (type == OutputInspection.class) {
      return Optional.of(type.cast(inspection));
    }
    return type == DenseTrace.class ? Optional.of(type.cast(new Trace())) : Optional.empty();
  }

  private List<LayerOutput> inspect(Batch batch, Mode mode, float small) {
    if (mode == Mode.TRAIN) {
      throw new IllegalArgumentException("a look at outputs changes nothing: not in mode TRAIN");
    }
    batch.requireFits(network, options.batchSize());
    Pass pass =
        new Pass(machine, batch.count(), mode, batch.step(), batch.sampleIds(), Growth.NONE);
    setLiveLanes(batch.count());
    plan.input().run(pass, batch.input());
    List<LayerOutput> outputs = new ArrayList<>();
    for (Operation operation : plan.operations()) {
      operation.forward(pass);
      Plan.Result result = plan.results().get(operation);
      if (result != null) {
        outputs.add(OutputCount.of(pass, result.layer(), result.output().data(), small));
      }
    }
    return outputs;
  }

  private void setLiveLanes(int samples) {
    int padded =
        Geometry.of(Shape.features(1), 0).blocks(options.batchSize())
            * Geometry.LANES
            * Geometry.TILE;
    for (int sample = 0; sample < padded; sample++) {
      machine.memory().set(JAVA_FLOAT, machine.liveLanes() + 4L * sample, sample < samples ? 1 : 0);
    }
  }

  @Override
  public float[] logits(Batch batch, Mode mode) {
    batch.requireFits(network, options.batchSize());
    Pass pass =
        new Pass(machine, batch.count(), mode, batch.step(), batch.sampleIds(), Growth.NONE);
    forward(pass, batch);
    int classes = plan.loss().classes();
    float[] result = new float[batch.count() * classes];
    double[] row = new double[classes];
    for (int sample = 0; sample < batch.count(); sample++) {
      plan.loss().read(pass, sample, row);
      for (int c = 0; c < classes; c++) {
        result[sample * classes + c] = (float) row[c];
      }
    }
    return result;
  }

  @Override
  public void apply(OptimizerStep step) {
    endStep();
    machine
        .stopwatch()
        .time("optimizer", () -> store.step(step, machine.kernels(), machine.crew()));
    notePeak(0);
  }

  @Override
  public double gradientNorm() {
    return store.gradientNorm(machine.crew());
  }

  @Override
  public void scaleGradient(double factor) {
    store.scaleGradients(factor, machine.crew());
  }

  @Override
  public void clearGradient() {
    endStep();
    store.clearGradients();
  }

  private void endStep() {
    forEachConvolution(
        convolution -> {
          convolution.growthSearch().forgetSums();
          convolution.trace().endStep();
        });
  }

  @Override
  public Candidates candidates(String tensor) {
    Candidates found = convolution(tensor).growthSearch().found();
    if (found == null) {
      throw new IllegalStateException(
          "the last batch collected no growth candidates for " + tensor);
    }
    return found;
  }

  /** The operation of a weight. */
  private ConvolutionOperation convolution(String tensor) {
    SparseWeights wanted = store.weights(tensor);
    for (Operation operation : plan.operations()) {
      if (operation instanceof ConvolutionOperation convolution
          && convolution.weights() == wanted) {
        return convolution;
      }
    }
    throw new IllegalStateException("no operation has the weight " + tensor);
  }

  /** The average of dense gradients, kept by each weight's operation. */
  private final class Trace implements DenseTrace {
    @Override
    public void keep(double smoothing) {
      for (Parameter weight : network.prunable()) {
        if (weight.elements() > MOST_TRACED) {
          throw new IllegalArgumentException(
              "%s has %d positions; the vector engine averages the gradients of up to %d"
                  .formatted(weight.name(), weight.elements(), MOST_TRACED));
        }
      }
      forEachConvolution(convolution -> convolution.trace().keep(smoothing));
      notePeak(0);
    }

    @Override
    public Candidates candidates(String tensor, int most) {
      return convolution(tensor).trace().best(machine.crew(), most);
    }

    @Override
    public float[] read(String tensor) {
      return convolution(tensor).trace().atConnections();
    }
  }

  private void forEachConvolution(Consumer<ConvolutionOperation> action) {
    for (Operation operation : plan.operations()) {
      if (operation instanceof ConvolutionOperation convolution) {
        action.accept(convolution);
      }
    }
  }

  @Override
  public Connectivity connectivity(String tensor) {
    return store.weights(tensor).connectivity();
  }

  @Override
  public float[] read(String tensor, Slot slot) {
    return store.slot(tensor, slot).clone();
  }

  @Override
  public void write(String tensor, Slot slot, float[] values) {
    float[] into = store.slot(tensor, slot);
    if (into.length != values.length) {
      throw new IllegalArgumentException(
          "%s has %d values, not %d".formatted(tensor, into.length, values.length));
    }
    System.arraycopy(values, 0, into, 0, values.length);
  }

  @Override
  public void rewire(List<Rewiring> changes) {
    changes.forEach(change -> store.weights(change.tensor()).requireFits(change));
    for (Rewiring change : changes) {
      SparseWeights weights = store.weights(change.tensor());
      long before = weights.bytes();
      weights.rewire(change);
      notePeak(before);
    }
  }

  @Override
  public State snapshot() {
    Map<String, float[]> traces = new LinkedHashMap<>();
    forEachConvolution(
        convolution -> {
          float @Nullable [] average = convolution.trace().copy();
          if (average != null) {
            traces.put(convolution.weights().parameter().name(), average);
          }
        });
    return store.snapshot(traces);
  }

  @Override
  public void restore(State state) {
    store.restore(state);
    endStep();
    forEachConvolution(
        convolution ->
            convolution
                .trace()
                .replace(state.traces().get(convolution.weights().parameter().name())));
    notePeak(0);
  }

  private void notePeak(long besides) {
    MemoryUse now = memory();
    peakBytes = Math.max(peakBytes, now.weightsAndState() + now.activations() + besides);
  }

  @Override
  public MemoryUse memory() {
    long sums =
        plan.operations().stream()
            .mapToLong(
                operation ->
                    operation instanceof ConvolutionOperation convolution
                        ? convolution.growthSearch().bytes() + convolution.trace().bytes()
                        : 0)
            .sum();
    long weights = store.bytes() + plan.transposedValues().bytes() + sums;
    return new MemoryUse(weights, activationBytes, Math.max(peakBytes, weights + activationBytes));
  }

  @Override
  public TimeShares timeShares() {
    return machine.stopwatch().shares();
  }

  @Override
  public void close() {
    machine.crew().close();
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
