package dev.windfall.cli;

import dev.windfall.experiment.comparison.PooledRun;
import dev.windfall.experiment.comparison.RunPool;
import dev.windfall.experiment.comparison.RunResult;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * A line for each run that ends, with the time that is left for all.
 *
 * @param <R> the kind of runs
 */
final class ComparisonProgress<R extends PooledRun> implements RunPool.Listener<R> {

  private final List<R> runs;
  private final ComparisonForecast forecast;
  private final int parallel;
  private final LongSupplier nanoseconds;
  private final Consumer<String> lines;
  private final Map<R, Long> begun = new HashMap<>();
  private final Set<R> ended = new HashSet<>();
  private double expected;
  private double taken;

  /**
   * The progress of runs that are not finished.
   *
   * @param runs all of them
   * @param forecast of their times, which is corrected by what runs take
   * @param parallel how many at a time
   * @param nanoseconds such as {@link System#nanoTime}
   * @param lines takes the lines, with their ends
   */
  ComparisonProgress(
      List<R> runs,
      ComparisonForecast forecast,
      int parallel,
      LongSupplier nanoseconds,
      Consumer<String> lines) {
    this.runs = List.copyOf(runs);
    this.forecast = forecast;
    this.parallel = parallel;
    this.nanoseconds = nanoseconds;
    this.lines = lines;
  }

  @Override
  public void begun(R run) {
    begun.put(run, nanoseconds.getAsLong());
  }

  @Override
  public void ended(R run, RunResult result) {
    double seconds = secondsSince(run);
    ended.add(run);
    switch (result) {
      case RunResult.Finished finished -> {
        expected += forecast.seconds(run);
        taken += seconds;
        say(
            run,
            "test %s, %s"
                .formatted(
                    Figures.percent(finished.summary().testAccuracy()), Figures.duration(seconds)));
      }
      case RunResult.Failed failed -> say(run, "failed: " + FailureReport.describe(failed.cause()));
      case RunResult.Stopped _ -> lines.accept("%s stopped%n".formatted(run.name()));
    }
  }

  private void say(R run, String what) {
    lines.accept(
        "%d of %d  %s: %s; %s left%n"
            .formatted(
                ended.size(), runs.size(), run.name(), what, Figures.duration(secondsLeft())));
  }

  /** What runs took so far corrects what was foreseen for the others. */
  private double secondsLeft() {
    double correction = expected > 0 ? taken / expected : 1;
    double left = 0;
    for (R run : runs) {
      if (!ended.contains(run)) {
        left += Math.max(0, correction * forecast.seconds(run) - secondsSince(run));
      }
    }
    return left / parallel;
  }

  private double secondsSince(R run) {
    Long since = begun.get(run);
    return since == null ? 0 : (nanoseconds.getAsLong() - since) / 1e9;
  }
}
