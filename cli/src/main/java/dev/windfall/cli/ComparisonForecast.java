package dev.windfall.cli;

import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RunPlan;
import dev.windfall.experiment.comparison.PooledRun;
import dev.windfall.experiment.comparison.RowTiming;
import dev.windfall.experiment.comparison.StepTimer;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.training.NonFiniteLossException;
import dev.windfall.training.Retention;
import dev.windfall.training.TrainingPlan;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What runs will take, by a few steps of each row. */
final class ComparisonForecast {

  /** For the steps of a row, before runs begin: that shall not be late. */
  private static final double SECONDS = 0.1;

  /** For the steps of a row, where somebody has asked for nothing but the forecast. */
  private static final double ESTIMATING_SECONDS = 0.25;

  /** For steps before all others: what runs do for minutes is compiled early in them. */
  private static final double WARMING_UP_SECONDS = 1;

  /** Value, momentum and column of a connection in a checkpoint. */
  private static final long BYTES_A_CONNECTION = 12;

  /**
   * What one run of a row takes.
   *
   * @param row the row's key
   * @param seconds of the run, evaluations included
   * @param checkpointBytes that stay in its folder
   * @param memoryBytes that the engine holds
   * @param failure why its runs will fail, in one line; null where nothing stands in the way
   */
  record RowForecast(
      String row,
      double seconds,
      long checkpointBytes,
      long memoryBytes,
      @Nullable String failure) {

    /** A row on the straight way from this one, at position 0, to another, at 1. */
    RowForecast towards(RowForecast other, double position) {
      return new RowForecast(
          row,
          seconds + position * (other.seconds() - seconds),
          between(checkpointBytes, other.checkpointBytes(), position),
          between(memoryBytes, other.memoryBytes(), position),
          failure == null ? other.failure() : failure);
    }

    private static long between(long first, long last, double position) {
      return first + Math.round(position * (last - first));
    }
  }

  /** What a run does. */
  sealed interface Work {}

  /**
   * Steps of a plan.
   *
   * @param plan that is measured; of a run with a teacher that is not there yet, without it
   * @param share of its steps that are done
   * @param teacher the plan of that teacher; null where there is none
   */
  record Measured(RunPlan plan, double share, @Nullable RunPlan teacher) implements Work {
    /** All of a plan. */
    Measured(RunPlan plan) {
      this(plan, 1, null);
    }
  }

  /**
   * What lies between two others in everything.
   *
   * @param position from 0, the first, to 1, the last
   */
  record Between(Measured first, Measured last, double position) implements Work {}

  private final Map<String, RowForecast> byRow = new LinkedHashMap<>();

  /** Of plans with equal recipes one is measured. */
  private final Map<Recipe, RowTiming> byRecipe = new HashMap<>();

  private final StepTimer timer;

  private ComparisonForecast(double seconds) {
    timer = new StepTimer(seconds, System::nanoTime);
  }

  /** A forecast of rows that were measured. */
  ComparisonForecast(List<RowForecast> rows) {
    this(SECONDS);
    rows.forEach(row -> byRow.put(row.row(), row));
  }

  /**
   * Measures the rows of runs, which are about to begin. A row whose runs cannot begin takes
   * nothing, and leaves the others alone.
   *
   * @param work what a run does; what it throws is the row's failure
   * @param measured called after each row
   */
  static <R extends PooledRun> ComparisonForecast of(
      List<R> runs, Function<R, Work> work, Runnable measured) {
    return new ComparisonForecast(SECONDS).measure(runs, work, measured);
  }

  /**
   * Measures the rows of runs with more care.
   *
   * @param work what a run does; what it throws is the row's failure
   * @param measured called after each row
   */
  static <R extends PooledRun> ComparisonForecast estimate(
      List<R> runs, Function<R, Work> work, Runnable measured) {
    if (!runs.isEmpty()) {
      new ComparisonForecast(WARMING_UP_SECONDS).measure(runs.subList(0, 1), work, () -> {});
    }
    return new ComparisonForecast(ESTIMATING_SECONDS).measure(runs, work, measured);
  }

  private <R extends PooledRun> ComparisonForecast measure(
      List<R> runs, Function<R, Work> work, Runnable measured) {
    for (R run : runs) {
      if (!byRow.containsKey(run.key())) {
        byRow.put(run.key(), row(run.key(), () -> work.apply(run)));
        measured.run();
      }
    }
    return this;
  }

