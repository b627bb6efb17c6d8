package dev.windfall.sparsity;

import java.util.Arrays;

/**
 * Inactive positions of one tensor with the scores by which they may grow, best first: largest
 * magnitude first, and the lower position first where magnitudes are equal.
 *
 * @param positions canonical positions
 * @param scores the signed score of each, such as its gradient
 */
public record Candidates(long[] positions, float[] scores) {

  /** Checks that every position has a score. */
  public Candidates {
    if (positions.length != scores.length) {
      throw new IllegalArgumentException(
          "%d positions with %d scores".formatted(positions.length, scores.length));
    }
  }

  /**
   * The best inactive positions of a tensor whose scores are all at hand.
   *
   * @param connectivity the connections that exist
   * @param scores of every canonical position
   * @param most how many are wanted; there are fewer where fewer are inactive
   */
  public static Candidates best(Connectivity connectivity, float[] scores, int most) {
    int[] inactive = inactive(connectivity);
    int count = Math.min(most, inactive.length);
    RankThreshold threshold =
        RankThreshold.of(
            inactive.length, i -> RankThreshold.largestFirst(scores[inactive[i]]), count);
    // Rank and position in one number, so that sorting gives the order of both.
    long[] chosen = new long[count];
    int ties = threshold.ties();
    int size = 0;
    for (int i = 0; i < inactive.length && size < count; i++) {
      int rank = RankThreshold.largestFirst(scores[inactive[i]]);
      if (rank < threshold.rank() || (rank == threshold.rank() && ties-- > 0)) {
        chosen[size++] = (long) rank << Integer.SIZE | inactive[i];
      }
    }
    Arrays.sort(chosen);
    long[] positions = new long[count];
    float[] ofChosen = new float[count];
    for (int i = 0; i < count; i++) {
      positions[i] = (int) chosen[i];
      ofChosen[i] = scores[(int) chosen[i]];
    }
    return new Candidates(positions, ofChosen);
  }

  private static int[] inactive(Connectivity connectivity) {
    int[] result = new int[Math.toIntExact(connectivity.positions() - connectivity.count())];
    int size = 0;
    int position = 0;
    for (long active : connectivity.toPositions()) {
      while (position < active) {
        result[size++] = position++;
      }
      position++;
    }
    while (size < result.length) {
      result[size++] = position++;
    }
    return result;
  }

  /** How many candidates there are. */
  public int count() {
    return positions.length;
  }
}
