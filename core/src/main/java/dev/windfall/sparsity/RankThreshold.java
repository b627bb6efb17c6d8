package dev.windfall.sparsity;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * Where a choice of the lowest ranks ends: everything below {@code rank} is chosen, and the first
 * {@code ties} of those that have exactly this rank.
 *
 * @param rank the highest rank that is chosen
 * @param ties how many of this rank are chosen
 */
record RankThreshold(int rank, int ties) {

  private static final int LOW_BITS = 16;

  /** So many ranks are sorted sooner than the counters of all bits are cleared. */
  private static final int FEW = 4096;

  /** The rank of a NaN score: after every other. */
  private static final int LAST = Integer.MAX_VALUE;

  private static final int INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

  /**
   * The threshold below which {@code chosen} of {@code count} ranks lie. Few ranks are sorted; for
   * many the upper and then the lower halves of their bits are counted: in time proportional to
   * {@code count} whatever the ranks are, and without a copy of them.
   *
   * @param count how many ranks there are
   * @param rankAt the rank at each index
   * @param chosen from 0 to {@code count}
   */
  static RankThreshold of(int count, IntUnaryOperator rankAt, int chosen) {
    return count <= FEW ? sorted(count, rankAt, chosen) : counted(count, rankAt, chosen);
  }

  private static RankThreshold sorted(int count, IntUnaryOperator rankAt, int chosen) {
    if (chosen == 0) {
      return new RankThreshold(0, 0);
    }
    int[] ranks = new int[count];
    Arrays.setAll(ranks, rankAt);
    Arrays.sort(ranks);
    int rank = ranks[chosen - 1];
    int first = chosen - 1;
    while (first > 0 && ranks[first - 1] == rank) {
      first--;
    }
    return new RankThreshold(rank, chosen - first);
  }

  private static RankThreshold counted(int count, IntUnaryOperator rankAt, int chosen) {
    int[] byUpperBits = new int[1 << LOW_BITS];
    for (int i = 0; i < count; i++) {
      byUpperBits[upper(rankAt.applyAsInt(i))]++;
    }
    int below = 0;
    int upper = 0;
    while (below + byUpperBits[upper] < chosen) {
      below += byUpperBits[upper++];
    }
    int[] byLowerBits = new int[1 << LOW_BITS];
    for (int i = 0; i < count; i++) {
      int rank = rankAt.applyAsInt(i);
      if (upper(rank) == upper) {
        byLowerBits[rank & 0xFFFF]++;
      }
    }
    int lower = 0;
    while (below + byLowerBits[lower] < chosen) {
      below += byLowerBits[lower++];
    }
    return new RankThreshold((upper << LOW_BITS | lower) + Integer.MIN_VALUE, chosen - below);
  }

  /** The upper half of a rank's bits, counted from the lowest rank there is. */
  private static int upper(int rank) {
    return (rank - Integer.MIN_VALUE) >>> LOW_BITS;
  }

  /** Ranks values by rising magnitude; NaN after infinity. */
  static int smallestFirst(float value) {
    return Float.isNaN(value) ? LAST : Float.floatToRawIntBits(Math.abs(value));
  }

  /** Ranks values by their size, those below 0 first; NaN after infinity. */
  static int lowestFirst(float value) {
    if (Float.isNaN(value)) {
      return LAST;
    }
    // Adding 0 makes -0 a 0. Of negative numbers the bits rise with the magnitude.
    int bits = Float.floatToRawIntBits(value + 0f);
    return bits >= 0 ? bits : bits ^ Integer.MAX_VALUE;
  }

  /** Ranks values by falling magnitude; NaN after 0. */
  static int largestFirst(float value) {
    return Float.isNaN(value) ? LAST : INFINITY - Float.floatToRawIntBits(Math.abs(value));
  }
}
