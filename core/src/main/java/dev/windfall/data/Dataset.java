package dev.windfall.data;

import java.util.List;

/**
 * Labelled images for classification, divided into those to train on and those to test on. {@link
 * Datasets} opens the ones known by name; for data of your own, implement this interface, with
 * {@link InMemoryImageSet} or an {@link ImageSet} of your own.
 */
public interface Dataset {
  /**
   * The data set's name, as in recipes.
   *
   * @return a name such as {@code cifar-10}
   */
  String name();

  /**
   * The shape that all images have.
   *
   * @return channels, height and width
   */
  ImageShape shape();

  /**
   * The names of the classes.
   *
   * @return one name for each class, in the order of the labels
   */
  List<String> classNames();

  /**
   * The images to train on; a validation split ({@link Split}) is taken from these.
   *
   * @return all training images
   */
  ImageSet train();

  /**
   * The images to test on.
   *
   * @return all test images
   */
  ImageSet test();

  /**
   * The statistics by which pixels are standardised. Unless a data set states its own, they are
   * computed from all training images, anew at every call.
   *
   * @return mean and standard deviation of each channel
   */
  default ChannelStatistics statistics() {
    return ChannelStatistics.of(shape(), train());
  }

  /**
   * How pixels are standardised.
   *
   * @return by the statistics, unless a data set says otherwise, as {@link PerImageStandardised}
   *     does
   */
  default PixelStandardisation standardisation() {
    return PixelStandardisation.BY_CHANNEL;
  }
}
