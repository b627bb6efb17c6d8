package dev.windfall.data;

/** Some of another set's images, in a given order. */
final class ImageSubset implements ImageSet {
  private final ImageSet images;
  private final int[] indices;

  /** Takes the indices into the other set; the array is not copied. */
  ImageSubset(ImageSet images, int[] indices) {
    this.images = images;
    this.indices = indices;
  }

  @Override
  public int count() {
    return indices.length;
  }

  @Override
  public int label(int index) {
    return images.label(indices[index]);
  }

  @Override
  public void read(int index, byte[] into) {
    images.read(indices[index], into);
  }
}
