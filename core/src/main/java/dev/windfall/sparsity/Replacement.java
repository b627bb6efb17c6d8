package dev.windfall.sparsity;

/**
 * What an update does to one tensor's connections. Positions are canonical and ascending.
 *
 * @param tensor name of the tensor
 * @param dropped connections that cease to exist
 * @param grown connections that begin to exist
 * @param grownScores the scores by which they grew; 0 where chance decided
 * @param regrown connections that were dropped and grown again, so that they never ceased to exist
 * @param regrownScores the scores by which they grew
 */
public record Replacement(
    String tensor,
    long[] dropped,
    long[] grown,
    float[] grownScores,
    long[] regrown,
    float[] regrownScores) {

  /** Checks that positions ascend and every grown connection has a score. */
  public Replacement {
    Rewiring.requireAscending(tensor, dropped);
    Rewiring.requireAscending(tensor, grown);
    Rewiring.requireAscending(tensor, regrown);
    if (grown.length != grownScores.length || regrown.length != regrownScores.length) {
      throw new IllegalArgumentException(
          "%s: %d and %d grown connections with %d and %d scores"
              .formatted(
                  tensor, grown.length, regrown.length, grownScores.length, regrownScores.length));
    }
  }

  /** A replacement that only drops. */
  static Replacement dropping(String tensor, long[] dropped) {
    return new Replacement(tensor, dropped, new long[0], new float[0], new long[0], new float[0]);
  }

  /**
   * The change for a session.
   *
   * @param values of the grown connections, in their order
   */
  public Rewiring with(float[] values) {
    return new Rewiring(tensor, dropped, grown, values);
  }
}
