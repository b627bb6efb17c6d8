package dev.windfall.vector;

/**
 * How tiles cover a map: 1 row of 8 pixels, or 2 rows of 4 on narrow maps.
 *
 * @param width columns to cover
 * @param rows of a tile
 * @param columns of a tile
 */
record TileWalk(int width, int rows, int columns) {

  /** Tiles over the whole of a map. */
  static TileWalk over(Geometry geometry) {
    return ofWidth(geometry.width());
  }

  /** Tiles over a map of this width. */
  static TileWalk ofWidth(int width) {
    return Geometry.isNarrow(width)
        ? new TileWalk(width, 2, Geometry.TILE / 2)
        : new TileWalk(width, 1, Geometry.TILE);
  }

  /**
   * How a tile's pixels lie in a buffer, of which each {@code stride}-th pixel and row is meant.
   */
  Kernels.Tile tile(int stride, Buffer buffer) {
    return rows == 1
        ? Kernels.Tile.row(stride)
        : Kernels.Tile.twoRows(stride, stride * buffer.rowBytes());
  }
}
