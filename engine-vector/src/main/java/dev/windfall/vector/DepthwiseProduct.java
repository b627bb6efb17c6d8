package dev.windfall.vector;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The way through a depthwise 3×3 convolution that has all of its weights: whole rows of one
 * channel's map at a time, so that memory is read in order. Where weights are missing, filters have
 * another size or rows are no longer than a tile, the layer is a sparse one like any other; forward
 * and back to its input, both ways give the same bits.
 */
final class DepthwiseProduct {

  private static final int FILTER = 9;

  /** Channels whose weight gradients one worker sums: their rows stand together in memory. */
  private static final int CHANNELS_PER_ITEM = 8;

  private final SparseWeights weights;
  private final Buffer in;
  private final Buffer out;

  DepthwiseProduct(SparseWeights weights, Buffer in, Buffer out) {
    this.weights = weights;
    this.in = in;
    this.out = out;
  }

  /** Whether the layer is a depthwise 3×3 convolution, with its weights or without. */
  boolean isDepthwise() {
    InputWindow window = weights.window();
    return window.kernel() == 3
        && window.groups() == weights.rows()
        && window.groups() == window.geometry().channels();
  }

  /** Whether {@link #forward} and {@link #weightGradient} are the better way now. */
  boolean isBetter() {
    return isDepthwise() && weights.isDense() && out.geometry().width() > Geometry.TILE;
  }

  /** Whether {@link #inputGradient} is; a stride interleaves four patterns, which it cannot do. */
  boolean isBetterBack() {
    return isBetter() && weights.window().stride() == 1;
  }

  private Kernels.Filter filter() {
    return new Kernels.Filter(
        in.rowBytes(),
        Geometry.PIXEL_BYTES,
        (long) weights.window().stride() * Geometry.PIXEL_BYTES);
  }

  /**
   * Computes the output.
   *
   * @param afterwards what is done to each piece, or null
   */
  void forward(Pass pass, @Nullable PieceTask afterwards) {
    InputWindow window = weights.window();
    Kernels.Filter filter = filter();
    pass.forEachPiece(
        out.geometry(),
        piece -> {
          for (int y = piece.fromRow(); y < piece.toRow(); y++) {
            int top = y * window.stride() - window.padding();
            for (int channel = piece.fromChannel(); channel < piece.toChannel(); channel++) {
              pass.kernels()
                  .depthwiseRow(
                      pass.memory(),
                      in.at(piece.block(), top, channel, -window.padding()),
                      filter,
                      weights.values(),
                      FILTER * channel,
                      out.at(piece.block(), y, channel, 0),
                      out.geometry().width());
            }
          }
          if (afterwards != null) {
            afterwards.run(pass, piece);
          }
        });
  }

  /**
   * Computes the input's gradient: an input's first weight was the one of its last window.
   *
   * @param gradient of the output
   * @param target where it goes
   * @param afterwards what is done to each piece, or null
   */
  void inputGradient(Pass pass, Buffer gradient, Buffer target, @Nullable PieceTask afterwards) {
    int padding = weights.window().padding();
    Kernels.Filter filter =
        new Kernels.Filter(-gradient.rowBytes(), -Geometry.PIXEL_BYTES, Geometry.PIXEL_BYTES);
    pass.forEachPiece(
        target.geometry(),
        piece -> {
          for (int y = piece.fromRow(); y < piece.toRow(); y++) {
            for (int channel = piece.fromChannel(); channel < piece.toChannel(); channel++) {
              pass.kernels()
                  .depthwiseRow(
                      pass.memory(),
                      gradient.at(piece.block(), y + padding, channel, padding),
                      filter,
                      weights.values(),
                      FILTER * channel,
                      target.at(piece.block(), y, channel, 0),
                      target.geometry().width());
            }
          }
          if (afterwards != null) {
            afterwards.run(pass, piece);
          }
        });
  }

  /** Adds the batch's gradient to the weights'. */
  void weightGradient(Pass pass, Buffer gradient) {
    int channels = weights.rows();
    Kernels.Filter filter = filter();
    pass.machine()
        .crew()
        .run(
            Math.ceilDiv(channels, CHANNELS_PER_ITEM),
            (worker, item) -> {
              int from = item * CHANNELS_PER_ITEM;
              int to = Math.min(channels, from + CHANNELS_PER_ITEM);
              MemorySegment partial = pass.machine().scratchSegment(worker);
              int count = FILTER * (to - from);
              partial.asSlice(0, (long) count * Geometry.PIXEL_BYTES).fill((byte) 0);
              sumRows(pass, gradient, filter, from, to, partial);
              pass.kernels().reduceLanes(partial, count, weights.gradients(), FILTER * from, true);
            });
  }

  private void sumRows(
      Pass pass, Buffer gradient, Kernels.Filter filter, int from, int to, MemorySegment partial) {
    InputWindow window = weights.window();
    Geometry geometry = gradient.geometry();
    for (int block = 0; block < pass.blocks(geometry); block++) {
      for (int y = 0; y < geometry.height(); y++) {
        int top = y * window.stride() - window.padding();
        for (int channel = from; channel < to; channel++) {
          pass.kernels()
              .depthwiseGradientRow(
                  pass.memory(),
                  in.at(block, top, channel, -window.padding()),
                  filter,
                  gradient.at(block, y, channel, 0),
                  geometry.width(),
                  partial,
                  (long) FILTER * (channel - from) * Geometry.PIXEL_BYTES);
        }
      }
    }
  }
}
