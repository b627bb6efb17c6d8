package dev.windfall.vector;

import dev.windfall.sparsity.Candidates;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds the connections that do not exist and would have the largest gradients, without a dense
 * gradient: a panel of positions at a time is computed densely, its active positions are passed
 * over, and only the best so far are kept. Memory grows with the candidates, not with the tensor
 * (Evci et al. 2020: "only the top-k gradient values are stored").
 *
 * <p>The largest of a sum over several batches need not be among the largest of any of them, so a
 * collection over several batches does hold the sums of all positions until its last batch: 4 bytes
 * for each position of the dense tensor.
 */
final class GrowthSearch {

  private static final int ROWS = 4;
  private static final int STREAMS = 3;

  /** Positions of one panel: their partial sums of 64 bytes each stay in the second-level cache. */
  static final int PANEL = 8192;

  /**
   * Pixels that a panel goes over at a time: four rows of the gradient stay in the nearest cache.
   */
  private static final int PIXELS = 32;

  private final SparseWeights weights;
  private final Buffer in;
  private @Nullable Candidates found;

  /** Sums over the batches so far, by panel; null where no collection goes on. */
  private float @Nullable [][] sums;

  GrowthSearch(SparseWeights weights, Buffer in) {
    this.weights = weights;
    this.in = in;
  }

  /** The candidates of the last search, or null. */
  @Nullable Candidates found() {
    return found;
  }

  /** Forgets what was found. */
  void clear() {
    found = null;
  }

  /** Ends a collection that goes on. */
  void forgetSums() {
    sums = null;
  }

  /** Bytes of the sums of a collection that goes on. */
  long bytes() {
    return sums == null ? 0 : Arrays.stream(sums).mapToLong(panel -> 4L * panel.length).sum();
  }

  /** A block of rows and columns of the tensor; the rows are of one group. */
  private record Panel(int fromRow, int toRow, int fromColumn, int toColumn) {

    /** Groups of three columns. */
    int columnGroups() {
      return Math.ceilDiv(toColumn - fromColumn, STREAMS);
    }

    /** Groups of four rows. */
    int rowGroups() {
      return Math.ceilDiv(toRow - fromRow, ROWS);
    }

    /** Sums that the panel keeps, surplus rows and columns included. */
    int positions() {
      return rowGroups() * columnGroups() * ROWS * STREAMS;
    }
  }

  /**
   * Searches the batch's gradients, and those of the batches before it in the same collection, for
   * the best {@code wanted} inactive positions; or only adds them up where the collection goes on.
   */
  void run(Pass pass, Buffer gradient, int wanted) {
    int columns = (int) weights.parameter().rowLength();
    int panelColumns = Math.min(columns, PANEL / ROWS / STREAMS * STREAMS);
    int panelRows = Math.max(1, PANEL / (panelColumns + STREAMS) / ROWS) * ROWS;
    int groupRows = weights.groupRows();
    int across = Math.ceilDiv(columns, panelColumns);
    int downGroup = Math.ceilDiv(groupRows, panelRows);
    int panels = Math.multiplyExact(across, weights.rows() / groupRows * downGroup);
    boolean continued = pass.growth().isContinued();
    float @Nullable [][] before = sums;
    float[][] after = new float[continued ? panels : 0][];
    Crew crew = pass.machine().crew();
    BestPositions[] best = new BestPositions[crew.size()];
    Arrays.setAll(best, worker -> new BestPositions(wanted));
    crew.run(
        panels,
        (worker, item) -> {
          int firstRow = item / across / downGroup * groupRows;
          int row = firstRow + item / across % downGroup * panelRows;
          int column = item % across * panelColumns;
          Panel panel =
              new Panel(
                  row,
                  Math.min(row + panelRows, firstRow + groupRows),
                  column,
                  Math.min(column + panelColumns, columns));
          computeDensely(pass, worker, panel, gradient);
          float[] own = before == null ? new float[panel.positions()] : before[item];
          pass.kernels()
              .reduceLanes(
                  pass.machine().scratchSegment(worker), own.length, own, 0, before != null);
          if (continued) {
            after[item] = own;
          } else {
            offerInactive(panel, own, best[worker]);
          }
        });
    sums = continued ? after : null;
    if (!continued) {
      BestPositions all = new BestPositions(wanted);
      for (BestPositions part : best) {
        all.offerAll(part);
      }
      found = all.sorted();
    }
  }

