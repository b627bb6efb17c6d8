package dev.windfall.sparsity;

/**
 * When connections are updated, and how many of them: a pure function of the step.
 *
 * <p>By the rule of RigL's authors (Evci et al. 2020) the first update is at step {@code begin},
 * the next ones follow every {@code every} steps, none comes after step {@code end}. By the rule of
 * the reproducibility report, updates are at the steps t from {@code begin} to below {@code end}
 * for which t + 1 is a multiple of {@code every}.
 *
 * @param every steps from one update to the next, ΔT; at least 1
 * @param begin the first step that may update, from 0
 * @param end the last step that may update; below {@code begin}, nothing is ever updated
 * @param fraction what share of a layer's connections an update replaces
 * @param rule which of the two
 */
public record UpdateSchedule(
    long every, long begin, long end, DropFraction fraction, UpdateRule rule) {

  /** A schedule by the authors' rule. */
  public UpdateSchedule(long every, long begin, long end, DropFraction fraction) {
    this(every, begin, end, fraction, UpdateRule.AUTHORS);
  }

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
   * Updates in a part of the training.
   *
   * @param every steps from one update to the next, at least 1
   * @param begin share of the training before which nothing is updated, from 0 to {@code end}
   * @param end share of the training after which nothing is updated, from 0 (never) to 1
   * @param steps of the whole training
   * @param fraction what share of a layer's connections an update replaces
   * @param rule which steps update
   */
  public static UpdateSchedule over(
      long every, double begin, double end, long steps, DropFraction fraction, UpdateRule rule) {
    if (!(begin >= 0 && begin <= end && end <= 1)) {
      throw new IllegalArgumentException(
          "updates of connections begin and end after shares of the training from 0 to 1, not"
              + " from %s to %s".formatted(begin, end));
    }
    long first = DecimalFraction.of(begin).floorOf(steps);
    long last = end == 0 ? -1 : DecimalFraction.of(end).floorOf(steps);
    return new UpdateSchedule(every, first, last, fraction, rule);
  }

  /** The same schedule, ending at the last step of a training at the latest. */
  public UpdateSchedule within(long steps) {
    return new UpdateSchedule(every, begin, Math.min(end, steps - 1), fraction, rule);
  }

  /** Whether connections are updated at a step, counted from 0. */
  public boolean updatesAt(long step) {
    return begin <= step
        && switch (rule) {
          case AUTHORS -> step <= end && (step - begin) % every == 0;
          case REPORT -> step < end && (step + 1) % every == 0;
        };
  }

  /** How far a step is on the way from {@code begin} (0) to {@code end} (1). */
  public double progress(long step) {
    return begin >= end ? 0 : (double) (step - begin) / (end - begin);
  }

  /**
   * The share of a layer's connections that this step's update replaces: the schedule's, whose
   * progress goes from 0 at {@code begin} to 1 at {@code end}.
   *
   * @return from 0 to 1; 0 at a step without an update
   */
  public double dropFraction(long step) {
    return updatesAt(step) ? fraction.at(progress(step)) : 0;
  }
}
