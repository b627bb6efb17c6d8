package dev.windfall.sparsity;

import java.util.Arrays;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one tensor that exist: for each row (output channel) the ascending columns
 * (position in (input channel, kernel row, kernel column) order). A connection's canonical position
 * is row · row length + column; its index is its rank among the existing ones in that order.
 *
 * <p>Immutable. A dense tensor is stored as its two extents alone.
 */
public final class Connectivity {

  private static final int MOST_ROWS = Integer.MAX_VALUE - 9;

  private final int rows;
  private final long rowLength;
  private final long @Nullable [] rowStarts;
  private final int @Nullable [] columns;

  private Connectivity(
      int rows, long rowLength, long @Nullable [] rowStarts, int @Nullable [] columns) {
    this.rows = rows;
    this.rowLength = rowLength;
    this.rowStarts = rowStarts;
    this.columns = columns;
  }

  /** Every connection of a tensor with these extents. */
  public static Connectivity dense(int rows, long rowLength) {
    requireExtents(rows, rowLength);
    return new Connectivity(rows, rowLength, null, null);
  }

  /**
   * The connections listed by row.
   *
   * @param rows output channels
   * @param rowLength columns of each row
   * @param rowStarts rows + 1 indices: where each row begins in {@code columns}, and its end
   * @param columns ascending within each row; copied
   * @throws IllegalArgumentException naming the row where the lists are inconsistent
   */
  public static Connectivity of(int rows, long rowLength, long[] rowStarts, int[] columns) {
    return owning(rows, rowLength, rowStarts.clone(), columns.clone());
  }

  /** As {@link #of}, but keeps the arrays, which nobody may change any more. */
  static Connectivity owning(int rows, long rowLength, long[] rowStarts, int[] columns) {
    requireExtents(rows, rowLength);
    requireConsistent(rows, rowLength, rowStarts, columns);
    return columns.length == rows * rowLength
        ? dense(rows, rowLength)
        : new Connectivity(rows, rowLength, rowStarts, columns);
  }

  /**
   * The connections at the given canonical positions.
   *
   * @param positions ascending, each from 0 to below rows · rowLength
   * @throws IllegalArgumentException naming the position that is out of range or out of order
   */
  public static Connectivity ofPositions(int rows, long rowLength, long[] positions) {
    requireExtents(rows, rowLength);
    long[] starts = new long[rows + 1];
    int[] columns = new int[positions.length];
    for (int i = 0; i < positions.length; i++) {
      long row = Math.floorDiv(positions[i], rowLength);
      if (row < 0 || row >= rows || (i > 0 && positions[i - 1] >= positions[i])) {
        throw new IllegalArgumentException(
            "position %d of a tensor of %d×%d is out of range or not in ascending order"
                .formatted(positions[i], rows, rowLength));
      }
      starts[(int) row + 1]++;
      columns[i] = (int) (positions[i] - row * rowLength);
    }
    for (int row = 0; row < rows; row++) {
      starts[row + 1] += starts[row];
    }
    return columns.length == rows * rowLength
        ? dense(rows, rowLength)
        : new Connectivity(rows, rowLength, starts, columns);
  }

