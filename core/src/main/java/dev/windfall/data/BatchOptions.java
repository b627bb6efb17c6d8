package dev.windfall.data;

import java.util.List;

/**
 * How training images are made into batches.
 *
 * @param batchSize images in a full batch, at least 1
 * @param dropLast whether an epoch's last batch is left out when it would not be full
 * @param augmentations random changes to each image, in their order; none is an empty list
 * @param seed the run's seed, which fixes the order of every epoch and every augmentation
 */
public record BatchOptions(
    int batchSize, boolean dropLast, List<Augmentation> augmentations, long seed) {
  /**
   * Checks the batch size and copies the list.
   *
   * @throws IllegalArgumentException if the batch size is below 1
   */
  public BatchOptions {
    checkBatchSize(batchSize);
    augmentations = List.copyOf(augmentations);
  }

  static void checkBatchSize(int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch size: " + batchSize + ", at least 1");
    }
  }
}
