package dev.windfall.data;

import dev.windfall.random.StatelessRandom;
import java.util.function.DoubleBinaryOperator;

/**
 * A square colour image being drawn, in doubles from 0 (dark) to 1, channel by channel, row by row.
 * Coordinates are in pixels from the top left corner; pixel (x, y) has its centre at (x + 0.5, y +
 * 0.5).
 */
final class Canvas {
  private static final int CHANNELS = 3;

  private final int side;
  private final double[] values;

  Canvas(int side) {
    this.side = side;
    this.values = new double[CHANNELS * side * side];
  }

  /** Paints everything, from one colour to another along a direction across the whole image. */
  void gradient(double[] from, double[] to, double directionX, double directionY) {
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        double along =
            ((x + 0.5) / side - 0.5) * directionX + ((y + 0.5) / side - 0.5) * directionY;
        double share = Math.max(0, Math.min(1, 0.5 + along));
        for (int channel = 0; channel < CHANNELS; channel++) {
          values[at(channel, x, y)] = from[channel] + share * (to[channel] - from[channel]);
        }
      }
    }
  }

  /**
   * Paints one colour over the inside of an outline.
   *
   * @param distance the signed distance, in pixels, of a point from the outline; a pixel is covered
   *     in proportion to how far its centre lies inside, over one pixel's width, so that edges are
   *     smooth
   */
  void fill(double[] colour, DoubleBinaryOperator distance) {
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        double coverage = 0.5 - distance.applyAsDouble(x + 0.5, y + 0.5);
        if (coverage > 0) {
          blend(x, y, colour, Math.min(1, coverage));
        }
      }
    }
  }

  private void blend(int x, int y, double[] colour, double coverage) {
    for (int channel = 0; channel < CHANNELS; channel++) {
      int at = at(channel, x, y);
      values[at] += coverage * (colour[channel] - values[at]);
    }
  }

  /** Adds noise to every value: the sum of two uniform numbers, scaled to a standard deviation. */
  void noise(double deviation, StatelessRandom random) {
    // A difference of two bytes varies by 2 · (256² − 1) / 12; four such differences to a draw.
    double scale = deviation / Math.sqrt((256 * 256 - 1) / 6.0);
    for (int i = 0; i < values.length; i += 4) {
      long draw = random.nextLong();
      for (int j = 0; j < 4; j++) {
        values[i + j] += scale * ((int) (draw & 0xFF) - (int) (draw >>> 8 & 0xFF));
        draw >>>= 16;
      }
    }
  }

  /** Writes the image as 8-bit pixels, channel by channel, row by row. */
  void write(byte[] into, int offset) {
    for (int i = 0; i < values.length; i++) {
      into[offset + i] = (byte) (int) (Math.max(0, Math.min(1, values[i])) * 255 + 0.5);
    }
  }

  private int at(int channel, int x, int y) {
    return (channel * side + y) * side + x;
  }
}
