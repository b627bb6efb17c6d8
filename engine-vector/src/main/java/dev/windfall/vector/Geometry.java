package dev.windfall.vector;

import dev.windfall.network.Shape;

/**
 * How a tensor of one batch lies in memory: {@code [block][row][channel][column][lane]} with 16
 * samples as the lanes, so that every pixel of 16 samples is one 64-byte vector. Extents count
 * pixels (of 16 lanes); a halo of zero pixels surrounds each map, so that convolutions need no
 * boundary tests, and rows are rounded up to whole tiles.
 *
 * <p>Vectors of features put 8 blocks of 16 samples where maps have columns: {@code [128
 * samples][feature][8][16]}. A linear layer is then a 1×1 convolution of maps of 1×8 pixels.
 *
 * @param channels channels, or features
 * @param height rows of the map; 1 for vectors
 * @param width columns of the map; 8 for vectors
 * @param halo zero pixels on each side
 * @param vector whether columns are blocks of samples
 */
record Geometry(int channels, int height, int width, int halo, boolean vector) {

  /** Samples in one vector. */
  static final int LANES = 16;

  /** Bytes of one pixel: 16 lanes of float32. */
  static final int PIXEL_BYTES = LANES * Float.BYTES;

  /** Vectors that a kernel holds in registers: the pixels of one tile. */
  static final int TILE = 8;

  private static final int ITEM_ROWS = 4;
  private static final int ITEM_FEATURES = 64;

  /** The geometry of a shape with a halo; vectors have none. */
  static Geometry of(Shape shape, int halo) {
    return shape.isVector()
        ? new Geometry(shape.channels(), 1, TILE, 0, true)
        : new Geometry(shape.channels(), shape.height(), shape.width(), halo, false);
  }

  /** Whether a tile is 2 rows of 4 pixels, as narrow maps want it, instead of 1 row of 8. */
  static boolean isNarrow(int width) {
    return width <= TILE / 2;
  }

  /** Samples of one block: 16, or 128 for vectors. */
  int samplesPerBlock() {
    return vector ? LANES * TILE : LANES;
  }

  /** Blocks that hold a number of samples. */
  int blocks(int samples) {
    return Math.ceilDiv(samples, samplesPerBlock());
  }

  /**
   * Columns that kernels may write, a multiple of the tile: also when the columns are written in
   * two turns, the even and the odd ones, by the input gradient of a stride of 2.
   */
  private int roundedWidth() {
    if (width <= TILE) {
      return isNarrow(width) ? TILE / 2 : TILE;
    }
    return Math.ceilDiv(width, 2 * TILE) * 2 * TILE;
  }

  /**
   * Rows that kernels may write: tiles of narrow maps have two rows, of either parity. The odd
   * columns of a map with 9 are such a map.
   */
  private int roundedHeight() {
    return vector || width > TILE + 1 ? height : Math.ceilDiv(height, 4) * 4;
  }

  /** Pixels from a row of one channel to that of the next. */
  int channelPixels() {
    return roundedWidth() + 2 * halo;
  }

  /** Pixels from one row of all channels to the next. */
  long rowPixels() {
    return (long) channels * channelPixels();
  }

  /** Pixels of one block. */
  long blockPixels() {
    return (roundedHeight() + 2L * halo) * rowPixels();
  }

  /**
   * Bytes of a buffer for a batch, with room behind it for the reads past a row's end that a tile's
   * surplus pixels make.
   */
  long bytes(int samples) {
    long slack = 3 * rowPixels() + 4L * TILE;
    return (blocks(samples) * blockPixels() + slack) * PIXEL_BYTES;
  }

  /** The byte offset of a pixel within a buffer; row and column may reach into the halo. */
  long offset(int block, int row, int channel, int column) {
    return (block * blockPixels()
            + (row + halo) * rowPixels()
            + (long) channel * channelPixels()
            + column
            + halo)
        * PIXEL_BYTES;
  }

  /** The same map with another halo; vectors stay as they are. */
  Geometry withHalo(int other) {
    return vector ? this : new Geometry(channels, height, width, other, false);
  }

  /** Rows of one work item. */
  int rowsPerItem() {
    return Math.min(height, ITEM_ROWS);
  }

  /** Channels of one work item: all of a map, a part of a vector's many features. */
  int channelsPerItem() {
    return vector ? Math.min(channels, ITEM_FEATURES) : channels;
  }

  /** Groups of rows in one block. */
  int rowGroups() {
    return Math.ceilDiv(height, rowsPerItem());
  }

  /** Groups of channels in one block. */
  int channelGroups() {
    return Math.ceilDiv(channels, channelsPerItem());
  }
}
