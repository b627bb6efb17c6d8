package dev.windfall.data;

/** Images held in one array of 8-bit pixels, the last image's end being the array's end. */
public final class InMemoryImageSet implements ImageSet {
  private final int imageSize;
  private final byte[] pixels;
  private final byte[] labels;

  /**
   * Takes images from arrays, which are not copied and must not be changed afterwards.
   *
   * @param shape the shape of every image
   * @param pixels the images one after another, 8-bit unsigned, each in the order of {@link
   *     ImageShape}
   * @param labels the class of each image, 8-bit unsigned
   * @throws IllegalArgumentException if the arrays do not hold the same number of images
   */
  public InMemoryImageSet(ImageShape shape, byte[] pixels, byte[] labels) {
    if ((long) labels.length * shape.size() != pixels.length) {
      throw new IllegalArgumentException(
          "%d labels need %d pixel values (%s each), found %d"
              .formatted(labels.length, (long) labels.length * shape.size(), shape, pixels.length));
    }
    this.imageSize = shape.size();
    this.pixels = pixels;
    this.labels = labels;
  }

  @Override
  public int count() {
    return labels.length;
  }

  @Override
  public int label(int index) {
    return labels[index] & 0xFF;
  }

  @Override
  public void read(int index, byte[] into) {
    System.arraycopy(pixels, Math.multiplyExact(index, imageSize), into, 0, imageSize);
  }
}
