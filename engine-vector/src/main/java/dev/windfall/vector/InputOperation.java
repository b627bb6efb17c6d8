package dev.windfall.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

/** Writes a batch in (sample, channel, row, column) order into the layout of the engine. */
final class InputOperation {

  private final Tensor result;

  InputOperation(Tensor result) {
    this.result = result;
  }

  /** Writes the samples; lanes without one become 0. */
  void run(Pass pass, float[] input) {
    Geometry geometry = result.data().geometry();
    if (geometry.vector()) {
      writeVectors(pass, geometry, input);
    } else {
      pass.forEachPiece(geometry, piece -> writeMaps(pass, piece, geometry, input));
    }
  }

  private void writeMaps(Pass pass, Pass.Piece piece, Geometry geometry, float[] input) {
    int first = piece.block() * Geometry.LANES;
    int sampleSize = geometry.channels() * geometry.height() * geometry.width();
    for (int row = piece.fromRow(); row < piece.toRow(); row++) {
      for (int channel = 0; channel < geometry.channels(); channel++) {
        long out = result.data().at(piece.block(), row, channel, 0);
        int element = (channel * geometry.height() + row) * geometry.width();
        for (int column = 0; column < geometry.width(); column++) {
          writePixel(pass, input, first, sampleSize, element + column, out);
          out += Geometry.PIXEL_BYTES;
        }
      }
    }
  }

  private void writeVectors(Pass pass, Geometry geometry, float[] input) {
    pass.forEachPiece(
        geometry,
        piece -> {
          for (int feature = piece.fromChannel(); feature < piece.toChannel(); feature++) {
            long out = result.data().at(piece.block(), 0, feature, 0);
            for (int part = 0; part < Geometry.TILE; part++) {
              int first = (piece.block() * Geometry.TILE + part) * Geometry.LANES;
              writePixel(pass, input, first, geometry.channels(), feature, out);
              out += Geometry.PIXEL_BYTES;
            }
          }
        });
  }

  private static void writePixel(
      Pass pass, float[] input, int first, int sampleSize, int element, long out) {
    int live = Math.min(Geometry.LANES, pass.samples() - first);
    for (int lane = 0; lane < Geometry.LANES; lane++) {
      float value = lane < live ? input[(first + lane) * sampleSize + element] : 0;
      pass.memory().set(JAVA_FLOAT, out + 4L * lane, value);
    }
  }
}
