package dev.windfall.sparsity;

/**
 * A change of one tensor's connections. All others keep their value and optimizer state.
 *
 * @param tensor name of the tensor
 * @param dropped canonical positions that cease to exist, ascending
 * @param grown canonical positions that begin to exist, ascending; none was there before
 * @param grownValues their initial values, in the order of {@code grown}
 */
public record Rewiring(String tensor, long[] dropped, long[] grown, float[] grownValues) {

  /** Checks that every grown connection has a value and that positions ascend. */
  public Rewiring {
    if (grown.length != grownValues.length) {
      throw new IllegalArgumentException(
          "%s: %d grown connections with %d values"
              .formatted(tensor, grown.length, grownValues.length));
    }
    requireAscending(tensor, dropped);
    requireAscending(tensor, grown);
  }

  static void requireAscending(String tensor, long[] positions) {
    for (int i = 1; i < positions.length; i++) {
      if (positions[i - 1] >= positions[i]) {
        throw new IllegalArgumentException(
            "%s: positions %d and %d are not in ascending order"
                .formatted(tensor, positions[i - 1], positions[i]));
      }
    }
  }
}
