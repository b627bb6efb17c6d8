package dev.windfall.training;

import org.jspecify.annotations.Nullable;

/**
 * How far a training has come. With the network's {@link dev.windfall.engine.State} and the recipe
 * it decides everything that follows: the place in the data, the rates, the random draws.
 *
 * @param step steps done; the next one has this number
 * @param topologyUpdates updates of the connections done
 * @param connectionsReplaced connections that were dropped and replaced by others, in all updates
 * @param bestValidationAccuracy the highest so far; null before the first evaluation or without
 *     validation samples
 * @param bestTestAccuracy the test accuracy at that evaluation
 * @param bestStep the step of that evaluation, as {@link #step} counts: the checkpoint of this step
 *     has the best weights
 */
public record Progress(
    long step,
    long topologyUpdates,
    long connectionsReplaced,
    @Nullable Double bestValidationAccuracy,
    @Nullable Double bestTestAccuracy,
    @Nullable Long bestStep) {

  /** Nothing done yet. */
  public static final Progress START = new Progress(0, 0, 0, null, null, null);

  /** Checks that no count is negative. */
  public Progress {
    if (step < 0 || topologyUpdates < 0 || connectionsReplaced < 0) {
      throw new IllegalArgumentException(
          "progress: step %d, %d updates, %d connections replaced: none may be negative"
              .formatted(step, topologyUpdates, connectionsReplaced));
    }
  }

  /** One step further, which may have updated connections. */
  Progress after(boolean isUpdated, long replaced) {
    return new Progress(
        step + 1,
        topologyUpdates + (isUpdated ? 1 : 0),
        connectionsReplaced + replaced,
        bestValidationAccuracy,
        bestTestAccuracy,
        bestStep);
  }

  /** Whether an evaluation is better than all before; the first of equal ones stays the best. */
  boolean isBest(Evaluation validation) {
    return bestValidationAccuracy == null || validation.accuracy() > bestValidationAccuracy;
  }

  /** With a new best evaluation. */
  Progress withBest(Evaluation validation, Evaluation test) {
    return new Progress(
        step, topologyUpdates, connectionsReplaced, validation.accuracy(), test.accuracy(), step);
  }
}
