package dev.windfall.engine;

/**
 * Samples for one computation.
 *
 * @param input values in (sample, channel, row, column) order; at least {@code count} samples
 * @param labels classes from 0, one per sample; at least {@code count}
 * @param sampleIds which sample of the data set each is; with seed and step it decides dropout
 * @param count live samples, from 1 to the session's batch size
 * @param step the optimizer step that this batch belongs to; decides dropout
 */
public record Batch(float[] input, int[] labels, long[] sampleIds, int count, long step) {

  /** Checks that the arrays hold {@code count} samples. */
  public Batch {
    if (count < 1 || labels.length < count || sampleIds.length < count) {
      throw new IllegalArgumentException(
          "a batch of %d samples with %d labels and %d sample ids"
              .formatted(count, labels.length, sampleIds.length));
    }
  }
}
