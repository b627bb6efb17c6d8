package dev.windfall.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.windfall.engine.LayerOutput;
import java.util.concurrent.atomic.LongAdder;

/** Counts the numbers of a layer's output; only those of live samples. */
final class OutputCount {

  private final Pass pass;
  private final Buffer output;
  private final float small;
  private final LongAdder values = new LongAdder();
  private final LongAdder nearlyZero = new LongAdder();
  private final LongAdder nonFinite = new LongAdder();

  private OutputCount(Pass pass, Buffer output, float small) {
    this.pass = pass;
    this.output = output;
    this.small = small;
  }

  /** Counts an output right after it was computed, before its buffer has another use. */
  static LayerOutput of(Pass pass, String layer, Buffer output, float small) {
    OutputCount count = new OutputCount(pass, output, small);
    pass.forEachPiece(output.geometry(), count::piece);
    return new LayerOutput(
        layer, count.values.sum(), count.nearlyZero.sum(), count.nonFinite.sum());
  }

  private void piece(Pass.Piece piece) {
    for (int row = piece.fromRow(); row < piece.toRow(); row++) {
      for (int channel = piece.fromChannel(); channel < piece.toChannel(); channel++) {
        for (int column = 0; column < output.geometry().width(); column++) {
          pixel(output.at(piece.block(), row, channel, column), liveLanes(piece.block(), column));
        }
      }
    }
  }

  /** The columns of a vector are blocks of samples. */
  private int liveLanes(int block, int column) {
    Geometry geometry = output.geometry();
    int first = block * geometry.samplesPerBlock();
    first += geometry.vector() ? column * Geometry.LANES : 0;
    return Math.clamp(pass.samples() - first, 0, Geometry.LANES);
  }

  private void pixel(long place, int lanes) {
    int small = 0;
    int bad = 0;
    for (int lane = 0; lane < lanes; lane++) {
      float value = pass.memory().get(JAVA_FLOAT, place + (long) lane * Float.BYTES);
      small += Math.abs(value) <= this.small ? 1 : 0;
      bad += Float.isFinite(value) ? 0 : 1;
    }
    values.add(lanes);
    nearlyZero.add(small);
    nonFinite.add(bad);
  }
}
