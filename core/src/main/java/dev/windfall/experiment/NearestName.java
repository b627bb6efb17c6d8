package dev.windfall.experiment;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Guesses which known name was meant by an unknown one. */
public final class NearestName {

  private NearestName() {}

  /**
   * The known name that takes the fewest edits; empty where all take more than a third of the
   * unknown name's length, rounded up.
   */
  public static Optional<String> of(String unknown, Collection<String> known) {
    return known.stream()
        .min(
            Comparator.<String>comparingInt(name -> distance(unknown, name))
                .thenComparing(Comparator.naturalOrder()))
        .filter(name -> distance(unknown, name) <= (unknown.length() + 2) / 3);
  }

  /**
   * How many insertions, deletions, replacements and swaps of neighbours make one of the other
   * (Damerau 1964, each character edited once).
   */
  static int distance(String one, String other) {
    int[][] edits = new int[one.length() + 1][other.length() + 1];
    for (int i = 0; i <= one.length(); i++) {
      for (int j = 0; j <= other.length(); j++) {
        if (i == 0 || j == 0) {
          edits[i][j] = i + j;
          continue;
        }
        int replaced = edits[i - 1][j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        edits[i][j] = Math.min(replaced, 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
        if (i > 1
            && j > 1
            && one.charAt(i - 1) == other.charAt(j - 2)
            && one.charAt(i - 2) == other.charAt(j - 1)) {
          edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
        }
      }
    }
    return edits[one.length()][other.length()];
  }
}
