package dev.windfall.data;

/**
 * A sequence of labelled images of one shape: a data set's training or test images, or a part of
 * them. What an index stands for never changes. May be read by several threads at once.
 */
public interface ImageSet {
  /**
   * The number of images.
   *
   * @return 0 or more
   */
  int count();

  /**
   * The class of an image.
   *
   * @param index the image, from 0 to {@code count() - 1}
   * @return the class, from 0 to the data set's number of classes less 1
   */
  int label(int index);

  /**
   * Reads an image.
   *
   * @param index the image, from 0 to {@code count() - 1}
   * @param into takes the 8-bit pixels (0 to 255, unsigned) from position 0 on, in the order of
   *     {@link ImageShape}; at least as long as an image's size
   */
  void read(int index, byte[] into);
}
