package dev.windfall.training;

/**
 * The learning rate of every step: a pure function of the step's number.
 *
 * @param base the rate after the warm-up, above 0
 * @param schedule how it falls from there
 * @param warmUpSteps steps in which the rate rises in equal parts: step t of w has (t + 1) / w of
 *     the rate (Goyal et al. 2017); 0 for none, below {@code steps}
 * @param steps of the whole training, at least 1
 */
public record LearningRate(
    double base, LearningRateSchedule schedule, long warmUpSteps, long steps) {

  /** Checks the ranges. */
  public LearningRate {
    if (!(base > 0 && Double.isFinite(base))) {
      throw new IllegalArgumentException("the learning rate must be above 0, not " + base);
    }
    if (steps < 1 || warmUpSteps < 0 || warmUpSteps >= steps) {
      throw new IllegalArgumentException(
          "a warm-up of %d steps does not fit into a training of %d".formatted(warmUpSteps, steps));
    }
  }

  /**
   * The rate of a step.
   *
   * @param step from 0 to below {@link #steps}
   */
  public double at(long step) {
    double warmth = step < warmUpSteps ? (double) (step + 1) / warmUpSteps : 1;
    return base * warmth * schedule.factor(step, warmUpSteps, steps);
  }
}
