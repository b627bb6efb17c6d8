package dev.windfall.engine;

import org.jspecify.annotations.Nullable;

/**
 * Samples for one computation.
 *
 * @param input values in (sample, channel, row, column) order; at least {@code count} samples
 * @param labels classes from 0, one per sample; at least {@code count}
 * @param sampleIds which sample of the data set each is; with seed and step it decides dropout
 * @param count live samples, from 1 to the session's batch size
 * @param step the optimizer step that this batch belongs to; decides dropout
 * @param teacherLogits what another network says to the samples, in (sample, class) order, for
 *     {@link Objective.Distillation}; null where nobody was asked
 */
public record Batch(
    float[] input,
    int[] labels,
    long[] sampleIds,
    int count,
    long step,
    float @Nullable [] teacherLogits) {

  /** Checks that the arrays hold {@code count} samples. */
  public Batch {
    if (count < 1 || labels.length < count || sampleIds.length < count) {
      throw new IllegalArgumentException(
          "a batch of %d samples with %d labels and %d sample ids"
              .formatted(count, labels.length, sampleIds.length));
    }
  }

  /** Samples to which no other network says anything. */
  public Batch(float[] input, int[] labels, long[] sampleIds, int count, long step) {
    this(input, labels, sampleIds, count, step, null);
  }

  /** The same samples with what another network says to them. */
  public Batch withTeacher(float[] logits) {
    return new Batch(input, labels, sampleIds, count, step, logits);
  }

  /**
   * What another network says to the samples.
   *
   * @param classes of both networks
   * @throws IllegalArgumentException where it says nothing, or not of so many classes
   */
  public float[] requireTeacher(int classes) {
    int needed = Math.multiplyExact(count, classes);
    int given = teacherLogits == null ? 0 : teacherLogits.length;
    if (teacherLogits == null || given < needed) {
      throw new IllegalArgumentException(
          "distillation needs the teacher's %d logits of %d samples, not %d"
              .formatted(needed, count, given));
    }
    return teacherLogits;
  }
}
