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
 * @param stepMilliseconds median of an ordinary step, at the beginning of the training
 * @param endStepMilliseconds at its end, where the network has lost connections until then; null
 *     where it has not
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
    double stepMilliseconds,
    @Nullable Double endStepMilliseconds,
    @Nullable Double updateMilliseconds,
    @Nullable Double startSeconds,
    long bytes,
    List<LayerTiming> layers) {

  /** Copies the list. */
  public RowTiming {
    layers = List.copyOf(layers);
  }

  /**
   * An ordinary step in the mean over a training.
   *
   * @param gone by how much the forward pass has become cheaper in the mean over the training, as a
   *     share of by how much it has at the end; steps are taken to become faster as much
   */
  public double meanStepMilliseconds(double gone) {
    return endStepMilliseconds == null
        ? stepMilliseconds
        : stepMilliseconds + gone * (endStepMilliseconds - stepMilliseconds);
  }

  /**
   * Training samples a second, in ordinary steps.
   *
   * @param gone as for {@link #meanStepMilliseconds}
   */
  public double imagesPerSecond(double gone) {
    return 1000 * samples / meanStepMilliseconds(gone);
  }

  /**
   * Seconds that the steps of a training take, and what is done before them.
   *
   * @param gone as for {@link #meanStepMilliseconds}
   * @param steps of the training, updates included
   * @param updates of the connections among them
   */
  public double seconds(double gone, long steps, long updates) {
    double step = meanStepMilliseconds(gone);
    double update = updateMilliseconds == null ? step : updateMilliseconds;
    double start = startSeconds == null ? 0 : startSeconds;
    return start + ((steps - updates) * step + updates * update) / 1000;
  }
}
