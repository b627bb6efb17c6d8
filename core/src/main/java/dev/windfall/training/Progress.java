package dev.windfall.training;

import org.jspecify.annotations.Nullable;

/**
 * How far a training has come. With the network's {@link dev.windfall.engine.State} and the recipe
 * it decides everything that follows: the place in the data, the rates, the random draws.
 *
 * @param step steps done; the next one has this number
 * @param topologyUpdates updates of the connections done
 * @param connectionsReplaced connections that were dropped and replaced by others, in all updates
 * @param forwardFlops operations of one sample's forward pass by the report's counter, summed over
 *     the steps, so that their mean is known where the number of connections changes
 * @param overheadFlops operations besides the steps, by the same counter and of all samples
 *     together: what was computed before the training, such as scores
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
    long forwardFlops,
    long overheadFlops,
    @Nullable Double bestValidationAccuracy,
    @Nullable Double bestTestAccuracy,
    @Nullable Long bestStep) {

  /** Nothing done yet. */
  public static final Progress START = at(0);

  /**
   * A training that begins in the middle of its schedule.
   *
   * @param step the first that is done
   */
  public static Progress at(long step) {
    return new Progress(step, 0, 0, 0, 0, null, null, null);
  }

  /** Checks that no count is negative. */
  public Progress {
    if (step < 0
        || topologyUpdates < 0
        || connectionsReplaced < 0
        || forwardFlops < 0
        || overheadFlops < 0) {
      throw new IllegalArgumentException(
          "progress: step %d, %d updates, %d connections replaced, %d and %d operations: none may be negative"
              .formatted(step, topologyUpdates, connectionsReplaced, forwardFlops, overheadFlops));
    }
  }

  /** With operations that belong to no step. */
  public Progress afterOverhead(long operations) {
    return new Progress(
        step,
        topologyUpdates,
        connectionsReplaced,
        forwardFlops,
        Math.addExact(overheadFlops, operations),
        bestValidationAccuracy,
        bestTestAccuracy,
        bestStep);
  }

  /** One step further, whose forward pass took some operations a sample. */
  Progress after(long operations) {
    return new Progress(
        step + 1,
        topologyUpdates,
        connectionsReplaced,
        Math.addExact(forwardFlops, operations),
        overheadFlops,
        bestValidationAccuracy,
        bestTestAccuracy,
        bestStep);
  }

  /** With one more update of the connections. */
  Progress afterUpdate(long replaced) {
    return new Progress(
        step,
        topologyUpdates + 1,
        connectionsReplaced + replaced,
        forwardFlops,
        overheadFlops,
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
        step,
        topologyUpdates,
        connectionsReplaced,
        forwardFlops,
        overheadFlops,
        validation.accuracy(),
        test.accuracy(),
        step);
  }
}
