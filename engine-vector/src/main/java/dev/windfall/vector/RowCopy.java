package dev.windfall.vector;

/** Copies a gradient into another of the same shape, or adds it. */
final class RowCopy {

  private RowCopy() {}

  static void run(Pass pass, Buffer from, BackwardPlan.Target to) {
    Geometry geometry = to.buffer().geometry();
    pass.forEachPiece(
        geometry,
        piece -> {
          Kernels.Row pixels = pass.row(geometry, piece.block(), geometry.width());
          for (int row = piece.fromRow(); row < piece.toRow(); row++) {
            for (int channel = piece.fromChannel(); channel < piece.toChannel(); channel++) {
              pass.kernels()
                  .copy(
                      pixels,
                      from.at(piece.block(), row, channel, 0),
                      to.buffer().at(piece.block(), row, channel, 0),
                      to.add());
            }
          }
        });
  }
}
