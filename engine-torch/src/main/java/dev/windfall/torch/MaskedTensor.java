package dev.windfall.torch;

import dev.windfall.engine.Slot;
import dev.windfall.engine.State;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Candidates;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Rewiring;
import dev.windfall.torch.tensor.ElementType;
import dev.windfall.torch.tensor.Scope;
import dev.windfall.torch.tensor.Tensor;
import dev.windfall.torch.tensor.TensorLibrary;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One tensor of the network as a dense one, with its gradient and what the optimizer keeps; all of
 * them are exactly 0 where no connection is. Weights of convolutions have channels fastest in
 * memory. Methods are called in an open scope without recording, or in one that records other
 * tensors only.
 */
final class MaskedTensor implements AutoCloseable {

  private final TensorLibrary library;
  private final Parameter parameter;
  private final Tensor value;
  private final @Nullable Tensor gradient;
  private final @Nullable Tensor momentum;
  private @Nullable Tensor variance;
  private Connectivity connectivity;

  /** 1 where connections exist, in the weight's shape; null where all do. */
  private @Nullable Tensor mask;

  /** Canonical positions of the connections; null where all exist. */
  private @Nullable Tensor positions;

  private @Nullable Candidates candidates;

  /** The average of dense gradients; null where none is kept. */
  private @Nullable Tensor trace;

  /** Dense gradients of the batches so far; null where no collection of candidates goes on. */
  private @Nullable Tensor collected;

  /** A tensor of zeros. */
  MaskedTensor(TensorLibrary library, Scope scope, Parameter parameter, Connectivity connectivity) {
    this.library = library;
    this.parameter = parameter;
    this.connectivity = connectivity;
    value = scope.keep(zeros());
    boolean trained = parameter.role().isTrained();
    gradient = trained ? scope.keep(zeros()) : null;
    momentum = trained ? scope.keep(zeros()) : null;
    setMask(scope);
  }

  private long[] shape() {
    return parameter.shape().stream().mapToLong(Integer::longValue).toArray();
  }

  private Tensor zeros() {
    return arranged(library.zeros(ElementType.FLOAT32, shape()));
  }

  private static Tensor arranged(Tensor tensor) {
    return tensor.shape().length == 4 ? tensor.channelsLast() : tensor;
  }

  private void setMask(Scope scope) {
    freeMask();
    if (connectivity.isDense()) {
      mask = null;
      positions = null;
      return;
    }
    long[] existing = connectivity.toPositions();
    Tensor where = scope.keep(library.of(existing, existing.length));
    Tensor flat = library.zeros(ElementType.FLOAT32, parameter.elements());
    float[] ones = new float[existing.length];
    Arrays.fill(ones, 1);
    flat.setAt(where, library.of(ones, ones.length));
    positions = where;
    mask = scope.keep(arranged(flat.reshaped(shape())).copy());
  }

  private void freeMask() {
    if (mask != null) {
      mask.close();
    }
    if (positions != null) {
      positions.close();
    }
  }

  Parameter parameter() {
    return parameter;
  }

  Connectivity connectivity() {
    return connectivity;
  }

  Tensor value() {
    return value;
  }

  /** Numbers that exist. */
  int count() {
    return Math.toIntExact(connectivity.count());
  }

  /**
   * The tensor of a slot itself.
   *
   * @throws IllegalArgumentException where a statistic is asked for more than its value
   */
  Tensor slot(Slot slot) {
    Tensor found =
        switch (slot) {
          case VALUE -> value;
          case GRADIENT -> gradient;
          case MOMENTUM -> momentum;
          case VARIANCE -> variance;
        };
    if (found == null) {
      throw new IllegalArgumentException(
          parameter.role().isTrained()
              ? parameter.name() + " has no variance: the optimizer has made no step that needs one"
              : parameter.name() + " is a statistic: it has a value only");
    }
    return found;
  }

  /** Takes memory for second moments, of 0, where there is none yet. */
  void keepVariances(Scope scope) {
    if (variance == null) {
      variance = scope.keep(zeros());
    }
  }

  private void freeVariances() {
    if (variance != null) {
      variance.close();
      variance = null;
    }
  }

  /** The existing elements of a tensor of this shape, in connection order. */
  Tensor existing(Tensor dense) {
    Tensor flat = dense.reshaped(parameter.elements());
    return positions == null ? flat : flat.at(positions);
  }

  /** A tensor of this shape with the given numbers, in connection order, at what exists. */
  Tensor dense(Tensor existing) {
    Tensor flat = existing;
    if (positions != null) {
      flat = library.zeros(existing.type(), parameter.elements());
      flat.setAt(positions, existing);
    }
    return arranged(flat.reshaped(shape()));
  }

  float[] read(Slot slot) {
    return existing(slot(slot)).toFloats();
  }

  void write(Slot slot, float[] values) {
    Tensor into = slot(slot);
    if (values.length != count()) {
      throw new IllegalArgumentException(
          "%s has %d values, not %d".formatted(parameter.name(), count(), values.length));
    }
    into.set(dense(library.of(values, values.length)));
  }

  /** Adds a batch's dense gradient where connections exist. */
  void accumulate(Tensor dense) {
    if (mask == null) {
      slot(Slot.GRADIENT).add(dense, 1);
    } else {
      slot(Slot.GRADIENT).addProduct(dense, mask, 1);
    }
  }

  /** Begins an average of gradients at 0 where there is none. */
  void keepTrace(Scope scope) {
    if (trace == null) {
      trace = scope.keep(zeros());
    }
  }

