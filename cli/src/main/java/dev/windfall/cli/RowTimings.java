package dev.windfall.cli;

import dev.windfall.experiment.Machine;
import dev.windfall.experiment.comparison.Comparison;
import dev.windfall.experiment.comparison.ComparisonFolder;
import dev.windfall.experiment.comparison.ComparisonRun;
import dev.windfall.experiment.comparison.RowTiming;
import dev.windfall.experiment.comparison.RunPool;
import dev.windfall.experiment.comparison.StepTimer;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * How long the steps of a comparison's rows take, measured after all runs, when nothing else of it
 * runs. What was measured before, on this machine and with as many threads, is kept.
 */
final class RowTimings {

  private final ComparisonFolder folder;
  private final RunPool<ComparisonRun> alone;
  private final String machine;
  private final int threads;
  private final Map<String, RowTiming> byRow = new LinkedHashMap<>();

  private RowTimings(
      ComparisonFolder folder, RunPool<ComparisonRun> alone, String machine, int threads) {
    this.folder = folder;
    this.alone = alone;
    this.machine = machine;
    this.threads = threads;
  }

  /**
   * The timings that a folder holds.
   *
   * @param pool makes plans of runs with so many threads
   */
  static RowTimings of(
      Comparison comparison, ComparisonFolder folder, IntFunction<RunPool<ComparisonRun>> pool)
      throws IOException {
    int processors = Runtime.getRuntime().availableProcessors();
    int asked = comparison.base().recipe().run().threads();
    int threads = asked == 0 ? processors : asked;
    String machine = "%s, %d processors".formatted(Machine.processor(), processors);
    RowTimings timings = new RowTimings(folder, pool.apply(threads), machine, threads);
    for (RowTiming known : folder.readTimings(machine)) {
      if (known.threads() == threads) {
        timings.byRow.put(known.row(), known);
      }
    }
    return timings;
  }

  /**
   * Measures the rows that are missing.
   *
   * @param finished runs, of which the first of each row is measured
   * @param seconds for a row's ordinary steps; 0: nothing is measured
   * @param isStopping asked before every row
   * @param lines takes a line, with its end
   */
  void measure(
      List<ComparisonRun> finished,
      double seconds,
      BooleanSupplier isStopping,
      Consumer<String> lines)
      throws IOException {
    Map<String, ComparisonRun> missing = new LinkedHashMap<>();
    for (ComparisonRun run : finished) {
      if (!byRow.containsKey(run.key())) {
        missing.putIfAbsent(run.key(), run);
      }
    }
    if (seconds == 0 || missing.isEmpty()) {
      return;
    }
    lines.accept(
        "measuring the steps of %d rows, alone, for about %s; leave the machine to it%n"
            .formatted(missing.size(), Figures.duration(lasting(seconds, missing.size()))));
    StepTimer timer = new StepTimer(seconds, System::nanoTime);
    for (ComparisonRun run : missing.values()) {
      if (isStopping.getAsBoolean()) {
        return;
      }
      try {
        byRow.put(run.key(), timer.measure(run.key(), alone.plan(run), alone.end(run)));
        folder.writeTimings(machine, List.copyOf(byRow.values()));
      } catch (RuntimeException | OutOfMemoryError e) {
        lines.accept("%s is not measured: %s%n".formatted(run.key(), FailureReport.describe(e)));
      }
    }
  }

  /** Seconds that measuring rows takes: the warm-up as long as the steps, and some updates. */
  static double lasting(double seconds, int rows) {
    return 2.5 * seconds * rows;
  }

  /** The timings, by {@link dev.windfall.experiment.comparison.ComparisonRow#key()}. */
  Map<String, RowTiming> byRow() {
    return Collections.unmodifiableMap(byRow);
  }

  /** The machine on which they were measured. */
  String machine() {
    return machine;
  }

  /** The threads with which they were measured. */
  int threads() {
    return threads;
  }
}
