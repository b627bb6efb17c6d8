package dev.windfall.torch;

import dev.windfall.engine.Batch;
import dev.windfall.engine.BatchResult;
import dev.windfall.engine.DenseTrace;
import dev.windfall.engine.Growth;
import dev.windfall.engine.MemoryUse;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.SecondOrder;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.engine.Slot;
import dev.windfall.engine.State;
import dev.windfall.engine.TimeShares;
import dev.windfall.network.Network;
import dev.windfall.sparsity.Candidates;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Rewiring;
import dev.windfall.torch.tensor.ElementType;
import dev.windfall.torch.tensor.Scope;
import dev.windfall.torch.tensor.Tensor;
import dev.windfall.torch.tensor.TensorLibrary;
import dev.windfall.torch.tensor.TensorLibrary.Recording;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** A network in training on the torch engine. */
final class TorchSession implements Session {

  private final TensorLibrary library;
  private final Network network;
  private final SessionOptions options;
  private final TensorStore store;
  private final Map<String, Long> nanoseconds = new LinkedHashMap<>();
  private final long activationBytes;
  private long peakBytes;
  private boolean isClosed;

  private TorchSession(
      TensorLibrary library, Network network, SessionOptions options, TensorStore store) {
    this.library = library;
    this.network = network;
    this.options = options;
    this.store = store;
    // Every node's result and its gradient, for the largest batch.
    long elements =
        network.input().elements()
            + 2 * network.nodes().stream().mapToLong(node -> node.output().elements()).sum();
    this.activationBytes = Float.BYTES * elements * options.batchSize();
    notePeak();
  }

  static TorchSession open(
      TensorLibrary library,
      Network network,
      Map<String, Connectivity> connectivity,
      SessionOptions options) {
    library.useThreads(options.threads());
    try (Scope scope = library.openScope(Recording.OFF)) {
      TensorStore store = TensorStore.of(library, scope, network, connectivity);
      store.initialize(options.initialization(), options.seed());
      return new TorchSession(library, network, options, store);
    }
  }

  /** Works in a scope of its own; whatever it makes is freed at its end. */
  private <T> T inScope(Recording recording, Function<Scope, T> work) {
    if (isClosed) {
      throw new IllegalStateException("the session of network " + network.name() + " is closed");
    }
    library.useThreads(options.threads());
    try (Scope scope = library.openScope(recording)) {
      return work.apply(scope);
    }
  }

  private void time(String kind, Runnable work) {
    long start = System.nanoTime();
    work.run();
    nanoseconds.merge(kind, System.nanoTime() - start, Long::sum);
  }

  @Override
  public BatchResult accumulate(
      Batch batch, Objective objective, Mode mode, double scale, Growth growth) {
    batch.requireFits(network, options.batchSize());
    growth.candidates().keySet().forEach(store::weight);
    Recording recording = mode == Mode.EVALUATE ? Recording.OFF : Recording.ON;
    return inScope(
        recording,
        scope -> {
          store.begin(mode == Mode.EVALUATE ? Map.of() : growth.candidates());
          Map<String, Tensor> leaves =
              mode == Mode.EVALUATE ? Map.of() : store.leaves(UnaryOperator.identity());
          Tensor logits = pass(batch, mode, leaves).logits(this::time);
          Tensor[] loss = new Tensor[1];
          time("loss", () -> loss[0] = Loss.of(library, logits, batch, objective));
          if (mode != Mode.EVALUATE) {
            backward(scope, loss[0].times(scale), leaves, mode, growth);
          }
          int correct = Loss.correct(logits.toFloats(), batch);
          return new BatchResult(loss[0].toDouble(), correct, batch.count());
        });
  }

  private ForwardPass pass(Batch batch, Mode mode, Map<String, Tensor> leaves) {
    Map<String, Tensor> tensors = store.values();
    tensors.putAll(leaves);
    return new ForwardPass(
        library, network, tensors, ElementType.FLOAT32, options.seed(), batch, mode, true);
  }

  private void backward(
      Scope scope, Tensor loss, Map<String, Tensor> leaves, Mode mode, Growth growth) {
    List<String> names = List.copyOf(leaves.keySet());
    List<Tensor> by = names.stream().map(leaves::get).map(Tensor.class::cast).toList();
    time(
        "backward",
        () -> {
          List<Tensor> gradients = library.gradients(loss, by, false);
          Map<String, Tensor> byName = new LinkedHashMap<>();
          for (int i = 0; i < by.size(); i++) {
            byName.put(names.get(i), gradients.get(i));
            store.tensor(names.get(i)).accumulate(gradients.get(i));
            int wanted = growth.candidates().getOrDefault(names.get(i), 0);
            if (wanted > 0) {
              store
                  .tensor(names.get(i))
                  .collect(scope, gradients.get(i), wanted, growth.isContinued());
            }
          }
          if (mode == Mode.TRAIN) {
            store.addToTraces(byName);
          }
        });
    if (growth.isContinued()) {
      notePeak();
    }
  }

