package dev.windfall.sparsity;

import dev.windfall.random.StatelessRandom;
import java.util.Arrays;

/**
 * A random choice of distinct whole numbers, each set of them as likely as any other: numbers are
 * drawn until there are enough different ones, and where more than half of all are wanted, the
 * others are drawn. Time and memory go with the numbers chosen, but for the logarithm of a sort.
 */
final class DistinctNumbers {

  private DistinctNumbers() {}

  /**
   * Draws numbers.
   *
   * @param random where the numbers come from; moved on
   * @param bound the number of possible values
   * @param count how many, from 0 to {@code bound}
   * @return {@code count} different numbers from 0 to {@code bound - 1}, ascending
   */
  static long[] draw(StatelessRandom random, long bound, int count) {
    if (count > bound - count) {
      return others(draw(random, bound, (int) (bound - count)), count);
    }
    long[] chosen = {};
    // Each round draws no more than what is missing, so the numbers are those that one draw after
    // the other would have found.
    while (chosen.length < count) {
      long[] draws = new long[count - chosen.length];
      for (int i = 0; i < draws.length; i++) {
        draws[i] = random.nextLong(bound);
      }
      Arrays.sort(draws);
      chosen = union(chosen, draws);
    }
    return chosen;
  }

  private static long[] union(long[] one, long[] other) {
    long[] merged = new long[one.length + other.length];
    int size = 0;
    int i = 0;
    int j = 0;
    while (i < one.length || j < other.length) {
      boolean first = j == other.length || (i < one.length && one[i] <= other[j]);
      long next = first ? one[i++] : other[j++];
      if (size == 0 || merged[size - 1] != next) {
        merged[size++] = next;
      }
    }
    return size == merged.length ? merged : Arrays.copyOf(merged, size);
  }

  /** The first {@code count} numbers from 0 that are not excluded. */
  private static long[] others(long[] excluded, int count) {
    long[] result = new long[count];
    int skipped = 0;
    long number = 0;
    for (int i = 0; i < count; number++) {
      if (skipped < excluded.length && excluded[skipped] == number) {
        skipped++;
      } else {
        result[i++] = number;
      }
    }
    return result;
  }
}
