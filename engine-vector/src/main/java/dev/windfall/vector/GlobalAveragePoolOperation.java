package dev.windfall.vector;

/** The mean over all positions of a map, from maps into vectors of features. */
final class GlobalAveragePoolOperation implements Operation {

  private final Tensor source;
  private final Tensor result;
  private BackwardPlan.Target target;

  GlobalAveragePoolOperation(Tensor source, Tensor result) {
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

  private float factor() {
    Geometry maps = source.data().geometry();
    return 1f / (maps.height() * maps.width());
  }

  @Override
  public void forward(Pass pass) {
    Geometry maps = source.data().geometry();
    Geometry vectors = result.data().geometry();
    int blocks = vectors.blocks(pass.samples()) * Geometry.TILE;
    pass.machine()
        .crew()
        .run(
            blocks,
            (worker, block) -> {
              long sums = pass.machine().scratchOf(worker);
              for (int channel = 0; channel < maps.channels(); channel++) {
                pass.kernels().fill(pass.row(maps, block, 2), 0, sums);
                for (int row = 0; block < pass.blocks(maps) && row < maps.height(); row++) {
                  pass.kernels()
                      .sums(
                          pass.row(maps, block, maps.width()),
                          source.data().at(block, row, channel, 0),
                          0,
                          sums);
                }
                pass.kernels()
                    .spread(pass.row(maps, block, 1), sums, factor(), at(block, channel), false);
              }
            });
  }

  private long at(int block, int channel) {
    return result.data().at(block / Geometry.TILE, 0, channel, block % Geometry.TILE);
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
          int block = piece.block();
          Kernels.Row pixels = pass.row(maps, block, maps.width());
          for (int row = piece.fromRow(); row < piece.toRow(); row++) {
            for (int channel = 0; channel < maps.channels(); channel++) {
              long g =
                  result.gradient().at(block / Geometry.TILE, 0, channel, block % Geometry.TILE);
              long out = target.buffer().at(block, row, channel, 0);
              pass.kernels().spread(pixels, g, factor(), out, target.add());
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
