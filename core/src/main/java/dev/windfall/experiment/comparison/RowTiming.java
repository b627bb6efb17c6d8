package dev.windfall.experiment.comparison;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How long the steps of a row take, measured while nothing else was running.
 *
 * @param row its {@link ComparisonRow#key()}
 * @param threads computing threads
 * @param samples of a step
 * @param steps that were measured
 * @param firstStepMilliseconds median of an ordinary step, at the beginning of the training
 * @param lastStepMilliseconds at its end, where layers have other numbers of connections than at
 *     the beginning; null where they have not
 * @param lastShare share of the last step in a mean step, from 0 to 1: how far the forward pass has
 *     come, in the mean over the training, on the way from its FLOPs at the beginning to those at
 *     the end; 0 where nothing changes
 * @param updateMilliseconds median of a step that updates connections; null where there are none
 * @param startSeconds what choosing the connections by scores and learning scales of the initial
 *     weights take, before the first step; null where neither is done
 * @param bytes the most that the engine held
 * @param layers where the time of ordinary steps goes; empty where the engine cannot tell
 */
public record RowTiming(
    String row,
    int threads,
    int samples,
    int steps,
    double firstStepMilliseconds,
    @Nullable Double lastStepMilliseconds,
    double lastShare,
    @Nullable Double updateMilliseconds,
    @Nullable Double startSeconds,
    long bytes,
    List<LayerTiming> layers) {

  /** Copies the list. */
  public RowTiming {
    layers = List.copyOf(layers);
  }

  /**
   * An ordinary step in the mean over the training, where its time is taken to change as the FLOPs
   * of the forward pass do.
   */
  public double meanStepMilliseconds() {
    return lastStepMilliseconds == null
        ? firstStepMilliseconds
        : firstStepMilliseconds + lastShare * (lastStepMilliseconds - firstStepMilliseconds);
  }

  /** Training samples a second, in ordinary steps. */
  public double imagesPerSecond() {
    return 1000 * samples / meanStepMilliseconds();
  }

  /**
   * Seconds that the steps of a training take, and what is done before them.
   *
   * @param steps of the training, updates included
   * @param updates of the connections among them
   */
  public double seconds(long steps, long updates) {
    double step = meanStepMilliseconds();
    double update = updateMilliseconds == null ? step : updateMilliseconds;
    double start = startSeconds == null ? 0 : startSeconds;
    return start + ((steps - updates) * step + updates * update) / 1000;
  }
}
