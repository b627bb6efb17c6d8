package dev.windfall.vector;

import dev.windfall.sparsity.Candidates;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The gradient of a layer by all positions of its weight, those included where no connection
 * exists: a panel of positions at a time, so that nothing need be as large as the dense tensor.
 */
final class DenseGradient {

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
  private final int columns;
  private final int panelColumns;
  private final int panelRows;

  DenseGradient(SparseWeights weights, Buffer in) {
    this.weights = weights;
    this.in = in;
    columns = (int) weights.parameter().rowLength();
    panelColumns = Math.min(columns, PANEL / ROWS / STREAMS * STREAMS);
    panelRows = Math.max(1, PANEL / (panelColumns + STREAMS) / ROWS) * ROWS;
  }

  /**
   * A block of rows and columns of the tensor; the rows are of one group.
   *
   * @param number of the panel, from 0
   */
  record Panel(int number, int fromRow, int toRow, int fromColumn, int toColumn) {

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

    /** Where the sum of a position is among those of the panel. */
    int place(int row, int column) {
      return firstPlace(row) + placeInRow(column - fromColumn);
    }

    private int firstPlace(int row) {
      int down = row - fromRow;
      return (down / ROWS * columnGroups() * ROWS + down % ROWS) * STREAMS;
    }

    private static int placeInRow(int across) {
      return across / STREAMS * ROWS * STREAMS + across % STREAMS;
    }
  }

  /** Something that is done with each panel, by any worker. */
  @FunctionalInterface
  interface PanelTask {
    /** Takes a panel whose 16 partial sums of every position are in the worker's scratch memory. */
    void run(int worker, Panel panel);
  }

  /** The numbers of a panel's positions, by their {@link Panel#place}. */
  @FunctionalInterface
  interface PanelScores {
    float[] of(int worker, Panel panel);
  }

  private int across() {
    return Math.ceilDiv(columns, panelColumns);
  }

  private int downGroup() {
    return Math.ceilDiv(weights.groupRows(), panelRows);
  }

  /** How many panels the tensor has. */
  int panels() {
    return Math.multiplyExact(across(), weights.rows() / weights.groupRows() * downGroup());
  }

  /** A panel. */
  Panel panel(int number) {
    int groupRows = weights.groupRows();
    int firstRow = number / across() / downGroup() * groupRows;
    int row = firstRow + number / across() % downGroup() * panelRows;
    int column = number % across() * panelColumns;
    return new Panel(
        number,
        row,
        Math.min(row + panelRows, firstRow + groupRows),
        column,
        Math.min(column + panelColumns, columns));
  }

  /** The number of the panel that a position is in. */
  int panelOf(int row, int column) {
    int groupRows = weights.groupRows();
    int down = row / groupRows * downGroup() + row % groupRows / panelRows;
    return down * across() + column / panelColumns;
  }

  /** Computes all panels for a batch. */
  void run(Pass pass, Buffer gradient, PanelTask task) {
    pass.machine()
        .crew()
        .run(
            panels(),
            (worker, number) -> {
              Panel panel = panel(number);
              computeDensely(pass, worker, panel, gradient);
              task.run(worker, panel);
            });
  }

  /** The sums of a panel, from the worker's scratch memory: into an array, or added to it. */
  void reduce(Pass pass, int worker, float[] into, boolean add) {
    pass.kernels().reduceLanes(pass.machine().scratchSegment(worker), into.length, into, 0, add);
  }

  /** The best inactive positions of all panels. */
  Candidates best(Crew crew, int wanted, PanelScores scores) {
    BestPositions[] best = bestOfWorkers(crew, wanted);
    crew.run(
        panels(),
        (worker, number) -> {
          Panel panel = panel(number);
          offerInactive(panel, scores.of(worker, panel), best[worker]);
        });
    return merged(best, wanted);
  }

  /** One for each worker. */
  static BestPositions[] bestOfWorkers(Crew crew, int wanted) {
    BestPositions[] best = new BestPositions[crew.size()];
    Arrays.setAll(best, worker -> new BestPositions(wanted));
    return best;
  }

  /** The best of all workers' best. */
  static Candidates merged(BestPositions[] parts, int wanted) {
    BestPositions all = new BestPositions(wanted);
    for (BestPositions part : parts) {
      all.offerAll(part);
    }
    return all.sorted();
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
  void offerInactive(Panel panel, float[] sums, BestPositions best) {
    long rowLength = weights.parameter().rowLength();
    int[] starts = weights.starts();
    for (int row = panel.fromRow(); row < panel.toRow(); row++) {
      int active = weights.firstFrom(row, panel.fromColumn());
      int first = panel.firstPlace(row);
      for (int column = panel.fromColumn(); column < panel.toColumn(); column++) {
        if (active < starts[row + 1] && weights.column(active) == column) {
          active++;
        } else {
          int place = first + Panel.placeInRow(column - panel.fromColumn());
          best.offer(sums[place], row * rowLength + column);
        }
      }
    }
  }
}
