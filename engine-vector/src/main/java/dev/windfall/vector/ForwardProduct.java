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

  /** Computes the output, on top of {@code initial} where there is one. */
  void run(Pass pass, @Nullable Buffer initial) {
    Kernels.SparseRows rows = weights.forwardRows();
    pass.forEachPiece(out.geometry(), piece -> tiles(pass, piece, rows, initial));
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
        long target = out.at(block, y, 0, x);
        pass.kernels()
            .multiplyTile(
                pass.memory(),
                in.at(block, top, 0, left),
                inTile,
                rows,
                piece.fromChannel(),
                piece.toChannel(),
                target,
                outTile,
                out.channelBytes(),
                initial == null ? -1 : initial.at(block, y, 0, x));
      }
    }
  }
}
