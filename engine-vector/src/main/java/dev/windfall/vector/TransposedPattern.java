package dev.windfall.vector;

/**
 * The connections by input channel, as the input gradient needs them: each input pixel sums the
 * output gradients that it reached, weighted by the same values. With a stride, the inputs fall
 * into stride² planes (by row and column modulo the stride), and each connection belongs to one.
 * Rows are (plane, channel); entries of a row stand in the order of the forward rows.
 *
 * @param starts where each row begins, and the end
 * @param offsets for each entry, the gradient's pixel relative to the one at the input pixel's
 *     place divided by the stride
 * @param sources which connection each entry is
 * @param bounds where the entries of each block of output channels begin and end
 */
record TransposedPattern(int[] starts, int[] offsets, int[] sources, ColumnBlocks bounds) {

  /**
   * Transposes a pattern by counting.
   *
   * @param gradient geometry of the output's gradient
   * @param forwardStarts where each forward row begins, and the end
   * @param forwardOffsets of all connections
   */
  static TransposedPattern of(
      InputWindow window, Geometry gradient, int[] forwardStarts, int[] forwardOffsets) {
    int[] starts = new int[window.planes() * window.geometry().channels() + 1];
    for (int offset : forwardOffsets) {
      starts[row(window, offset) + 1]++;
    }
    for (int row = 1; row < starts.length; row++) {
      starts[row] += starts[row - 1];
    }
    int[] next = starts.clone();
    int[] offsets = new int[forwardOffsets.length];
    int[] sources = new int[forwardOffsets.length];
    for (int output = 0; output < forwardStarts.length - 1; output++) {
      for (int k = forwardStarts[output]; k < forwardStarts[output + 1]; k++) {
        int offset = forwardOffsets[k];
        int entry = next[row(window, offset)]++;
        offsets[entry] = gradientOffset(window, gradient, output, offset);
        sources[entry] = k;
      }
    }
    return new TransposedPattern(
        starts, offsets, sources, boundsOf(window, gradient, starts, offsets));
  }

  /** An offset plus a margin that makes it positive has the output channel in its lines. */
  private static ColumnBlocks boundsOf(
      InputWindow window, Geometry gradient, int[] starts, int[] offsets) {
    if (gradient.vector()) {
      return ColumnBlocks.single(starts);
    }
    int margin = window.kernel() * gradient.channels() * gradient.channelPixels() + window.kernel();
    return ColumnBlocks.of(
        starts,
        gradient.channels(),
        entry -> (offsets[entry] + margin) / gradient.channelPixels() % gradient.channels(),
        window.kernel());
  }

  private static int row(InputWindow window, int offset) {
    int plane =
        planeOf(window, window.kernelRow(offset)) * window.stride()
            + planeOf(window, window.kernelColumn(offset));
    return plane * window.geometry().channels() + window.channel(offset);
  }

  /** Which inputs a kernel position reaches: those with this remainder modulo the stride. */
  private static int planeOf(InputWindow window, int kernelPosition) {
    return Math.floorMod(kernelPosition - window.padding(), window.stride());
  }

  private static int gradientOffset(InputWindow window, Geometry gradient, int output, int offset) {
    int rows = distance(window, window.kernelRow(offset));
    int columns = distance(window, window.kernelColumn(offset));
    return (rows * gradient.channels() + output) * gradient.channelPixels() + columns;
  }

  /** Input i · stride + plane was seen by output i + distance at this kernel position. */
  private static int distance(InputWindow window, int kernelPosition) {
    return (planeOf(window, kernelPosition) + window.padding() - kernelPosition) / window.stride();
  }

  long bytes() {
    return 4L * (starts.length + offsets.length + sources.length) + bounds.bytes();
  }
}
