package dev.windfall.vector;

import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Rewiring;
import java.util.Arrays;

/**
 * A weight tensor stored by its connections: for each, the offset of its input pixel, its value,
 * gradient and velocity, a second moment where the optimizer wants one, and the transposed pattern
 * that the input gradient runs on. Rows are output channels, connections in canonical order.
 * Nothing here is as large as the dense tensor.
 */
final class SparseWeights {

  private static final float[] NONE = {};

  private static final int MAX_CONNECTIONS = Integer.MAX_VALUE - 16;

  private final Parameter parameter;
  private final InputWindow window;
  private final Geometry gradient;
  private int[] starts;
  private int[] offsets;
  private float[] values;
  private float[] gradients;
  private float[] momenta;
  private float[] variances = NONE;
  private ColumnBlocks bounds;
  private TransposedPattern transposed;

  /**
   * Weights without values.
   *
   * @param window how a column finds its input pixel
   * @param gradient geometry of the output's gradient
   */
  SparseWeights(
      Parameter parameter, InputWindow window, Geometry gradient, Connectivity connectivity) {
    this.parameter = parameter;
    this.window = window;
    this.gradient = gradient;
    int count = requireFits(parameter, connectivity);
    starts = new int[parameter.rows() + 1];
    offsets = new int[count];
    values = new float[count];
    gradients = new float[count];
    momenta = new float[count];
    setConnections(connectivity);
    bounds = boundsOf();
    transposed = TransposedPattern.of(window, gradient, starts, offsets);
  }

  private ColumnBlocks boundsOf() {
    return window.geometry().vector()
        ? ColumnBlocks.single(starts)
        : ColumnBlocks.of(
            starts, window.geometry().channels(), k -> window.channel(offsets[k]), window.kernel());
  }

  private void setConnections(Connectivity connectivity) {
    for (int row = 0; row < parameter.rows(); row++) {
      starts[row] = (int) connectivity.rowStart(row);
      connectivity.copyRow(row, offsets, starts[row]);
    }
    starts[parameter.rows()] = offsets.length;
    for (int row = 0; row < parameter.rows(); row++) {
      for (int k = starts[row]; k < starts[row + 1]; k++) {
        offsets[k] = window.offset(row / groupRows(), offsets[k]);
      }
    }
  }

  /** Replaces everything, with no variances where those are empty; the gradients are cleared. */
  void replace(
      Connectivity connectivity, float[] newValues, float[] newMomenta, float[] newVariances) {
    int count = requireFits(parameter, connectivity);
    offsets = new int[count];
    values = newValues.clone();
    gradients = new float[count];
    momenta = newMomenta.clone();
    variances = newVariances.clone();
    setConnections(connectivity);
    bounds = boundsOf();
    transposed = TransposedPattern.of(window, gradient, starts, offsets);
  }

  private static int requireFits(Parameter parameter, Connectivity connectivity) {
    if (connectivity.rows() != parameter.rows()
        || connectivity.rowLength() != parameter.rowLength()) {
      throw new IllegalArgumentException(
          "%s is %d×%d; its connectivity is for %d×%d"
              .formatted(
                  parameter.name(),
                  parameter.rows(),
                  parameter.rowLength(),
                  connectivity.rows(),
                  connectivity.rowLength()));
    }
    if (connectivity.count() > MAX_CONNECTIONS) {
      throw new IllegalArgumentException(
          "%s has %d connections; the vector engine holds up to %d per tensor"
              .formatted(parameter.name(), connectivity.count(), MAX_CONNECTIONS));
    }
    return (int) connectivity.count();
  }

  Parameter parameter() {
    return parameter;
  }

  int rows() {
    return parameter.rows();
  }

  /** Rows of a group: all of them but in a grouped convolution. */
  int groupRows() {
    return rows() / window.groups();
  }

  int count() {
    return offsets.length;
  }

  boolean isDense() {
    return count() == parameter.elements();
  }

