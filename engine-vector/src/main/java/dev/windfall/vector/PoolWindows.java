package dev.windfall.vector;

import dev.windfall.network.Layer;

/**
 * Which positions of a map the windows of a pool cover. Padding is clipped: what lies beside the
 * map is not visited.
 *
 * @param kernel rows and columns of the window
 * @param stride step between two windows
 * @param padding rows and columns added on each side of the map
 */
record PoolWindows(int kernel, int stride, int padding) {

  static PoolWindows of(Layer.MaxPool pool) {
    return new PoolWindows(pool.kernel(), pool.stride(), pool.padding());
  }

  static PoolWindows of(Layer.AveragePool pool) {
    return new PoolWindows(pool.kernel(), pool.stride(), pool.padding());
  }

  /** Bytes between the inputs of two neighbouring windows. */
  long stepBytes() {
    return (long) stride * Geometry.PIXEL_BYTES;
  }

  /** A window's position within the map, for the outputs whose windows have it. */
  @FunctionalInterface
  interface Candidate {
    /**
     * One candidate of consecutive outputs of one row.
     *
     * @param row of the source
     * @param column of the source, for the first output
     * @param first output column
     * @param count outputs
     */
    void at(int row, int column, int first, int count);
  }

  /** Visits the positions of an output row's windows that lie within the map. */
  void forEachCandidate(Geometry in, Geometry out, int outputRow, Candidate candidate) {
    for (int kernelRow = 0; kernelRow < kernel; kernelRow++) {
      int row = outputRow * stride - padding + kernelRow;
      if (row < 0 || row >= in.height()) {
        continue;
      }
      for (int kernelColumn = 0; kernelColumn < kernel; kernelColumn++) {
        int left = kernelColumn - padding;
        int first = Math.max(0, Math.ceilDiv(-left, stride));
        int last = Math.min(out.width() - 1, Math.floorDiv(in.width() - 1 - left, stride));
        if (first <= last) {
          candidate.at(row, first * stride + left, first, last - first + 1);
        }
      }
    }
  }

  /** How many positions of a window lie within a map's extent, in one direction. */
  int covered(int output, int extent) {
    int from = output * stride - padding;
    return Math.min(from + kernel, extent) - Math.max(from, 0);
  }
}
