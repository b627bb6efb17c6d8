package dev.windfall.vector;

import dev.windfall.network.Shape;

/**
 * The values of a batch in double precision.
 *
 * @param shape of one sample
 * @param values in (sample, channel, row, column) order
 */
record DenseMaps(int samples, Shape shape, double[] values) {

  static DenseMaps zeros(int samples, Shape shape) {
    return new DenseMaps(samples, shape, new double[Math.toIntExact(samples * shape.elements())]);
  }

  static DenseMaps like(DenseMaps other) {
    return zeros(other.samples, other.shape);
  }

  int index(int sample, int channel, int row, int column) {
    return ((sample * shape.channels() + channel) * shape.height() + row) * shape.width() + column;
  }

  /** The channel of an index. */
  int channel(int index) {
    return index / (shape.height() * shape.width()) % shape.channels();
  }

  /** Whether a position lies within the map, not in its padding. */
  boolean contains(int row, int column) {
    return row >= 0 && row < shape.height() && column >= 0 && column < shape.width();
  }

  /** The same values as those of another shape with as many elements. */
  DenseMaps as(Shape other) {
    return new DenseMaps(samples, other, values);
  }

  void add(DenseMaps other) {
    for (int i = 0; i < values.length; i++) {
      values[i] += other.values[i];
    }
  }
}
