package dev.windfall.sparsity;

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

  /** How many candidates there are. */
  public int count() {
    return positions.length;
  }
}
