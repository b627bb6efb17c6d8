package dev.windfall.data;

/** How 8-bit pixels become the numbers that a network sees, in training and in evaluation alike. */
public enum PixelStandardisation {
  /** By the data set's statistics: each channel's pixels less their mean, over their deviation. */
  BY_CHANNEL,

  /**
   * By each image alone, after augmentation: its values (0 to 255, of all channels together) less
   * their mean, over their standard deviation or 1 / √(number of values), whichever is larger, so
   * that an image of one colour becomes 0. The data set's statistics have no part in it.
   */
  BY_IMAGE
}
