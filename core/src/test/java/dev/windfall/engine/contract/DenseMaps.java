package dev.windfall.engine.contract;

import dev.windfall.network.Shape;

/**
 * The values of a batch in double precision.
 *
 * @param shape of one sample
 * @param values in (sample, channel, row, column) order
 */
public record DenseMaps(int samples, Shape shape, double[] values) {

  public static DenseMaps zeros(int samples, Shape shape) {
    return new DenseMaps(samples, shape, new double[Math.toIntExact(samples * shape.elements())]);
  }

  public static DenseMaps like(DenseMaps other) {
    return zeros(other.samples, other.shape);
  }

  public int index(int sample, int channel, int row, int column) {
    return ((sample * shape.channels() + channel) * shape.height() + row) * shape.width() + column;
  }

  /** The channel of an index. */
  public int channel(int index) {
    return index / (shape.height() * shape.width()) % shape.channels();
  }

  /** Whether a position lies within the map, not in its padding. */
  public boolean contains(int row, int column) {
    return row >= 0 && row < shape.height() && column >= 0 && column < shape.width();
  }

  /** The same values as those of another shape with as many elements. */
  public DenseMaps as(Shape other) {
    return new DenseMaps(samples, other, values);
  }

  public void add(DenseMaps other) {
    for (int i = 0; i < values.length; i++) {
      values[i] += other.values[i];
    }
  }
}
