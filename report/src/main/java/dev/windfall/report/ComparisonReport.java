package dev.windfall.report;

import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RunPlan;
import dev.windfall.experiment.Summary;
import dev.windfall.experiment.comparison.Budget;
import dev.windfall.experiment.comparison.Comparison;
import dev.windfall.experiment.comparison.ComparisonGrid;
import dev.windfall.experiment.comparison.ComparisonRow;
import dev.windfall.experiment.comparison.ComparisonRun;
import dev.windfall.experiment.comparison.LayerTiming;
import dev.windfall.experiment.comparison.RowTiming;
import dev.windfall.experiment.comparison.RunResult;
import dev.windfall.experiment.comparison.Spending;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a comparison found, as its JSON has it.
 *
 * @param name of the comparison
 * @param budget that all rows keep to
 * @param budgetDescription one line
 * @param counter of operations
 * @param counterDescription one line
 * @param accuracy which one is compared
 * @param reference whose runs all others are paired with
 * @param confidence of the intervals
 * @param machine on which steps were measured
 * @param threads with which steps were measured
 * @param rows in the order of the comparison
 * @param runs of all rows
 * @param layers of all sparse rows, where the engine can tell the time of a layer
 */
public record ComparisonReport(
    String name,
    String budget,
    String budgetDescription,
    String counter,
    String counterDescription,
    String accuracy,
    String reference,
    double confidence,
    String machine,
    int threads,
    List<ReportRow> rows,
    List<RunLine> runs,
    List<LayerRow> layers) {

  /**
   * One run.
   *
   * @param row the row's key
   * @param seed of the run
   * @param testAccuracy null where the run is not finished
   * @param validationAccuracy null where the run is not finished, or has no validation samples
   * @param poolSeconds how long it took beside other runs; no measure of speed
   * @param failure in one line; null where there was none
   */
  public record RunLine(
      String row,
      long seed,
      @Nullable Double testAccuracy,
      @Nullable Double validationAccuracy,
      @Nullable Double poolSeconds,
      @Nullable String failure) {}

  /**
   * Puts results together.
   *
   * @param comparison what was asked for
   * @param results of all runs, by run
   * @param timings of the rows' steps, by {@link ComparisonRow#key()}
   * @param machine on which they were measured
   * @param threads with which they were measured
   * @param failure says a failure in one line
   */
  public static ComparisonReport of(
      Comparison comparison,
      Map<ComparisonRun, RunResult> results,
      Map<String, RowTiming> timings,
      String machine,
      int threads,
      Function<Throwable, String> failure) {
    Map<ComparisonRow, Map<Long, RunResult>> byRow = new LinkedHashMap<>();
    results.forEach(
        (run, result) ->
            byRow.computeIfAbsent(run.row(), row -> new LinkedHashMap<>()).put(run.seed(), result));
    List<ComparisonRow> rows = List.copyOf(byRow.keySet());
    List<ReportRow> reported = new ArrayList<>();
    List<LayerRow> layers = new ArrayList<>();
    for (ComparisonRow row : rows) {
      Optional<ComparisonRow> reference =
          ComparisonGrid.referenceOf(row, comparison.reference(), rows)
              .filter(other -> !other.equals(row));
      Optional<ComparisonRow> dense =
          ComparisonGrid.referenceOf(row, Comparison.Choice.DENSE, rows);
      reported.add(
          row(
              finished(row, byRow),
              reference.map(it -> finished(it, byRow)),
              dense.map(it -> finished(it, byRow)),
              timings,
              comparison.budget(),
              failure));
      if (!row.isDense()) {
        dense.ifPresent(it -> layers.addAll(layers(row, it, timings)));
      }
    }
    return new ComparisonReport(
        comparison.name(),
        comparison.budget().label(),
        comparison.budget().description(),
        ComparisonGrid.COUNTER.label(),
        ComparisonGrid.COUNTER.description(),
        "test accuracy of the last epoch's weights",
        comparison.reference().label(),
        PairedDifference.CONFIDENCE,
        machine,
        threads,
        reported,
        results.entrySet().stream()
            .map(it -> line(it.getKey().key(), it.getKey().seed(), it.getValue(), failure))
            .toList(),
        layers);
  }

  private static List<LayerRow> layers(
      ComparisonRow row, ComparisonRow dense, Map<String, RowTiming> timings) {
    List<LayerRow> layers = new ArrayList<>();
    for (LayerTiming own : layers(row, timings)) {
      for (LayerTiming other : layers(dense, timings)) {
        if (own.layer().equals(other.layer())) {
          double ratio = (double) own.flops() / other.flops();
          layers.add(
              new LayerRow(
                  row.model(),
                  row.data(),
                  row.method(),
                  row.distribution(),
                  row.sparsity(),
                  row.multiplier(),
                  own.layer(),
                  ratio,
                  own.milliseconds(),
                  other.milliseconds(),
                  own.milliseconds() / other.milliseconds() / ratio,
                  1 / ratio));
        }
      }
    }
    return layers;
  }

  private static List<LayerTiming> layers(ComparisonRow row, Map<String, RowTiming> timings) {
    RowTiming timing = timings.get(row.key());
    return timing == null ? List.of() : timing.layers();
  }

  private static Finished finished(
      ComparisonRow row, Map<ComparisonRow, Map<Long, RunResult>> byRow) {
    return new Finished(
        row,
        new SeedResults(byRow.getOrDefault(row, Map.of())),
        row.origin() == null ? null : finished(row.origin().row(), byRow));
  }

  /** A row with the results of its runs, and of those that they began after. */
  private record Finished(ComparisonRow row, SeedResults results, @Nullable Finished before) {

    double mean(ToDoubleFunction<Summary> figure) {
      return results.mean(figure);
    }

    Map<Long, Summary> summaries() {
      return results.summaries();
    }

    int epochs() {
      return row.draft().recipe().training().scaledEpochs();
    }

    /**
     * Operations of the training as a share of the dense one's, as long as the recipe says, with
     * those of the training before it.
     */
    @Nullable Double trainingFlopsRatio() {
      if (summaries().isEmpty()) {
        return null;
      }
      double ownShare = (double) row.cost().denseFlops() / row.baseline().cost().denseFlops();
      double own =
          mean(Summary::trainingFlopsRatio) * ownShare * epochs() / row.baseline().epochs();
      return withBefore(own, before == null ? null : before.trainingFlopsRatio());
    }

    /** A figure of a training with that of the training before it; null where that is unknown. */
    private @Nullable Double withBefore(double own, @Nullable Double ofBefore) {
      if (before == null) {
        return own;
      }
      return ofBefore == null ? null : own + ofBefore;
    }

    double inferenceFlops() {
      return summaries().isEmpty() ? row.cost().inferenceFlops() : mean(Summary::inferenceFlops);
    }

    /** Seconds of all steps of the training, with those of the training before it. */
    @Nullable Double seconds(Map<String, RowTiming> timings) {
      @Nullable RowTiming timing = timings.get(row.key());
      if (timing == null || summaries().isEmpty()) {
        return null;
      }
      double own =
          timing.seconds(
              Math.round(mean(Summary::steps)), Math.round(mean(Summary::topologyUpdates)));
      return withBefore(own, before == null ? null : before.seconds(timings));
    }

    /** Of what the budget allows: as planned, or what shows only in finished runs. */
    @Nullable Double spent(Budget budget) {
      Spending planned = row.spending();
      if (planned.isCertain()) {
        return planned.spent();
      }
      @Nullable Double training = trainingFlopsRatio();
      if (training == null) {
        return null;
      }
      return budget == Budget.INFERENCE_FLOPS
          ? inferenceFlops()
          : Double.valueOf(training * planned.allowed() / row.multiplier());
    }
  }

  private static ReportRow row(
      Finished own,
      Optional<Finished> reference,
      Optional<Finished> dense,
      Map<String, RowTiming> timings,
      Budget budget,
      Function<Throwable, String> failure) {
    ComparisonRow row = own.row();
    Recipe recipe = row.draft().recipe();
    Map<Long, Summary> summaries = own.summaries();
    @Nullable SeedStatistics test = own.results().testStatistics();
    @Nullable SeedStatistics validation = own.results().validationStatistics();
    @Nullable PairedDifference difference =
        reference
            .map(
                it ->
                    PairedDifference.of(
                        own.results().testAccuracies(), it.results().testAccuracies()))
            .orElse(null);
    @Nullable RowTiming timing = timings.get(row.key());
    @Nullable Double trainingRatio = own.trainingFlopsRatio();
    return new ReportRow(
        row.model(),
        row.data(),
        row.method(),
        row.distribution(),
        row.sparsity(),
        row.multiplier(),
        recipe.model().width(),
        recipe.sparsity().method(),
        row.origin() == null ? null : row.origin().description(),
        RunPlan.method(recipe).sparse() ? recipe.sparsity().target() : 0,
        own.epochs(),
        row.cost().activeWeights(),
        row.baseline().cost().totalWeights(),
        summaries.size(),
        own.results().failures().size(),
        test == null ? null : test.mean(),
        test == null ? null : test.standardDeviation(),
        validation == null ? null : validation.mean(),
        difference == null ? null : difference.mean(),
        difference == null ? null : difference.low(),
        difference == null ? null : difference.high(),
        difference == null ? 0 : difference.pairs(),
        own.inferenceFlops() / row.baseline().cost().denseFlops(),
        trainingRatio,
        row.cost().bytes(),
        summaries.values().stream().map(Summary::peakBytes).max(Long::compare).orElse(null),
        row.spending().unit(),
        row.spending().allowed(),
        own.spent(budget),
        row.spending().isCertain(),
        timing == null ? null : timing.meanStepMilliseconds(),
        timing == null ? null : timing.imagesPerSecond(),
        own.seconds(timings),
        trainingRatio == null ? null : 1 / trainingRatio,
        slowdown(own, dense, timings),
        own.results().note(failure));
  }

  /** Seconds for an operation, as a share of the dense training's seconds for an operation. */
  private static @Nullable Double slowdown(
      Finished own, Optional<Finished> dense, Map<String, RowTiming> timings) {
    Double ownSeconds = secondsByRatio(own, timings);
    Double denseSeconds = dense.map(it -> secondsByRatio(it, timings)).orElse(null);
    return ownSeconds == null || denseSeconds == null ? null : ownSeconds / denseSeconds;
  }

  private static @Nullable Double secondsByRatio(Finished row, Map<String, RowTiming> timings) {
    Double seconds = row.seconds(timings);
    Double ratio = row.trainingFlopsRatio();
    return seconds == null || ratio == null ? null : seconds / ratio;
  }

  /** The line of a run, by its row's key. */
  static RunLine line(
      String row, long seed, RunResult result, Function<Throwable, String> failure) {
    return switch (result) {
      case RunResult.Finished(Summary summary) ->
          new RunLine(
              row,
              seed,
              summary.testAccuracy(),
              summary.validationAccuracy(),
              summary.seconds(),
              null);
      case RunResult.Failed(Throwable cause) ->
          new RunLine(row, seed, null, null, null, failure.apply(cause));
      case RunResult.Stopped _ -> new RunLine(row, seed, null, null, null, null);
    };
  }
}