  int[] starts() {
    return starts;
  }

  float[] values() {
    return values;
  }

  float[] gradients() {
    return gradients;
  }

  /** What its steps read and write. */
  OptimizerSlots slots() {
    return new OptimizerSlots(values, gradients, momenta, variances);
  }

  /** Takes memory for second moments, of 0, where there is none yet. */
  void keepVariances() {
    if (variances.length == 0) {
      variances = new float[count()];
    }
  }

  TransposedPattern transposed() {
    return transposed;
  }

  InputWindow window() {
    return window;
  }

  /** The rows as the forward kernel reads them. */
  Kernels.SparseRows forwardRows() {
    return new Kernels.SparseRows(bounds, offsets, values);
  }

  /** The column of a connection. */
  int column(int index) {
    return window.column(offsets[index]);
  }

  /** The first connection of a row at or behind a column; the row's end where there is none. */
  int firstFrom(int row, int column) {
    int low = starts[row];
    int high = starts[row + 1];
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (column(middle) < column) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private boolean contains(long position) {
    int row = (int) (position / parameter.rowLength());
    int column = (int) (position % parameter.rowLength());
    int index = firstFrom(row, column);
    return index < starts[row + 1] && column(index) == column;
  }

  /** The connections, in a form of their own. */
  Connectivity connectivity() {
    if (isDense()) {
      return Connectivity.dense(rows(), parameter.rowLength());
    }
    long[] rowStarts = new long[starts.length];
    Arrays.setAll(rowStarts, row -> starts[row]);
    int[] columns = new int[count()];
    Arrays.setAll(columns, this::column);
    return Connectivity.of(rows(), parameter.rowLength(), rowStarts, columns);
  }

  /**
   * Refuses a change that cannot be made.
   *
   * @throws IllegalArgumentException where a dropped connection does not exist or a grown one does
   */
  void requireFits(Rewiring change) {
    change.requireFits(parameter.elements(), this::contains);
  }

  /** Drops and grows connections, as {@link #requireFits} allows; the gradients are cleared. */
  void rewire(Rewiring change) {
    requireFits(change);
    long length = parameter.rowLength();
    int count = count() - change.dropped().length + change.grown().length;
    int[] newStarts = new int[starts.length];
    int[] newOffsets = new int[count];
    float[] newValues = new float[count];
    float[] newMomenta = new float[count];
    float[] newVariances = variances.length == 0 ? NONE : new float[count];
    int dropped = 0;
    int grown = 0;
    int written = 0;
    for (int row = 0; row < rows(); row++) {
      newStarts[row] = written;
      long rowEnd = (row + 1) * length;
      for (int k = starts[row]; k <= starts[row + 1]; k++) {
        long position = k < starts[row + 1] ? row * length + column(k) : rowEnd;
        while (grown < change.grown().length && change.grown()[grown] < position) {
          newOffsets[written] =
              window.offset(row / groupRows(), (int) (change.grown()[grown] - row * length));
          newValues[written++] = change.grownValues()[grown++];
        }
        if (position == rowEnd) {
          break;
        }
        if (dropped < change.dropped().length && change.dropped()[dropped] == position) {
          dropped++;
        } else {
          newOffsets[written] = offsets[k];
          newValues[written] = values[k];
          if (newVariances.length > 0) {
            newVariances[written] = variances[k];
          }
          newMomenta[written++] = momenta[k];
        }
      }
    }
    newStarts[rows()] = written;
    starts = newStarts;
    offsets = newOffsets;
    values = newValues;
    momenta = newMomenta;
    variances = newVariances;
    gradients = new float[count];
    bounds = boundsOf();
    transposed = TransposedPattern.of(window, gradient, starts, offsets);
  }

  /** Bytes that this holds. */
  long bytes() {
    return 16L * count()
        + 4L * variances.length
        + 4L * starts.length
        + bounds.bytes()
        + transposed.bytes();
  }
}