  /** Makes the average that of before times {@code decay} and a dense gradient's share. */
  void average(Tensor dense, double decay, double share) {
    Tensor average = trace();
    average.multiply(decay);
    average.add(dense, share);
  }

  /** The average of dense gradients. */
  private Tensor trace() {
    if (trace == null) {
      throw new IllegalStateException(
          "no gradients of %s are averaged".formatted(parameter.name()));
    }
    return trace;
  }

  /** The best inactive positions by the average of gradients. */
  Candidates bestByTrace(int most) {
    return Candidates.best(connectivity, trace().toFloats(), most);
  }

  /** The average of gradients at the connections, in their order. */
  float[] traceAtConnections() {
    return existing(trace()).toFloats();
  }

  /** A copy of the average by canonical position; null where none is kept. */
  float @Nullable [] copyOfTrace() {
    return trace == null ? null : trace.toFloats();
  }

  /** Takes over such a copy; null: there was none. */
  void restoreTrace(Scope scope, float @Nullable [] saved) {
    if (saved == null) {
      freeTrace();
    } else {
      keepTrace(scope);
      trace().set(library.of(saved, shape()));
    }
  }

  private void freeTrace() {
    if (trace != null) {
      trace.close();
      trace = null;
    }
  }

  /**
   * Adds a batch's dense gradient to those of the batches before it in the same collection of
   * growth candidates; where the collection ends with it, keeps the best inactive positions.
   */
  void collect(Scope scope, Tensor dense, int most, boolean isContinued) {
    Tensor sum = dense;
    if (collected != null) {
      collected.add(dense, 1);
      sum = collected;
    } else if (isContinued) {
      collected = scope.keep(dense.copy());
    }
    if (!isContinued) {
      candidates = Candidates.best(connectivity, sum.toFloats(), most);
      forgetCollection();
    }
  }

  /** Forgets what {@link #collect} found. */
  void clearCandidates() {
    candidates = null;
  }

  /** Ends a collection that goes on. */
  void forgetCollection() {
    if (collected != null) {
      collected.close();
      collected = null;
    }
  }

  /** What {@link #collect} found; null where nothing was asked for. */
  @Nullable Candidates candidates() {
    return candidates;
  }

  /** Sets the gradient to 0 and ends a collection of candidates. */
  void clearGradient() {
    forgetCollection();
    if (gradient != null) {
      gradient.clear();
    }
  }

  /**
   * Refuses a change that cannot be made.
   *
   * @throws IllegalArgumentException where a dropped connection does not exist or a grown one does
   */
  void requireFits(Rewiring change) {
    change.requireFits(parameter.elements(), connectivity::contains);
  }

  /** Drops and grows connections; the gradient is cleared. */
  void rewire(Scope scope, Rewiring change) {
    requireFits(change);
    connectivity =
        Connectivity.ofPositions(
            connectivity.rows(), connectivity.rowLength(), rewired(connectivity, change));
    setMask(scope);
    if (mask != null) {
      value.multiply(mask);
      slot(Slot.MOMENTUM).multiply(mask);
      if (variance != null) {
        variance.multiply(mask);
      }
    }
    clearGradient();
    if (change.grown().length > 0) {
      // The vector is a copy where the weight is not in canonical order in memory.
      Tensor flat = value.reshaped(parameter.elements());
      flat.setAt(
          library.of(change.grown(), change.grown().length),
          library.of(change.grownValues(), change.grown().length));
      value.set(flat.reshaped(shape()));
    }
  }

  private static long[] rewired(Connectivity before, Rewiring change) {
    long[] kept = before.toPositions();
    long[] dropped = change.dropped();
    int size = 0;
    int next = 0;
    for (long position : kept) {
      if (next < dropped.length && dropped[next] == position) {
        next++;
      } else {
        kept[size++] = position;
      }
    }
    long[] result = Arrays.copyOf(kept, size + change.grown().length);
    System.arraycopy(change.grown(), 0, result, size, change.grown().length);
    Arrays.sort(result);
    return result;
  }

  State.Tensor snapshot() {
    return new State.Tensor(
        parameter.isPrunable() ? connectivity : null,
        read(Slot.VALUE),
        momentum == null ? null : read(Slot.MOMENTUM),
        variance == null ? null : read(Slot.VARIANCE));
  }

  /** Takes over a saved tensor that {@link State#requireFits} lets pass. */
  void restore(Scope scope, State.Tensor saved) {
    if (saved.connectivity() != null && !saved.connectivity().equals(connectivity)) {
      connectivity = saved.connectivity();
      setMask(scope);
    }
    write(Slot.VALUE, saved.values());
    if (saved.momentum() != null) {
      write(Slot.MOMENTUM, saved.momentum());
    }
    if (saved.variance() == null) {
      freeVariances();
    } else {
      keepVariances(scope);
      write(Slot.VARIANCE, saved.variance());
    }
    clearGradient();
    clearCandidates();
  }

  /** Bytes that this holds. */
  long bytes() {
    long slots =
        (momentum == null ? 1L : 3L)
            + (variance == null ? 0 : 1)
            + (mask == null ? 0 : 1)
            + (collected == null ? 0 : 1)
            + (trace == null ? 0 : 1);
    return Float.BYTES * slots * parameter.elements()
        + (positions == null ? 0 : (long) Long.BYTES * count());
  }

  @Override
  public void close() {
    value.close();
    if (gradient != null) {
      gradient.close();
    }
    if (momentum != null) {
      momentum.close();
    }
    freeVariances();
    freeTrace();
    freeMask();
    forgetCollection();
  }
}
