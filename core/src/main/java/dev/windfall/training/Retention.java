package dev.windfall.training;

import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which checkpoints are kept.
 *
 * @param last how many of the newest, at least 1
 * @param steps those that are never deleted
 * @param best whether the best by validation is kept, as the progress of each of the newest knows
 *     it: where the newest turn out to be damaged, an older one still finds its best
 */
public record Retention(int last, Set<Long> steps, boolean best) {

  /** Checks the range and copies the set. */
  public Retention {
    if (last < 1) {
      throw new IllegalArgumentException(
          "the number of checkpoints that are kept must be at least 1, not " + last);
    }
    steps = Set.copyOf(steps);
  }

  /**
   * The checkpoints that are kept.
   *
   * @param found the progress of those that there are, by step
   * @return steps, of which some need not be among those found
   */
  Set<Long> kept(NavigableMap<Long, Progress> found) {
    Set<Long> kept = new TreeSet<>(steps);
    found.descendingMap().entrySet().stream()
        .limit(last)
        .forEach(
            newest -> {
              kept.add(newest.getKey());
              if (best) {
                kept.add(Objects.requireNonNullElse(newest.getValue().bestStep(), newest.getKey()));
              }
            });
    return kept;
  }
}