  private static void requireExtents(int rows, long rowLength) {
    // Arrays of one entry a row, and one more, must be possible.
    if (rows < 1 || rows > MOST_ROWS || rowLength < 1 || rowLength > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "connectivity of %d rows of %d columns: there can be 1 to %d rows of 1 to %d columns"
              .formatted(rows, rowLength, MOST_ROWS, Integer.MAX_VALUE));
    }
  }

  private static void requireConsistent(int rows, long rowLength, long[] rowStarts, int[] columns) {
    if (rowStarts.length != rows + 1 || rowStarts[0] != 0 || rowStarts[rows] != columns.length) {
      throw new IllegalArgumentException(
          "connectivity of %d rows and %d connections: row starts must be %d, from 0 to %d"
              .formatted(rows, columns.length, rows + 1, columns.length));
    }
    for (int row = 0; row < rows; row++) {
      if (rowStarts[row] > rowStarts[row + 1]) {
        throw new IllegalArgumentException("connectivity: row " + row + " ends before it starts");
      }
    }
    for (int row = 0; row < rows; row++) {
      long previous = -1;
      for (long i = rowStarts[row]; i < rowStarts[row + 1]; i++) {
        int column = columns[(int) i];
        if (column <= previous || column >= rowLength) {
          throw new IllegalArgumentException(
              "connectivity: row %d has column %d after %d; columns ascend from 0 to %d"
                  .formatted(row, column, previous, rowLength - 1));
        }
        previous = column;
      }
    }
  }

  /** Output channels. */
  public int rows() {
    return rows;
  }

  /** Columns of each row: what the row would hold if it were dense. */
  public long rowLength() {
    return rowLength;
  }

  /** Positions of the dense tensor: rows · row length. */
  public long positions() {
    return rows * rowLength;
  }

  /** Connections that exist. */
  public long count() {
    return rowStart(rows);
  }

  /** Whether every connection exists. */
  public boolean isDense() {
    return columns == null;
  }

  /** The share of connections that exist, in [0, 1]. */
  public double density() {
    return (double) count() / positions();
  }

  /**
   * The index of a row's first connection.
   *
   * @param row from 0 to {@link #rows()}; the latter gives the end of the last row
   */
  public long rowStart(int row) {
    return rowStarts == null ? row * rowLength : rowStarts[row];
  }

  /**
   * The column of a connection.
   *
   * @param index from 0 to below {@link #count()}
   */
  public int column(long index) {
    return columns == null ? (int) (index % rowLength) : columns[(int) index];
  }

  /** Copies a row's columns into an array, from {@code offset}; returns how many. */
  public int copyRow(int row, int[] into, int offset) {
    int length = (int) (rowStart(row + 1) - rowStart(row));
    if (columns != null) {
      System.arraycopy(columns, (int) rowStart(row), into, offset, length);
    } else {
      for (int column = 0; column < length; column++) {
        into[offset + column] = column;
      }
    }
    return length;
  }

  /** Whether the connection at a canonical position exists. */
  public boolean contains(long position) {
    return indexOf(position) >= 0;
  }

  /**
   * The index of the connection at a canonical position, or −1 − the index that it would have.
   *
   * @param position from 0 to below {@link #positions()}
   */
  public long indexOf(long position) {
    if (position < 0 || position >= positions()) {
      throw new IllegalArgumentException(
          "position %d of a tensor of %d×%d".formatted(position, rows, rowLength));
    }
    if (columns == null) {
      return position;
    }
    int row = (int) (position / rowLength);
    return Arrays.binarySearch(
        columns, (int) rowStart(row), (int) rowStart(row + 1), (int) (position % rowLength));
  }

  /**
   * The canonical position of a connection.
   *
   * @param index from 0 to below {@link #count()}
   */
  public long position(long index) {
    if (index < 0 || index >= count()) {
      throw new IllegalArgumentException("connection %d of %d".formatted(index, count()));
    }
    int row = lastRow(before -> rowStart(before) <= index);
    return row * rowLength + column(index);
  }

  /**
   * The canonical position of a connection that does not exist.
   *
   * @param rank among those in ascending order, from 0 to below {@link #positions()} − {@link
   *     #count()}
   */
  long inactivePosition(long rank) {
    int row = lastRow(before -> before * rowLength - rowStart(before) <= rank);
    long left = rank - (row * rowLength - rowStart(row));
    // The active columns c_0 < c_1 < … of the row have c_i - i inactive ones before them.
    long low = rowStart(row);
    long high = rowStart(row + 1);
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (column(middle) - (middle - rowStart(row)) <= left) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return row * rowLength + left + (low - rowStart(row));
  }

  /** The last row for which a condition holds that holds for row 0, and for none after one not. */
  private int lastRow(IntPredicate holds) {
    int low = 0;
    int high = rows - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (holds.test(middle)) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** The canonical positions of all connections, ascending. */
  public long[] toPositions() {
    long[] result = new long[Math.toIntExact(count())];
    for (int row = 0; row < rows; row++) {
      for (long i = rowStart(row); i < rowStart(row + 1); i++) {
        result[(int) i] = row * rowLength + column(i);
      }
    }
    return result;
  }

  /**
   * The connections that exist here or there. Takes time and memory proportional to both.
   *
   * @throws IllegalArgumentException where the other is of a tensor with other extents
   */
  public Connectivity union(Connectivity other) {
    if (other.rows != rows || other.rowLength != rowLength) {
      throw new IllegalArgumentException("a union of %s and %s".formatted(this, other));
    }
    if (isDense() || other.isDense()) {
      return dense(rows, rowLength);
    }
    long[] starts = new long[rows + 1];
    int[] merged = new int[Math.toIntExact(Math.min(count() + other.count(), positions()))];
    int size = 0;
    for (int row = 0; row < rows; row++) {
      long here = rowStart(row);
      long there = other.rowStart(row);
      while (here < rowStart(row + 1) || there < other.rowStart(row + 1)) {
        long own = here < rowStart(row + 1) ? column(here) : rowLength;
        long foreign = there < other.rowStart(row + 1) ? other.column(there) : rowLength;
        merged[size++] = (int) Math.min(own, foreign);
        here += own <= foreign ? 1 : 0;
        there += foreign <= own ? 1 : 0;
      }
      starts[row + 1] = size;
    }
    return owning(rows, rowLength, starts, Arrays.copyOf(merged, size));
  }

  /**
   * The connections but for some.
   *
   * @param dropped their indices, ascending
   * @throws IllegalArgumentException where one is out of range or out of order
   */
  public Connectivity without(int[] dropped) {
    int kept = Math.toIntExact(count()) - dropped.length;
    long[] starts = new long[rows + 1];
    int[] left = new int[Math.max(0, kept)];
    int size = 0;
    int next = 0;
    for (int row = 0; row < rows; row++) {
      for (long i = rowStart(row); i < rowStart(row + 1); i++) {
        if (next < dropped.length && dropped[next] == i) {
          next++;
        } else if (size < left.length) {
          left[size++] = column(i);
        }
      }
      starts[row + 1] = size;
    }
    if (next < dropped.length) {
      throw new IllegalArgumentException(
          "dropped connection %d is none of %s, or out of order".formatted(dropped[next], this));
    }
    return owning(rows, rowLength, starts, left);
  }

  /**
   * Where these connections are among others. Takes time proportional to both.
   *
   * @param others that include all of these
   * @return for each of these its index among the others, ascending
   * @throws IllegalArgumentException naming a position that is none of the others
   */
  public int[] indicesIn(Connectivity others) {
    if (others.rows != rows || others.rowLength != rowLength) {
      throw new IllegalArgumentException("connections %s among %s".formatted(this, others));
    }
    int[] indices = new int[Math.toIntExact(count())];
    for (int row = 0; row < rows; row++) {
      long there = others.rowStart(row);
      for (long i = rowStart(row); i < rowStart(row + 1); i++) {
        while (there < others.rowStart(row + 1) && others.column(there) < column(i)) {
          there++;
        }
        if (there == others.rowStart(row + 1) || others.column(there) != column(i)) {
          throw new IllegalArgumentException(
              "position %d is none of %s".formatted(row * rowLength + column(i), others));
        }
        indices[(int) i] = Math.toIntExact(there);
      }
    }
    return indices;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Connectivity that
        && rows == that.rows
        && rowLength == that.rowLength
        && Arrays.equals(rowStarts, that.rowStarts)
        && Arrays.equals(columns, that.columns);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * rows + Long.hashCode(rowLength)) + Arrays.hashCode(columns);
  }

  /** For example {@code 6451 of 64×576}. */
  @Override
  public String toString() {
    return count() + " of " + rows + "×" + rowLength;
  }
}
