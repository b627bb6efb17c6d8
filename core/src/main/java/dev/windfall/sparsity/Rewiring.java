package dev.windfall.sparsity;

import java.util.function.LongPredicate;

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

  /**
   * Refuses a change that cannot be made.
   *
   * @param positions of the tensor
   * @param exists whether there is a connection at a position from 0 to below {@code positions}
   * @throws IllegalArgumentException naming the tensor and the position that it does not have, the
   *     dropped connection that does not exist or the grown one that does
   */
  public void requireFits(long positions, LongPredicate exists) {
    for (long position : dropped) {
      requireInRange(position, positions);
      if (!exists.test(position)) {
        throw new IllegalArgumentException(
            "%s: dropped connection %d does not exist".formatted(tensor, position));
      }
    }
    for (long position : grown) {
      requireInRange(position, positions);
      if (exists.test(position)) {
        throw new IllegalArgumentException(
            "%s: grown connection %d exists".formatted(tensor, position));
      }
    }
  }

  private void requireInRange(long position, long positions) {
    if (position < 0 || position >= positions) {
      throw new IllegalArgumentException(
          "%s has positions 0 to %d, not %d".formatted(tensor, positions - 1, position));
    }
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
