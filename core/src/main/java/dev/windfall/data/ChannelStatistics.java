package dev.windfall.data;

import java.util.ArrayList;
import java.util.List;

/**
 * Mean and standard deviation of each colour channel, of pixels divided by 255. A pixel p of
 * channel c is standardised to (p / 255 − mean(c)) / deviation(c).
 *
 * @param mean the mean of each channel
 * @param deviation the standard deviation of each channel, above 0
 */
public record ChannelStatistics(List<Double> mean, List<Double> deviation) {
  private static final int LEVELS = 256;

  /**
   * Checks and copies the lists.
   *
   * @throws IllegalArgumentException if the lists differ in length, a number is not finite or a
   *     deviation is not above 0
   */
  public ChannelStatistics {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    if (mean.isEmpty() || mean.size() != deviation.size()) {
      throw new IllegalArgumentException(
          "channel statistics: one mean and one standard deviation a channel, found %d and %d"
              .formatted(mean.size(), deviation.size()));
    }
    if (!mean.stream().allMatch(Double::isFinite)) {
      throw new IllegalArgumentException("channel statistics: means " + mean + " must be finite");
    }
    if (!deviation.stream().allMatch(value -> value > 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(
          "channel statistics: standard deviations " + deviation + " must be above 0 and finite");
    }
  }

  /**
   * Computes the statistics of images, over all their pixels: exact sums, then the population's
   * standard deviation. A channel that never varies gets the deviation 1.
   *
   * @param shape the images' shape
   * @param images at least one image
   * @return one mean and deviation a channel
   * @throws IllegalArgumentException if there is no image
   */
  public static ChannelStatistics of(ImageShape shape, ImageSet images) {
    if (images.count() == 0) {
      throw new IllegalArgumentException("channel statistics: no images to compute them from");
    }
    long[][] occurrences = occurrences(shape, images);
    double pixels = (double) images.count() * shape.height() * shape.width();
    List<Double> mean = new ArrayList<>();
    List<Double> deviation = new ArrayList<>();
    for (long[] channel : occurrences) {
      long sum = 0;
      for (int level = 0; level < LEVELS; level++) {
        sum += channel[level] * level;
      }
      double average = sum / pixels;
      double squares = 0;
      for (int level = 0; level < LEVELS; level++) {
        squares += channel[level] * (level - average) * (level - average);
      }
      mean.add(average / 255);
      deviation.add(squares == 0 ? 1 : Math.sqrt(squares / pixels) / 255);
    }
    return new ChannelStatistics(mean, deviation);
  }

  /** How often each channel has each of the 256 levels. */
  private static long[][] occurrences(ImageShape shape, ImageSet images) {
    long[][] occurrences = new long[shape.channels()][LEVELS];
    byte[] image = new byte[shape.size()];
    int plane = shape.height() * shape.width();
    for (int index = 0; index < images.count(); index++) {
      images.read(index, image);
      for (int i = 0; i < image.length; i++) {
        occurrences[i / plane][image[i] & 0xFF]++;
      }
    }
    return occurrences;
  }
}
