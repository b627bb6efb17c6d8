package dev.windfall.data;

import dev.windfall.random.StatelessRandom;

/**
 * A rectangular part of an image, in whole pixels.
 *
 * @param top first row
 * @param left first column
 * @param height number of rows, at least 1
 * @param width number of columns, at least 1
 */
record ImageCrop(int top, int left, int height, int width) {
  private static final double SMALLEST_AREA = 0.08;
  private static final int MOST_TRIES = 10;

  /** Of width to height; the smallest is its inverse. StrictMath is the same on every machine. */
  private static final double LOG_LARGEST_RATIO = StrictMath.log(4.0 / 3);

  /** Draws a part by the rule of {@link Augmentation.RandomResizedCrop}. */
  static ImageCrop random(ImageShape shape, StatelessRandom random) {
    double pixels = (double) shape.height() * shape.width();
    for (int i = 0; i < MOST_TRIES; i++) {
      double area = pixels * (SMALLEST_AREA + (1 - SMALLEST_AREA) * random.nextDouble());
      double ratio = StrictMath.exp((2 * random.nextDouble() - 1) * LOG_LARGEST_RATIO);
      int width = (int) Math.round(Math.sqrt(area * ratio));
      int height = (int) Math.round(Math.sqrt(area / ratio));
      if (width >= 1 && width <= shape.width() && height >= 1 && height <= shape.height()) {
        int top = random.nextInt(shape.height() - height + 1);
        int left = random.nextInt(shape.width() - width + 1);
        return new ImageCrop(top, left, height, width);
      }
    }
    return new ImageCrop(0, 0, shape.height(), shape.width());
  }

  /**
   * Scales this part of an image, with pixel centres at halves and the outermost pixels continued
   * beyond the part's edges.
   *
   * @param shape the image's shape
   * @param resized the result's shape, of as many channels
   */
  void resize(byte[] image, ImageShape shape, ImageShape resized, byte[] result) {
    double rowStep = (double) height / resized.height();
    double columnStep = (double) width / resized.width();
    for (int y = 0; y < resized.height(); y++) {
      double row = inside((y + 0.5) * rowStep - 0.5, height);
      for (int x = 0; x < resized.width(); x++) {
        double column = inside((x + 0.5) * columnStep - 0.5, width);
        for (int channel = 0; channel < resized.channels(); channel++) {
          int plane = channel * shape.height() * shape.width();
          int to = (channel * resized.height() + y) * resized.width() + x;
          result[to] = (byte) (int) (value(image, plane, shape.width(), row, column) + 0.5);
        }
      }
    }
  }

  private static double inside(double coordinate, int size) {
    return Math.max(0, Math.min(size - 1, coordinate));
  }

  /** The value between the four pixels around a point of this part. */
  private double value(byte[] image, int plane, int stride, double row, double column) {
    int above = (int) row;
    int before = (int) column;
    int below = Math.min(above + 1, height - 1);
    int behind = Math.min(before + 1, width - 1);
    int upper = plane + (top + above) * stride + left;
    int lower = plane + (top + below) * stride + left;
    double across = column - before;
    double first = mixed(image[upper + before], image[upper + behind], across);
    double second = mixed(image[lower + before], image[lower + behind], across);
    return first + (row - above) * (second - first);
  }

  private static double mixed(byte from, byte to, double share) {
    int start = from & 0xFF;
    return start + share * ((to & 0xFF) - start);
  }
}
