package dev.windfall.vector;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The gradient of a sparse layer's values, for the connections that exist only: each connection
 * multiplies its input pixels with its row's output gradients. A worker takes a panel of
 * consecutive connections through the whole batch, so every sum has one order and nobody shares
 * partial sums.
 */
final class WeightGradient {

  /** The most connections of one panel. */
  static final int LARGEST_PANEL = 16384;

  /** A map with fewer tiles than this takes the largest panels: it is read again for each panel. */
  private static final int FEW_TILES = 16;

  private final SparseWeights weights;
  private final Buffer in;

  WeightGradient(SparseWeights weights, Buffer in) {
    this.weights = weights;
    this.in = in;
  }

  /** Adds the batch's gradient to the weights'. */
  void run(Pass pass, Buffer gradient) {
    int count = weights.count();
    int workers = pass.machine().crew().size();
    int panels =
        Math.ceilDiv(Math.ceilDiv(count, panelSize(gradient.geometry())), workers) * workers;
    pass.machine()
        .crew()
        .run(
            panels,
            (worker, item) -> {
              int from = (int) ((long) count * item / panels);
              int to = (int) ((long) count * (item + 1) / panels);
              if (from < to) {
                panel(pass, worker, panelOf(weights.starts(), from, to), gradient);
              }
            });
  }

  /** As many connections as keep their partial sums of 64 bytes each in the second-level cache. */
  private static int panelSize(Geometry geometry) {
    int tiles = Math.ceilDiv(geometry.height() * geometry.width(), Geometry.TILE);
    return tiles < FEW_TILES ? LARGEST_PANEL : LARGEST_PANEL / 2;
  }

  private static Kernels.Panel panelOf(int[] starts, int from, int to) {
    return new Kernels.Panel(rowOf(starts, from), rowOf(starts, to - 1) + 1, from, to);
  }

  /** The row of a connection: the last one that starts at or before it. */
  private static int rowOf(int[] starts, int connection) {
    int found = Arrays.binarySearch(starts, connection);
    int row = found >= 0 ? found : -found - 2;
    while (starts[row + 1] <= connection) {
      row++;
    }
    return row;
  }

  private void panel(Pass pass, int worker, Kernels.Panel panel, Buffer gradient) {
    MemorySegment partial = pass.machine().scratchSegment(worker);
    partial.asSlice(0, (long) panel.count() * Geometry.PIXEL_BYTES).fill((byte) 0);
    InputWindow window = weights.window();
    Kernels.SparseRows rows = weights.forwardRows();
    Geometry geometry = gradient.geometry();
    TileWalk walk = TileWalk.over(geometry);
    Kernels.Tile inTile = walk.tile(window.stride(), in);
    Kernels.Tile gradientTile = walk.tile(1, gradient);
    for (int block = 0; block < pass.blocks(geometry); block++) {
      for (int y = 0; y < geometry.height(); y += walk.rows()) {
        for (int x = 0; x < walk.width(); x += walk.columns()) {
          int top = y * window.stride() - window.padding();
          int left = x * window.stride() - window.padding();
          for (int columns = 0; columns < rows.bounds().blocks(); columns++) {
            pass.kernels()
                .weightGradientTile(
                    pass.memory(),
                    in.at(block, top, 0, left),
                    inTile,
                    rows,
                    panel,
                    columns,
                    gradient.at(block, y, 0, x),
                    gradientTile,
                    gradient.channelBytes(),
                    partial);
          }
        }
      }
    }
    pass.kernels().reduceLanes(partial, panel.count(), weights.gradients(), panel.from(), true);
  }
}
