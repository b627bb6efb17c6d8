package dev.windfall.vector;

import dev.windfall.network.Layer;

/** Max pooling; the first of several largest values gets the gradient. */
final class MaxPoolOperation implements Operation {

  private final PoolWindows windows;
  private final Tensor source;
  private final Tensor result;
  private BackwardPlan.Target target;

  MaxPoolOperation(Layer.MaxPool layer, Tensor source, Tensor result) {
    this.windows = PoolWindows.of(layer);
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
    plan.read(source.data());
    plan.read(result.data());
    plan.incoming(result);
    if (source.wantsGradient()) {
      target = plan.outgoing(source, this);
    }
  }

  @Override
  public void forward(Pass pass) {
    Geometry geometry = result.data().geometry();
    long step = windows.stepBytes();
    pass.forEachPiece(
        geometry,
        piece -> {
          for (int y = piece.fromRow(); y < piece.toRow(); y++) {
            int outputRow = y;
            for (int c = piece.fromChannel(); c < piece.toChannel(); c++) {
              int channel = c;
              int block = piece.block();
              pass.kernels()
                  .fill(
                      pass.row(geometry, block, geometry.width()),
                      Float.NEGATIVE_INFINITY,
                      result.data().at(block, y, channel, 0));
              windows.forEachCandidate(
                  source.data().geometry(),
                  geometry,
                  y,
                  (row, column, first, count) ->
                      pass.kernels()
                          .maxInto(
                              pass.row(geometry, block, count),
                              source.data().at(block, row, channel, column),
                              step,
                              result.data().at(block, outputRow, channel, first)));
            }
          }
        });
  }

  @Override
  public void backward(Pass pass) {
    if (!source.wantsGradient()) {
      return;
    }
    int blocks = pass.blocks(source.data().geometry());
    int channels = source.data().geometry().channels();
    pass.machine()
        .crew()
        .run(
            blocks * channels,
            (worker, item) -> backward(pass, worker, item / channels, item % channels));
  }

  /** Windows may overlap, so one worker does a whole map. */
  private void backward(Pass pass, int worker, int block, int channel) {
    Geometry in = source.data().geometry();
    Geometry out = result.data().geometry();
    long taken = pass.machine().scratchOf(worker);
    long step = windows.stepBytes();
    for (int row = 0; !target.add() && row < in.height(); row++) {
      pass.kernels()
          .fill(pass.row(in, block, in.width()), 0, target.buffer().at(block, row, channel, 0));
    }
    for (int y = 0; y < out.height(); y++) {
      int outputRow = y;
      pass.kernels().fill(pass.row(out, block, out.width()), 0, taken);
      windows.forEachCandidate(
          in,
          out,
          y,
          (row, column, first, count) ->
              pass.kernels()
                  .maxGradient(
                      pass.row(out, block, count),
                      source.data().at(block, row, channel, column),
                      result.data().at(block, outputRow, channel, first),
                      result.gradient().at(block, outputRow, channel, first),
                      taken + (long) first * Geometry.PIXEL_BYTES,
                      target.buffer().at(block, row, channel, column),
                      step));
    }
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
