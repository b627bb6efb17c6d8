package dev.windfall.experiment.comparison;

import org.jspecify.annotations.Nullable;

/**
 * How long the steps of a row take, measured while nothing else was running.
 *
 * @param row its {@link ComparisonRow#key()}
 * @param threads computing threads
 * @param samples of a step
 * @param steps that were measured
 * @param stepMilliseconds median of an ordinary step
 * @param updateMilliseconds median of a step that updates connections; null where there are none
 * @param bytes the most that the engine held
 */
public record RowTiming(
    String row,
    int threads,
    int samples,
    int steps,
    double stepMilliseconds,
    @Nullable Double updateMilliseconds,
    long bytes) {

  /** Training samples a second, in ordinary steps. */
  public double imagesPerSecond() {
    return 1000.0 * samples / stepMilliseconds;
  }

  /**
   * Seconds that the steps of a training take.
   *
   * @param steps of the training, updates included
   * @param updates of the connections among them
   */
  public double seconds(long steps, long updates) {
    double update = updateMilliseconds == null ? stepMilliseconds : updateMilliseconds;
    return ((steps - updates) * stepMilliseconds + updates * update) / 1000;
  }
}