  /** Leaves the 16 partial sums of every position of a panel in the worker's scratch memory. */
  private void computeDensely(Pass pass, int worker, Panel panel, Buffer gradient) {
    MemorySegment partial = pass.machine().scratchSegment(worker);
    partial.asSlice(0, (long) panel.positions() * Geometry.PIXEL_BYTES).fill((byte) 0);
    Geometry geometry = gradient.geometry();
    InputWindow window = weights.window();
    int[] offsets = new int[panel.columnGroups() * STREAMS];
    int group = panel.fromRow() / weights.groupRows();
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = window.offset(group, Math.min(panel.fromColumn() + i, panel.toColumn() - 1));
    }
    int rowsAtOnce = Math.max(1, PIXELS / geometry.width());
    for (int block = 0; block < pass.blocks(geometry); block++) {
      for (int y = 0; y < geometry.height(); y += rowsAtOnce) {
        int top = y * window.stride() - window.padding();
        long corner = in.at(block, top, 0, -window.padding());
        Kernels.PixelWalk walk = walkOver(gradient, Math.min(rowsAtOnce, geometry.height() - y));
        rows(pass, panel, offsets, corner, gradient, block, y, walk, partial);
      }
    }
  }

  private Kernels.PixelWalk walkOver(Buffer gradient, int rows) {
    int width = gradient.geometry().width();
    int stride = weights.window().stride();
    long inStep = (long) stride * Geometry.PIXEL_BYTES;
    return new Kernels.PixelWalk(
        rows * width,
        width,
        inStep,
        stride * in.rowBytes() - width * inStep,
        gradient.rowBytes() - (long) width * Geometry.PIXEL_BYTES);
  }

  /**
   * Adds some rows of the map. A panel's surplus rows and columns are computed from whatever stands
   * there, and never looked at.
   */
  private void rows(
      Pass pass,
      Panel panel,
      int[] offsets,
      long corner,
      Buffer gradient,
      int block,
      int y,
      Kernels.PixelWalk walk,
      MemorySegment partial) {
    long place = 0;
    for (int group = 0; group < panel.rowGroups(); group++) {
      long g = gradient.at(block, y, panel.fromRow() + group * ROWS, 0);
      for (int i = 0; i < offsets.length; i += STREAMS) {
        pass.kernels()
            .denseGradient(
                pass.memory(),
                corner + (long) offsets[i] * Geometry.PIXEL_BYTES,
                corner + (long) offsets[i + 1] * Geometry.PIXEL_BYTES,
                corner + (long) offsets[i + 2] * Geometry.PIXEL_BYTES,
                g,
                gradient.channelBytes(),
                walk,
                partial,
                place);
        place += (long) ROWS * STREAMS * Geometry.PIXEL_BYTES;
      }
    }
  }

  /** Passes over the active positions by walking their sorted columns. */
  private void offerInactive(Panel panel, float[] sums, BestPositions best) {
    long rowLength = weights.parameter().rowLength();
    int[] starts = weights.starts();
    for (int row = panel.fromRow(); row < panel.toRow(); row++) {
      int active = weights.firstFrom(row, panel.fromColumn());
      int index = row - panel.fromRow();
      int rowPlace = index / ROWS * panel.columnGroups() * ROWS + index % ROWS;
      for (int column = panel.fromColumn(); column < panel.toColumn(); column++) {
        if (active < starts[row + 1] && weights.column(active) == column) {
          active++;
          continue;
        }
        int i = column - panel.fromColumn();
        int place = (rowPlace + i / STREAMS * ROWS) * STREAMS + i % STREAMS;
        best.offer(sums[place], row * rowLength + column);
      }
    }
  }
}