  /** What a pool calls a failed run is a row's failure here: they end in the same way. */
  private RowForecast row(String row, Supplier<Work> work) {
    try {
      return switch (work.get()) {
        case Measured measured -> row(row, measured);
        case Between(Measured first, Measured last, double position) ->
            row(row, first).towards(row(row, last), position);
      };
    } catch (RuntimeException | OutOfMemoryError e) {
      return new RowForecast(row, 0, 0, 0, FailureReport.describe(e));
    }
  }

  /** Steps that are repeated may leave the numbers sooner than those of the training. */
  private RowForecast row(String row, Measured work) {
    RunPlan plan = work.plan();
    try {
      RowTiming timing = timing(row, plan);
      double before = timing.startSeconds() == null ? 0 : timing.startSeconds();
      double training = seconds(plan, timing) - before + taught(row, work);
      return new RowForecast(
          row, before + work.share() * training, checkpointBytes(plan), timing.bytes(), null);
    } catch (NonFiniteLossException e) {
      return new RowForecast(row, 0, checkpointBytes(plan), 0, null);
    }
  }

  private RowTiming timing(String row, RunPlan plan) {
    return byRecipe.computeIfAbsent(plan.recipe(), recipe -> timer.measure(row, plan, null));
  }

  /** The teacher's way forward at every step is a third of a step of its own. */
  private double taught(String row, Measured work) {
    @Nullable RunPlan teacher = work.teacher();
    return teacher == null
        ? 0
        : work.plan().training().steps() * timing(row, teacher).firstStepMilliseconds() / 3000;
  }

  /** An evaluation has the way forward alone, which is a third of a step. */
  private static double seconds(RunPlan plan, RowTiming timing) {
    TrainingPlan training = plan.training();
    long updates = 0;
    for (long step = 0; step < training.steps(); step++) {
      updates += training.connections().schedule().updatesAt(step) ? 1 : 0;
    }
    long evaluations =
        Math.ceilDiv(training.epochs(), training.evaluateEvery())
            * (long) (training.validation().batchesPerEpoch() + training.test().batchesPerEpoch());
    return timing.seconds(training.steps(), plan.method().updatesConnections() ? updates : 0)
        + evaluations * timing.firstStepMilliseconds() / training.accumulate() / 3000;
  }

  private static long checkpointBytes(RunPlan plan) {
    long bytes = 0;
    for (LayerDensities.LayerDensity layer : plan.densities().layers()) {
      bytes += BYTES_A_CONNECTION * layer.connections() + Long.BYTES * (layer.weight().rows() + 1L);
    }
    for (Parameter parameter : plan.network().parameters()) {
      bytes += parameter.isPrunable() ? 0 : 2L * Float.BYTES * parameter.elements();
    }
    Retention retention = plan.retention();
    int kept = retention.last() + retention.steps().size() + (retention.best() ? 1 : 0);
    return bytes * Math.min(kept, plan.training().epochs());
  }

  /** What each row's runs take. */
  List<RowForecast> rows() {
    return List.copyOf(byRow.values());
  }

  /** Seconds that runs take one after the other. */
  double seconds(List<? extends PooledRun> runs) {
    return runs.stream().mapToDouble(this::seconds).sum();
  }

  /** Seconds of a run. */
  double seconds(PooledRun run) {
    RowForecast row = byRow.get(run.key());
    return row == null ? 0 : row.seconds();
  }

  /** Bytes of the runs' checkpoints. */
  long checkpointBytes(List<? extends PooledRun> runs) {
    return runs.stream()
        .map(run -> byRow.get(run.key()))
        .mapToLong(row -> row == null ? 0 : row.checkpointBytes())
        .sum();
  }

  /** Bytes that the engine holds at most for so many of the runs at a time. */
  long memoryBytes(List<? extends PooledRun> runs, int parallel) {
    return runs.stream()
        .map(run -> byRow.get(run.key()))
        .map(row -> row == null ? 0L : row.memoryBytes())
        .sorted(Comparator.reverseOrder())
        .limit(parallel)
        .mapToLong(Long::longValue)
        .sum();
  }

  /** How many of the runs, whichever they are, fit into so many bytes at a time: at least 1. */
  int fitting(List<? extends PooledRun> runs, int atMost, long bytes) {
    int parallel = atMost;
    while (parallel > 1 && memoryBytes(runs, parallel) > bytes) {
      parallel--;
    }
    return parallel;
  }
}
