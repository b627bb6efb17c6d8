package dev.windfall.vector;

import org.jspecify.annotations.Nullable;

/**
 * The gradient of a sparse layer's input: the forward kernel on the transposed pattern over the
 * output's gradient. A stride of 2 makes four planes of input pixels, each with a pattern of its
 * own.
 */
final class InputGradient {

  /** Entries of a panel of a linear layer's transposed rows. */
  private static final int PANEL = 1 << 16;

  private final SparseWeights weights;
  private final WorkArray gathered;

  InputGradient(SparseWeights weights, WorkArray gathered) {
    this.weights = weights;
    this.gathered = gathered;
  }

  /** Whether {@link #run} works piece by piece: on maps, not on vectors. */
  boolean hasPieces() {
    return !weights.window().geometry().vector();
  }

  /**
   * Computes the input's gradient.
   *
   * @param gradient of the output
   * @param target where it goes
   * @param afterwards what is done to each piece, or null; needs {@link #hasPieces}
   */
  void run(Pass pass, Buffer gradient, BackwardPlan.Target target, @Nullable PieceTask afterwards) {
    if (!hasPieces()) {
      runByPanels(pass, gradient, target);
      return;
    }
    Kernels.SparseRows rows = gather(pass.machine().crew());
    pass.forEachPiece(
        target.buffer().geometry(),
        piece -> {
          planes(pass, piece, rows, gradient, target);
          if (afterwards != null) {
            afterwards.run(pass, piece);
          }
        });
  }

  /** The values in the order of the transposed pattern. */
  private Kernels.SparseRows gather(Crew crew) {
    TransposedPattern pattern = weights.transposed();
    int[] sources = pattern.sources();
    float[] values = weights.values();
    float[] into = gathered.atLeast(sources.length);
    crew.run(
        Math.ceilDiv(sources.length, PANEL),
        (worker, item) -> {
          int end = Math.min(sources.length, (item + 1) * PANEL);
          for (int entry = item * PANEL; entry < end; entry++) {
            into[entry] = values[sources[entry]];
          }
        });
    return new Kernels.SparseRows(pattern.bounds(), pattern.offsets(), into);
  }

  /** A piece's rows of the input, plane by plane. */
  private void planes(
      Pass pass,
      Pass.Piece piece,
      Kernels.SparseRows rows,
      Buffer gradient,
      BackwardPlan.Target target) {
    int stride = weights.window().stride();
    for (int planeRow = 0; planeRow < stride; planeRow++) {
      for (int planeColumn = 0; planeColumn < stride; planeColumn++) {
        plane(pass, piece, rows, gradient, target, planeRow, planeColumn);
      }
    }
  }

  /**
   * A plane that no connection reaches, as three of four under a 1×1 kernel, gets nothing added.
   */
  private void plane(
      Pass pass,
      Pass.Piece piece,
      Kernels.SparseRows rows,
      Buffer gradient,
      BackwardPlan.Target target,
      int planeRow,
      int planeColumn) {
    Buffer out = target.buffer();
    Geometry geometry = out.geometry();
    int stride = weights.window().stride();
    int firstRow = (planeRow * stride + planeColumn) * geometry.channels();
    if (target.add() && rows.bounds().isEmpty(firstRow, firstRow + geometry.channels())) {
      return;
    }
    TileWalk walk = TileWalk.ofWidth(Math.ceilDiv(geometry.width() - planeColumn, stride));
    Kernels.Tile inTile = walk.tile(1, gradient);
    Kernels.Tile outTile = walk.tile(stride, out);
    int begin = Math.ceilDiv(piece.fromRow() - planeRow, stride);
    int end = Math.ceilDiv(piece.toRow() - planeRow, stride);
    for (int y = begin; y < end; y += walk.rows()) {
      for (int x = 0; x < walk.width(); x += walk.columns()) {
        long place =
            out.at(piece.block(), y * stride + planeRow, 0, x * stride + planeColumn)
                - firstRow * out.channelBytes();
        long onto = target.add() ? place : -1;
        for (int block = 0; block < rows.bounds().blocks(); block++) {
          pass.kernels()
              .multiplyTile(
                  pass.memory(),
                  gradient.at(piece.block(), y, 0, x),
                  inTile,
                  rows,
                  block,
                  firstRow,
                  firstRow + geometry.channels(),
                  place,
                  outTile,
                  out.channelBytes(),
                  onto);
          onto = place;
        }
      }
    }
  }

  /** A linear layer may be large: its transposed values are gathered a panel at a time. */
  private void runByPanels(Pass pass, Buffer gradient, BackwardPlan.Target target) {
    TransposedPattern pattern = weights.transposed();
    int rows = pattern.starts().length - 1;
    int panels =
        Math.min(rows, Math.max(4 * pass.machine().crew().size(), weights.count() / PANEL));
    pass.machine()
        .crew()
        .run(
            panels,
            (worker, item) -> {
              int from = (int) ((long) rows * item / panels);
              int to = (int) ((long) rows * (item + 1) / panels);
              panel(pass, gatherRows(pattern, from, to), from, to, gradient, target);
            });
  }

  private Kernels.SparseRows gatherRows(TransposedPattern pattern, int from, int to) {
    int first = pattern.starts()[from];
    int count = pattern.starts()[to] - first;
    float[] values = new float[count];
    int[] offsets = new int[count];
    int[] starts = new int[to - from + 1];
    for (int entry = 0; entry < count; entry++) {
      values[entry] = weights.values()[pattern.sources()[first + entry]];
      offsets[entry] = pattern.offsets()[first + entry];
    }
    for (int row = from; row <= to; row++) {
      starts[row - from] = pattern.starts()[row] - first;
    }
    return new Kernels.SparseRows(ColumnBlocks.single(starts), offsets, values);
  }

  private static void panel(
      Pass pass,
      Kernels.SparseRows rows,
      int from,
      int to,
      Buffer gradient,
      BackwardPlan.Target target) {
    Buffer out = target.buffer();
    Kernels.Tile tile = Kernels.Tile.row(1);
    for (int block = 0; block < pass.blocks(out.geometry()); block++) {
      long place = out.at(block, 0, from, 0);
      pass.kernels()
          .multiplyTile(
              pass.memory(),
              gradient.at(block, 0, 0, 0),
              tile,
              rows,
              0,
              0,
              to - from,
              place,
              tile,
              out.channelBytes(),
              target.add() ? place : -1);
    }
  }
}
