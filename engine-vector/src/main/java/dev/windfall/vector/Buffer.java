package dev.windfall.vector;

/**
 * A tensor of one batch in the session's memory. Its place is given by {@link MemoryPlan} once all
 * uses are known; buffers whose uses do not overlap share a place if their geometry is the same, so
 * that halos, which nobody writes, stay zero.
 */
final class Buffer {

  private final Geometry geometry;
  private final boolean roughEdges;
  private int firstUse = Integer.MAX_VALUE;
  private int lastUse = -1;
  private long base = -1;

  /**
   * A buffer without a place.
   *
   * @param roughEdges whether whole tiles are written, so that the surplus pixels at the end of a
   *     row hold numbers that nobody reads; where they do not, they hold zeros
   */
  Buffer(Geometry geometry, boolean roughEdges) {
    this.geometry = geometry;
    this.roughEdges = roughEdges;
  }

  Geometry geometry() {
    return geometry;
  }

  /** Says that the buffer is used at a time. */
  void use(int time) {
    firstUse = Math.min(firstUse, time);
    lastUse = Math.max(lastUse, time);
  }

  int firstUse() {
    return firstUse;
  }

  int lastUse() {
    return lastUse;
  }

  /** Whether the other buffer may have the same place at another time. */
  boolean isLike(Buffer other) {
    return geometry.equals(other.geometry) && roughEdges == other.roughEdges;
  }

  void place(long offset) {
    base = offset;
  }

  /** The offset of a pixel in the session's memory; row and column may reach into the halo. */
  long at(int block, int row, int channel, int column) {
    return base + geometry.offset(block, row, channel, column);
  }

  /** Bytes from one channel to the next. */
  long channelBytes() {
    return (long) geometry.channelPixels() * Geometry.PIXEL_BYTES;
  }

  /** Bytes from one row to the next. */
  long rowBytes() {
    return geometry.rowPixels() * Geometry.PIXEL_BYTES;
  }
}
