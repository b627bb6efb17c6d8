package dev.windfall.experiment.comparison;

import dev.windfall.experiment.RunFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One run of a row.
 *
 * @param row that it belongs to
 * @param seed of the run
 */
public record ComparisonRun(ComparisonRow row, long seed) {

  /** The name of the run, and of its folder. */
  public String name() {
    return row.runName(seed);
  }

  /** Where the run is, or will be. */
  RunFolder folder(Path runs) {
    return new RunFolder(runs.resolve(name()));
  }

  /** Every row with every seed; the first seed of all rows comes first. */
  public static List<ComparisonRun> all(List<ComparisonRow> rows, List<Long> seeds) {
    List<ComparisonRun> runs = new ArrayList<>();
    for (long seed : seeds) {
      rows.forEach(row -> runs.add(new ComparisonRun(row, seed)));
    }
    return runs;
  }
}
