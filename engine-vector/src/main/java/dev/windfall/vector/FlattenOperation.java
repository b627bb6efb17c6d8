package dev.windfall.vector;

/** Maps as vectors of features in (channel, row, column) order: from one layout to the other. */
final class FlattenOperation implements Operation {

  private final Tensor source;
  private final Tensor result;
  private BackwardPlan.Target target;

  FlattenOperation(Tensor source, Tensor result) {
    this.source = source;
    this.result = result;
    this.target = new BackwardPlan.Target(source.data(), true);
  }

  @Override
  public void planForward(int time) {
    source.data().use(time);
    result.data().use(time);
  }

  @Override
  public void planBackward(BackwardPlan plan) {
    plan.incoming(result);
    if (source.wantsGradient()) {
      target = plan.outgoing(source, this);
    }
  }

  /** Where an element of a map stands in the vectors. */
  private static long place(Buffer vectors, int block, int feature) {
    return vectors.at(block / Geometry.TILE, 0, feature, block % Geometry.TILE);
  }

  @Override
  public void forward(Pass pass) {
    Geometry maps = source.data().geometry();
    int blocks = result.data().geometry().blocks(pass.samples()) * Geometry.TILE;
    pass.machine()
        .crew()
        .run(
            blocks,
            (worker, block) -> {
              Kernels.Row pixel = pass.row(maps, block, 1);
              boolean live = block < pass.blocks(maps);
              int feature = 0;
              for (int channel = 0; channel < maps.channels(); channel++) {
                for (int row = 0; row < maps.height(); row++) {
                  for (int column = 0; column < maps.width(); column++) {
                    long out = place(result.data(), block, feature++);
                    if (live) {
                      long in = source.data().at(block, row, channel, column);
                      pass.kernels().copy(pixel, in, out, false);
                    } else {
                      pass.kernels().fill(pixel, 0, out);
                    }
                  }
                }
              }
            });
  }

  @Override
  public void backward(Pass pass) {
    if (!source.wantsGradient()) {
      return;
    }
    Geometry maps = source.data().geometry();
    pass.forEachPiece(
        maps,
        piece -> {
          Kernels.Row pixel = pass.row(maps, piece.block(), 1);
          for (int row = piece.fromRow(); row < piece.toRow(); row++) {
            for (int channel = 0; channel < maps.channels(); channel++) {
              for (int column = 0; column < maps.width(); column++) {
                int feature = (channel * maps.height() + row) * maps.width() + column;
                pass.kernels()
                    .copy(
                        pixel,
                        place(result.gradient(), piece.block(), feature),
                        target.buffer().at(piece.block(), row, channel, column),
                        target.add());
              }
            }
          }
        });
  }

  @Override
  public String kind() {
    return "pool";
  }

  @Override
  public String backwardKind() {
    return "pool";
  }
}
