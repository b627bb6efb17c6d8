package dev.windfall.experiment.comparison;

import java.util.function.LongUnaryOperator;

/** Finds where a count comes nearest to a target. */
final class Bisection {

  private Bisection() {}

  /**
   * The whole number at which a count is nearest to a target; of two that are as near, the lower
   * count's.
   *
   * @param lowest number to look at
   * @param highest number to look at, at least {@code lowest}
   * @param count exact, and nowhere falling
   * @param target that the count shall have
   */
  static long nearest(long lowest, long highest, LongUnaryOperator count, long target) {
    long below = lowest;
    long above = highest;
    while (above - below > 1) {
      long middle = below + (above - below) / 2;
      if (count.applyAsLong(middle) <= target) {
        below = middle;
      } else {
        above = middle;
      }
    }
    long missing = Math.absExact(target - count.applyAsLong(below));
    long beyond = Math.absExact(count.applyAsLong(above) - target);
    return beyond < missing ? above : below;
  }
}
