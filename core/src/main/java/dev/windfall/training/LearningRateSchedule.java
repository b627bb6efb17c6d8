package dev.windfall.training;

import java.util.List;

/** How the learning rate falls over a training: a factor of the base rate. */
public sealed interface LearningRateSchedule {

  /**
   * The factor at a step.
   *
   * @param step from 0 to below {@code steps}
   * @param warmUpSteps steps at the beginning in which {@link LearningRate} raises the rate
   * @param steps of the whole training
   */
  double factor(long step, long warmUpSteps, long steps);

  /** The same rate from beginning to end. */
  record Constant() implements LearningRateSchedule {
    @Override
    public double factor(long step, long warmUpSteps, long steps) {
      return 1;
    }
  }

  /**
   * A factor that applies once more from each anchor on.
   *
   * @param at anchors as fractions of the whole training, ascending, each in (0, 1)
   * @param factor above 0 and at most 1
   */
  record Step(List<Double> at, double factor) implements LearningRateSchedule {
    /** Checks the ranges. */
    public Step {
      at = List.copyOf(at);
      double previous = 0;
      for (double anchor : at) {
        if (!(anchor > previous && anchor < 1)) {
          throw new IllegalArgumentException(
              "anchors must be ascending fractions of the training between 0 and 1, not " + at);
        }
        previous = anchor;
      }
      if (!(factor > 0 && factor <= 1)) {
        throw new IllegalArgumentException("factor must be above 0 and at most 1, not " + factor);
      }
    }

    @Override
    public double factor(long step, long warmUpSteps, long steps) {
      double progress = (double) step / steps;
      double result = 1;
      for (double anchor : at) {
        result *= progress >= anchor ? factor : 1;
      }
      return result;
    }
  }

  /**
   * Half a cosine from 1, when the warm-up ends, to 0 at the end of the training (Loshchilov &amp;
   * Hutter 2017, without restarts).
   */
  record Cosine() implements LearningRateSchedule {
    @Override
    public double factor(long step, long warmUpSteps, long steps) {
      double progress = (double) Math.max(0, step - warmUpSteps) / (steps - warmUpSteps);
      return (1 + StrictMath.cos(StrictMath.PI * progress)) / 2;
    }
  }
}