  @Override
  public float[] logits(Batch batch, Mode mode) {
    batch.requireFits(network, options.batchSize());
    return inScope(
        Recording.OFF, scope -> pass(batch, mode, Map.of()).logits(this::time).toFloats());
  }

  @Override
  public void apply(OptimizerStep step) {
    inScope(
        Recording.OFF,
        scope -> {
          time("optimizer", () -> store.step(scope, step));
          return true;
        });
    notePeak();
  }

  @Override
  public double gradientNorm() {
    return inScope(Recording.OFF, scope -> store.gradientNorm());
  }

  @Override
  public void scaleGradient(double factor) {
    inScope(
        Recording.OFF,
        scope -> {
          store.scaleGradients(factor);
          return true;
        });
  }

  @Override
  public void clearGradient() {
    inScope(
        Recording.OFF,
        scope -> {
          store.clearGradients();
          return true;
        });
  }

  @Override
  public Candidates candidates(String tensor) {
    Candidates found = store.weight(tensor).candidates();
    if (found == null) {
      throw new IllegalStateException(
          "the last batch collected no growth candidates for " + tensor);
    }
    return found;
  }

  @Override
  public Connectivity connectivity(String tensor) {
    return store.weight(tensor).connectivity();
  }

  @Override
  public float[] read(String tensor, Slot slot) {
    return inScope(Recording.OFF, scope -> store.tensor(tensor).read(slot));
  }

  @Override
  public void write(String tensor, Slot slot, float[] values) {
    inScope(
        Recording.OFF,
        scope -> {
          store.tensor(tensor).write(slot, values);
          return true;
        });
  }

  @Override
  public void rewire(List<Rewiring> changes) {
    changes.forEach(change -> store.weight(change.tensor()).requireFits(change));
    inScope(
        Recording.OFF,
        scope -> {
          changes.forEach(change -> store.weight(change.tensor()).rewire(scope, change));
          return true;
        });
    notePeak();
  }

  @Override
  public State snapshot() {
    return inScope(Recording.OFF, scope -> store.snapshot());
  }

  @Override
  public void restore(State state) {
    inScope(
        Recording.OFF,
        scope -> {
          store.restore(scope, state);
          return true;
        });
    notePeak();
  }

  @Override
  public <T> Optional<T> capability(Class<T> type) {
    if (type == SecondOrder.class) {
      return Optional.of(type.cast(secondOrder()));
    }
    return type == DenseTrace.class ? Optional.of(type.cast(new Trace())) : Optional.empty();
  }

  /** The average of dense gradients. */
  private final class Trace implements DenseTrace {
    @Override
    public void keep(double smoothing) {
      inScope(
          Recording.OFF,
          scope -> {
            store.average(scope, smoothing);
            return true;
          });
      notePeak();
    }

    @Override
    public Candidates candidates(String tensor, int most) {
      return inScope(Recording.OFF, scope -> store.weight(tensor).bestByTrace(most));
    }

    @Override
    public float[] read(String tensor) {
      return inScope(Recording.OFF, scope -> store.weight(tensor).traceAtConnections());
    }
  }

  private SecondOrder secondOrder() {
    TorchSecondOrder.Recorder recorder =
        new TorchSecondOrder.Recorder() {
          @Override
          public <R> R record(Supplier<R> work) {
            return inScope(Recording.ON, scope -> work.get());
          }
        };
    return new TorchSecondOrder(
        recorder,
        batch -> batch.requireFits(network, options.batchSize()),
        library,
        network,
        store,
        options.seed());
  }

  private void notePeak() {
    peakBytes = Math.max(peakBytes, store.bytes() + activationBytes);
  }

  @Override
  public MemoryUse memory() {
    return new MemoryUse(store.bytes(), activationBytes, peakBytes);
  }

  @Override
  public TimeShares timeShares() {
    // The library goes backward through all layers in one call.
    return new TimeShares(new LinkedHashMap<>(nanoseconds), Map.of());
  }

  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      store.close();
    }
  }
}
