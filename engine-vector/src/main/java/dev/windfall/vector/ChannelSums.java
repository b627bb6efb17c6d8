package dev.windfall.vector;

/**
 * Two sums per channel over a batch. Each group of rows has its own partial sums, in single
 * precision lane by lane and then over the lanes in a fixed tree; groups are added in their order
 * in double precision. So the result does not depend on who summed which group.
 */
final class ChannelSums {

  private final int channels;
  private final float[] partial;

  /**
   * Room for the partial sums.
   *
   * @param groups the most groups of rows that a batch has
   */
  ChannelSums(int channels, int groups) {
    this.channels = channels;
    this.partial = new float[Math.multiplyExact(2 * channels, groups)];
  }

  /** What a piece sums for one channel and row. */
  @FunctionalInterface
  interface Summand {
    /**
     * Adds to two pixels.
     *
     * @param sums offset of the two pixels
     */
    void add(int row, int channel, long sums);
  }

  /** Sums a piece's rows for each of its channels. */
  void sum(Pass pass, Pass.Piece piece, Summand summand) {
    long scratch = pass.machine().scratchOf(piece.worker());
    int pixels = 2 * (piece.toChannel() - piece.fromChannel());
    pass.kernels().fill(new Kernels.Row(pass.memory(), pixels, scratch, 0), 0, scratch);
    for (int row = piece.fromRow(); row < piece.toRow(); row++) {
      long sums = scratch;
      for (int channel = piece.fromChannel(); channel < piece.toChannel(); channel++) {
        summand.add(row, channel, sums);
        sums += 2L * Geometry.PIXEL_BYTES;
      }
    }
    int place = 2 * (piece.group() * channels + piece.fromChannel());
    pass.kernels()
        .reduceLanes(pass.machine().scratchSegment(piece.worker()), pixels, partial, place, false);
  }

  /** The sum over all groups: the first ({@code which} 0) or the second (1). */
  double total(int groups, int channel, int which) {
    double sum = 0;
    for (int group = 0; group < groups; group++) {
      sum += partial[2 * (group * channels + channel) + which];
    }
    return sum;
  }

  /** Bytes that this holds. */
  long bytes() {
    return 4L * partial.length;
  }
}
