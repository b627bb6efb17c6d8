package dev.windfall.sparsity;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Shares out connections among layers anew, at an update: each layer gets of all dropped
 * connections the share that its statistic has in the sum of all statistics (Dettmers &amp;
 * Zettlemoyer 2019), as far as it has room.
 *
 * @param weights what each layer would have if it were dense
 * @param connections what each has before the update, at least 1
 * @param statistics of each layer, not negative; what is no finite number counts as 0
 */
public record LayerShares(long[] weights, long[] connections, double[] statistics) {

  /** A layer is never filled beyond this share of what it lacks after the drop. */
  private static final double FILL = 0.99;

  /** Rounds of handing on what full layers cannot take. */
  private static final int MOST_ROUNDS = 1000;

  /** Checks that the lists are of one length. */
  public LayerShares {
    if (weights.length != connections.length || weights.length != statistics.length) {
      throw new IllegalArgumentException(
          "%d layers with %d counts and %d statistics"
              .formatted(weights.length, connections.length, statistics.length));
    }
  }

  /** How the shares become whole numbers. */
  public enum Rounding {
    /** Largest remainders first, so that as many grow as were dropped. */
    EXACT,
    /**
     * To the nearest whole number, half to even: the reproducibility report's, which may lose or
     * win a connection a layer. The next update grows what is missing.
     */
    REPORT,
    /** Up: that of Dettmers &amp; Zettlemoyer's implementation, corrected as {@link #REPORT}. */
    DETTMERS;

    /** The name in recipes. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The rounding with the given {@link #label()}.
     *
     * @throws IllegalArgumentException naming the known ones when there is none of that name
     */
    public static Rounding named(String label) {
      return Arrays.stream(values())
          .filter(known -> known.label().equals(label))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "unknown rounding '%s'; known: %s"
                          .formatted(
                              label,
                              Arrays.stream(values())
                                  .map(Rounding::label)
                                  .collect(Collectors.joining(" ")))));
    }
  }

  /** Each layer's part in the sum of statistics; nothing at all where they are all 0. */
  private double[] parts() {
    double[] finite =
        Arrays.stream(statistics).map(value -> Double.isFinite(value) ? value : 0).toArray();
    double sum = Arrays.stream(finite).sum();
    return sum > 0 ? Arrays.stream(finite).map(value -> value / sum).toArray() : new double[0];
  }

  /**
   * How many connections each layer drops: the fraction of those that it has, but of a layer that
   * is nearly dense (a sparsity below 0.2) and has more than an even part of the statistics no
   * larger share than it is sparse. At least one stays.
   *
   * @param fraction from 0 to 1
   * @param rule how it becomes a whole number
   */
  public long[] removed(double fraction, UpdateRule rule) {
    double[] parts = parts();
    long[] removed = new long[weights.length];
    for (int i = 0; i < removed.length; i++) {
      double sparsity = 1 - (double) connections[i] / weights[i];
      boolean isImportant = parts.length > 0 && parts[i] > 1.0 / parts.length;
      double share = sparsity < 0.2 && isImportant ? Math.min(sparsity, fraction) : fraction;
      removed[i] = Math.min(rule.share(share, connections[i]), connections[i] - 1);
    }
    return removed;
  }

  /**
   * How many connections each layer grows. Where all statistics are 0, as velocities are before the
   * first step, each grows what it drops.
   *
   * @param removed how many each drops
   * @param missing connections that earlier roundings lost, or won where negative
   * @param rounding how shares become whole numbers
   */
  public long[] grown(long[] removed, long missing, Rounding rounding) {
    double[] parts = parts();
    long total = Math.max(0, LongStream.of(removed).sum() + missing);
    if (parts.length == 0 && missing == 0) {
      return removed.clone();
    }
    if (parts.length == 0) {
      parts = new double[removed.length];
      Arrays.fill(parts, 1.0 / parts.length);
    }
    double[] shares = new double[removed.length];
    for (int i = 0; i < shares.length; i++) {
      double share = parts[i] * total;
      shares[i] =
          switch (rounding) {
            case EXACT -> share;
            case REPORT -> Math.rint(share);
            case DETTMERS -> Math.ceil(share);
          };
    }
    long[] room = room(removed, total);
    passOn(shares, room);
    long[] grown = Arrays.stream(shares).mapToLong(share -> (long) share).toArray();
    if (rounding == Rounding.EXACT) {
      completed(grown, shares, room, total);
    }
    return grown;
  }

  /**
   * What each layer can take: 99 % of what it lacks after the drop, or all if that is too little.
   */
  private long[] room(long[] removed, long total) {
    long[] lacking = new long[removed.length];
    Arrays.setAll(lacking, i -> weights[i] - connections[i] + removed[i]);
    long[] room = LongStream.of(lacking).map(count -> (long) (FILL * count)).toArray();
    return LongStream.of(room).sum() < total ? lacking : room;
  }

  /**
   * Hands what is beyond a layer's room on to all layers alike, until everything has found room.
   */
  private static void passOn(double[] shares, long[] room) {
    double each = 0;
    for (int round = 0; round < MOST_ROUNDS; round++) {
      double beyond = 0;
      for (int i = 0; i < shares.length; i++) {
        shares[i] += each;
        if (shares[i] > room[i]) {
          beyond += shares[i] - room[i];
          shares[i] = room[i];
        }
      }
      if (beyond <= 0) {
        return;
      }
      each = beyond / shares.length;
    }
  }

  /** Gives one more to the largest remainders, the first of equal ones, until the sum is right. */
  private static void completed(long[] grown, double[] shares, long[] room, long total) {
    int[] byRemainder =
        IntStream.range(0, grown.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> Math.floor(shares[i]) - shares[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    long left = total - LongStream.of(grown).sum();
    while (left > 0) {
      long before = left;
      for (int i : byRemainder) {
        if (left > 0 && grown[i] < room[i]) {
          grown[i]++;
          left--;
        }
      }
      if (left == before) {
        throw new IllegalStateException("%d connections find no room".formatted(left));
      }
    }
  }
}
