package dev.windfall.network;

/**
 * The shape of one sample's activation: channels × height × width. A vector of features has height
 * and width 1.
 *
 * @param channels feature maps, or features of a vector; at least 1
 * @param height rows of a feature map; at least 1
 * @param width columns of a feature map; at least 1
 */
public record Shape(int channels, int height, int width) {

  /** Checks that every extent is at least 1. */
  public Shape {
    if (channels < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "shape %d×%d×%d: every extent must be at least 1".formatted(channels, height, width));
    }
  }

  /** A vector of {@code count} features: {@code count}×1×1. */
  public static Shape features(int count) {
    return new Shape(count, 1, 1);
  }

  /** Values of one sample: channels · height · width. */
  public long elements() {
    return (long) channels * height * width;
  }

  /** Whether height and width are both 1, as a linear layer wants it. */
  public boolean isVector() {
    return height == 1 && width == 1;
  }

  /** For example {@code 64×32×32}, or {@code 512} for a vector. */
  @Override
  public String toString() {
    return isVector() ? Integer.toString(channels) : channels + "×" + height + "×" + width;
  }
}
