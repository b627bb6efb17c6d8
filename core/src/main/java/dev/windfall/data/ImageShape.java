package dev.windfall.data;

/**
 * The shape of one image. Pixels are stored channel by channel, row by row, top row first (CHW).
 *
 * @param channels number of colour channels, at least 1
 * @param height number of rows, at least 1
 * @param width number of columns, at least 1
 */
public record ImageShape(int channels, int height, int width) {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is below 1, or an image has 2³¹ values or more
   */
  public ImageShape {
    if (channels < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "image shape " + channels + "x" + height + "x" + width + ": every size is at least 1");
    }
    if ((long) channels * height > Integer.MAX_VALUE / width) {
      throw new IllegalArgumentException(
          "image shape " + channels + "x" + height + "x" + width + ": too many values in an image");
    }
  }

  /**
   * The number of values in an image.
   *
   * @return channels × height × width
   */
  public int size() {
    return channels * height * width;
  }

  /**
   * The shape in words.
   *
   * @return channels, height and width, such as {@code 3x32x32}
   */
  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
