package dev.windfall.vector;

import org.jspecify.annotations.Nullable;

/** The way forward through a sparse layer: whole tiles of the output, row by row of the weights. */
final class ForwardProduct {

  private final SparseWeights weights;
  private final Buffer in;
  private final Buffer out;

  ForwardProduct(SparseWeights weights, Buffer in, Buffer out) {
    this.weights = weights;
    this.in = in;
    this.out = out;
  }

  /**
   * Computes the output.
   *
   * @param initial what it is added to, or null
   * @param afterwards what is done to each piece, or null
   */
  void run(Pass pass, @Nullable Buffer initial, @Nullable PieceTask afterwards) {
    Kernels.SparseRows rows = weights.forwardRows();
    pass.forEachPiece(
        out.geometry(),
        piece -> {
          tiles(pass, piece, rows, initial);
          if (afterwards != null) {
            afterwards.run(pass, piece);
          }
        });
  }

  private void tiles(
      Pass pass, Pass.Piece piece, Kernels.SparseRows rows, @Nullable Buffer initial) {
    InputWindow window = weights.window();
    TileWalk walk = TileWalk.over(out.geometry());
    Kernels.Tile inTile = walk.tile(window.stride(), in);
    Kernels.Tile outTile = walk.tile(1, out);
    int block = piece.block();
    for (int y = piece.fromRow(); y < piece.toRow(); y += walk.rows()) {
      for (int x = 0; x < walk.width(); x += walk.columns()) {
        int top = y * window.stride() - window.padding();
        int left = x * window.stride() - window.padding();
        long place = out.at(block, y, 0, x);
        long onto = initial == null ? -1 : initial.at(block, y, 0, x);
        for (int columns = 0; columns < rows.bounds().blocks(); columns++) {
          pass.kernels()
              .multiplyTile(
                  pass.memory(),
                  in.at(block, top, 0, left),
                  inTile,
                  rows,
                  columns,
                  piece.fromChannel(),
                  piece.toChannel(),
                  place,
                  outTile,
                  out.channelBytes(),
                  onto);
          onto = place;
        }
      }
    }
  }
}
