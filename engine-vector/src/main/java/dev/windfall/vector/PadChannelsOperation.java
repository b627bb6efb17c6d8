package dev.windfall.vector;

/** Copies a map's channels, and adds channels of zeros behind them. */
final class PadChannelsOperation implements Operation {

  private final Tensor source;
  private final Tensor result;
  private BackwardPlan.Target target;

  PadChannelsOperation(Tensor source, Tensor result) {
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

  @Override
  public void forward(Pass pass) {
    Geometry geometry = result.data().geometry();
    int copied = source.data().geometry().channels();
    pass.forEachPiece(
        geometry,
        piece -> {
          Kernels.Row pixels = pass.row(geometry, piece.block(), geometry.width());
          for (int row = piece.fromRow(); row < piece.toRow(); row++) {
            for (int channel = piece.fromChannel(); channel < piece.toChannel(); channel++) {
              long out = result.data().at(piece.block(), row, channel, 0);
              if (channel < copied) {
                long in = source.data().at(piece.block(), row, channel, 0);
                pass.kernels().copy(pixels, in, out, false);
              } else {
                pass.kernels().fill(pixels, 0, out);
              }
            }
          }
        });
  }

  @Override
  public void backward(Pass pass) {
    if (source.wantsGradient()) {
      RowCopy.run(pass, result.gradient(), target);
    }
  }

  @Override
  public String kind() {
    return "pad";
  }

  @Override
  public String backwardKind() {
    return "pad";
  }
}
