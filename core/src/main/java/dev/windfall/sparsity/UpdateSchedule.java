package dev.windfall.sparsity;

/**
 * When connections are updated, and how many of them: a pure function of the step. The first update
 * is at step {@code begin}, the next ones follow every {@code every} steps, none comes after step
 * {@code end}. This is the rule of the authors of RigL (Evci et al. 2020), whose first update is
 * the first step of all.
 *
 * @param every steps from one update to the next, ΔT; at least 1
 * @param begin the first step that may update, from 0
 * @param end the last step that may update; below {@code begin}, nothing is ever updated
 * @param fraction what share of a layer's connections an update replaces
 */
public record UpdateSchedule(long every, long begin, long end, DropFraction fraction) {

  /** Checks the ranges. */
  public UpdateSchedule {
    if (every < 1) {
      throw new IllegalArgumentException(
          "updates of connections must be at least 1 step apart, not " + every);
    }
    if (begin < 0) {
      throw new IllegalArgumentException(
          "updates of connections can begin at step 0 or later, not at " + begin);
    }
  }

  /**
   * Updates from the first step on, for a share of the training.
   *
   * @param every steps from one update to the next, at least 1
   * @param end share of the training after which nothing is updated, from 0 (never) to 1
   * @param steps of the whole training
   * @param fraction what share of a layer's connections an update replaces
   */
  public static UpdateSchedule over(long every, double end, long steps, DropFraction fraction) {
    if (!(end >= 0 && end <= 1)) {
      throw new IllegalArgumentException(
          "updates of connections end after a share of the training from 0 to 1, not " + end);
    }
    long last = end == 0 ? -1 : DecimalFraction.of(end).floorOf(steps);
    return new UpdateSchedule(every, 0, last, fraction);
  }

  /** Whether connections are updated at a step, counted from 0. */
  public boolean updatesAt(long step) {
    return begin <= step && step <= end && (step - begin) % every == 0;
  }

  /**
   * The share of a layer's connections that this step's update replaces: the schedule's, whose
   * progress goes from 0 at {@code begin} to 1 at {@code end}.
   *
   * @return from 0 to 1; 0 at a step without an update
   */
  public double dropFraction(long step) {
    if (!updatesAt(step)) {
      return 0;
    }
    return fraction.at(begin == end ? 0 : (double) (step - begin) / (end - begin));
  }
}
