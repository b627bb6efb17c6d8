package dev.windfall.engine;

import dev.windfall.network.Network;
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
   * Refuses a batch that a network cannot take.
   *
   * @param most samples that the session was opened for
   * @throws IllegalArgumentException where there are more, values are missing, or a label is none
   *     of the network's classes
   */
  public void requireFits(Network network, int most) {
    long size = network.input().elements();
    if (count > most) {
      throw new IllegalArgumentException(
          "a batch of %d samples; the session was opened for up to %d".formatted(count, most));
    }
    if (input.length < count * size) {
      throw new IllegalArgumentException(
          "%d samples of %s need %d values, not %d"
              .formatted(count, network.input(), count * size, input.length));
    }
    long classes = network.output().output().elements();
    for (int sample = 0; sample < count; sample++) {
      if (labels[sample] < 0 || labels[sample] >= classes) {
        throw new IllegalArgumentException(
            "sample %d has label %d; network %s has classes 0 to %d"
                .formatted(sample, labels[sample], network.name(), classes - 1));
      }
    }
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
