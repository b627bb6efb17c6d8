package dev.windfall.vector;

import dev.windfall.network.Layer;

/** The mean of each window, with or without the padding in the count. */
final class AveragePoolOperation implements Operation {

  private final Layer.AveragePool layer;
  private final PoolWindows windows;
  private final Tensor source;
  private final Tensor result;
  private BackwardPlan.Target target;

  AveragePoolOperation(Layer.AveragePool layer, Tensor source, Tensor result) {
    this.layer = layer;
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
    plan.incoming(result);
    if (source.wantsGradient()) {
      target = plan.outgoing(source, this);
    }
  }

  /**
   * Multiplies a row of sums, or of gradients, by what each window is divided by.
   *
   * @param x what is read
   * @param out where the products go; may be the same
   */
  private void divide(Pass pass, int block, int outputRow, long x, long out) {
    Geometry in = source.data().geometry();
    int width = result.data().geometry().width();
    for (int first = 0; first < width; ) {
      float factor = factor(in, outputRow, first);
      int end = first + 1;
      while (end < width && factor(in, outputRow, end) == factor) {
        end++;
      }
      long place = (long) first * Geometry.PIXEL_BYTES;
      Kernels.Row pixels = pass.row(in, block, end - first);
      pass.kernels().affine(pixels, x + place, factor, 0, out + place);
      first = end;
    }
  }

  private float factor(Geometry in, int row, int column) {
    int count =
        layer.countsPadding()
            ? layer.kernel() * layer.kernel()
            : windows.covered(row, in.height()) * windows.covered(column, in.width());
    return 1f / count;
  }

  @Override
  public void forward(Pass pass) {
    Geometry in = source.data().geometry();
    Geometry out = result.data().geometry();
    pass.forEachPiece(
        out,
        piece -> {
          int block = piece.block();
          Kernels.Row whole = pass.row(out, block, out.width());
          for (int y = piece.fromRow(); y < piece.toRow(); y++) {
            int outputRow = y;
            for (int c = piece.fromChannel(); c < piece.toChannel(); c++) {
              int channel = c;
              long sums = result.data().at(block, y, channel, 0);
              pass.kernels().fill(whole, 0, sums);
              windows.forEachCandidate(
                  in,
                  out,
                  y,
                  (row, column, first, count) ->
                      pass.kernels()
                          .addScaled(
                              pass.row(out, block, count),
                              source.data().at(block, row, channel, column),
                              windows.stepBytes(),
                              1,
                              result.data().at(block, outputRow, channel, first),
                              Geometry.PIXEL_BYTES));
              divide(pass, block, y, sums, sums);
            }
          }
        });
  }

  @Override
  public void backward(Pass pass) {
    if (!source.wantsGradient()) {
      return;
    }
    Geometry in = source.data().geometry();
    int channels = in.channels();
    pass.machine()
        .crew()
        .run(
            pass.blocks(in) * channels,
            (worker, item) -> backward(pass, worker, item / channels, item % channels));
  }

  /** Windows may overlap, so one worker does a whole map. */
  private void backward(Pass pass, int worker, int block, int channel) {
    Geometry in = source.data().geometry();
    Geometry out = result.data().geometry();
    Buffer gradient = target.buffer();
    long divided = pass.machine().scratchOf(worker);
    for (int row = 0; !target.add() && row < in.height(); row++) {
      pass.kernels().fill(pass.row(in, block, in.width()), 0, gradient.at(block, row, channel, 0));
    }
    for (int y = 0; y < out.height(); y++) {
      divide(pass, block, y, result.gradient().at(block, y, channel, 0), divided);
      windows.forEachCandidate(
          in,
          out,
          y,
          (row, column, first, count) ->
              pass.kernels()
                  .addScaled(
                      pass.row(out, block, count),
                      divided + (long) first * Geometry.PIXEL_BYTES,
                      Geometry.PIXEL_BYTES,
                      1,
                      gradient.at(block, row, channel, column),
                      windows.stepBytes()));
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
