package dev.windfall.experiment.comparison;

import dev.windfall.experiment.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One run of a row.
 *
 * @param row that it belongs to
 * @param seed of the run
 */
public record ComparisonRun(ComparisonRow row, long seed) implements PooledRun {

  @Override
  public String name() {
    return row.runName(seed);
  }

  @Override
  public String key() {
    return row.key();
  }

  @Override
  public String data() {
    return row.data();
  }

  @Override
  public Recipe recipe(Path runs, int threads) {
    return row.recipe(seed, threads, runs);
  }

  @Override
  public List<ComparisonRun> needs() {
    return row.origin() == null ? List.of() : List.of(new ComparisonRun(row.origin().row(), seed));
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
