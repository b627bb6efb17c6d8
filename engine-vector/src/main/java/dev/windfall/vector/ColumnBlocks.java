package dev.windfall.vector;

import java.util.function.IntUnaryOperator;

/**
 * Where each row's connections cross from one block of columns into the next. Columns ascend in a
 * row, so a block's part of a row is consecutive, and working block by block changes no order of
 * summation: it only keeps the inputs of one block in the first-level cache while all rows pass.
 *
 * @param rows of the matrix
 * @param blocks of columns
 * @param bounds for block b and row r at {@code b * rows + r}: the first connection of the row that
 *     is not before the block; after the last block, the rows' ends
 */
record ColumnBlocks(int rows, int blocks, int[] bounds) {

  /**
   * With fewer connections than this in a block's part of a row, loading and storing the outputs
   * once more costs more than the cache saves.
   */
  private static final int FEWEST_CONNECTIONS = 12;

  /** A window of fewer blocks than this is near enough in the second-level cache. */
  private static final int FEWEST_BLOCKS = 8;

  /** Pixels of the input that a block's tile may touch: 30 KiB of a first-level cache. */
  private static final int WINDOW_PIXELS = 480;

  /** All columns in one block. */
  static ColumnBlocks single(int[] starts) {
    int rows = starts.length - 1;
    int[] bounds = new int[2 * rows];
    System.arraycopy(starts, 0, bounds, 0, rows);
    System.arraycopy(starts, 1, bounds, rows, rows);
    return new ColumnBlocks(rows, 1, bounds);
  }

  /**
   * Blocks of channels that keep a tile's window in the cache, or a single block where they would
   * hold too few connections.
   *
   * @param starts where each row begins, and the end
   * @param channels that the columns fall into
   * @param channelOf the channel of a connection; ascends within a row
   * @param kernel rows and columns of the kernel
   */
  static ColumnBlocks of(int[] starts, int channels, IntUnaryOperator channelOf, int kernel) {
    int rows = starts.length - 1;
    int perChannel = kernel * (Geometry.TILE + kernel - 1);
    int size = Math.max(1, WINDOW_PIXELS / perChannel);
    int blocks = Math.ceilDiv(channels, size);
    if (blocks < FEWEST_BLOCKS || starts[rows] < (long) FEWEST_CONNECTIONS * rows * blocks) {
      return single(starts);
    }
    int[] bounds = new int[(blocks + 1) * rows];
    for (int row = 0; row < rows; row++) {
      int connection = starts[row];
      for (int block = 0; block < blocks; block++) {
        bounds[block * rows + row] = connection;
        while (connection < starts[row + 1]
            && channelOf.applyAsInt(connection) < (block + 1) * size) {
          connection++;
        }
      }
      bounds[blocks * rows + row] = starts[row + 1];
    }
    return new ColumnBlocks(rows, blocks, bounds);
  }

  /** The first connection of a row in a block. */
  int from(int block, int row) {
    return bounds[block * rows + row];
  }

  /** Behind the last connection of a row in a block. */
  int to(int block, int row) {
    return bounds[(block + 1) * rows + row];
  }

  /** Whether consecutive rows have no connection, in any block. */
  boolean isEmpty(int fromRow, int toRow) {
    return from(0, fromRow) == to(blocks - 1, toRow - 1);
  }

  long bytes() {
    return 4L * bounds.length;
  }
}
