package dev.windfall.cli;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Runs several pieces of work in turns, so that whatever else the machine does meets all of them
 * alike.
 */
final class Turns {

  private static final int LEAST_ROUNDS = 3;

  private Turns() {}

  /**
   * Runs rounds of one execution of each piece.
   *
   * @param most rounds
   * @param patience nanoseconds after which no further round begins; but for the first three
   * @return nanoseconds by piece and round
   */
  static long[][] run(List<? extends Runnable> pieces, int most, long patience) {
    List<LongStream.Builder> nanoseconds =
        pieces.stream().map(piece -> LongStream.builder()).toList();
    long begin = System.nanoTime();
    for (int round = 0;
        round < most && (round < LEAST_ROUNDS || System.nanoTime() - begin < patience);
        round++) {
      for (int piece = 0; piece < pieces.size(); piece++) {
        long start = System.nanoTime();
        pieces.get(piece).run();
        nanoseconds.get(piece).add(System.nanoTime() - start);
      }
    }
    return nanoseconds.stream().map(times -> times.build().toArray()).toArray(long[][]::new);
  }

  /** The median of each piece's times in nanoseconds, as {@link #run} measures them. */
  static double[] medians(List<? extends Runnable> pieces, int most, long patience) {
    return Arrays.stream(run(pieces, most, patience))
        .mapToDouble(times -> Median.of(Arrays.stream(times).asDoubleStream()))
        .toArray();
  }
}
