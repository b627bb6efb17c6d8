package dev.windfall.cli;

import dev.windfall.data.Dataset;
import dev.windfall.experiment.FieldReader;
import dev.windfall.experiment.JsonText;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.RunPlan;
import dev.windfall.experiment.comparison.Comparison;
import dev.windfall.experiment.comparison.ComparisonFile;
import dev.windfall.experiment.comparison.ComparisonFolder;
import dev.windfall.experiment.comparison.ComparisonGrid;
import dev.windfall.experiment.comparison.ComparisonRow;
import dev.windfall.experiment.comparison.ComparisonRun;
import dev.windfall.experiment.comparison.RunPool;
import dev.windfall.experiment.comparison.RunResult;
import dev.windfall.experiment.comparison.ShippedComparisons;
import dev.windfall.report.AccuracyCharts;
import dev.windfall.report.ComparisonReport;
import dev.windfall.report.LayerTable;
import dev.windfall.report.ReportCsv;
import dev.windfall.report.ReportTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code windfall compare}: methods, sparsities and seeds under a budget that is named. */
@Command(
    name = "compare",
    description = {
      "Compares sparse-training methods with each other and with the dense network, under a budget"
          + " that is named, over several seeds. Called again, it goes on where it was stopped."
    },
    abbreviateSynopsis = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  windfall compare shapes-inference-flops",
      "  windfall compare lenet-5-fashion-mnist --data-dir data --estimate",
      "  windfall list comparisons --show lenet-5-fashion-mnist > mine.yaml",
      "  windfall compare mine.yaml --parallel 2"
    })
final class CompareCommand implements Callable<Integer> {

  private final Interruption interruption;

  @Parameters(
      paramLabel = "COMPARISON",
      description = "A comparison's YAML file, or a name of 'windfall list comparisons'.")
  private String comparison = "";

  @Mixin private PoolOptions options = new PoolOptions();

  @Option(
      names = "--multiplier",
      paramLabel = "M",
      description =
          "Trains every row M times as long; all anchors scale with it. Its folder is NAME-Mx.")
  private @Nullable String multiplier;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Of the comparison's folder. Default: the comparison's name.")
  private @Nullable String name;

  @Option(
      names = "--timing",
      paramLabel = "SECONDS",
      defaultValue = "3",
      description =
          "How long each row's steps are measured after all runs, alone and with the recipe's"
              + " threads; 0: not at all. Default: ${DEFAULT-VALUE}.")
  private double timing = 3;

  @Option(
      names = "--layers",
      description =
          "Shows the slowdown layer by layer, too (layers.txt, layers.md; always in report.json).")
  private boolean layers;

  CompareCommand(Interruption interruption) {
    this.interruption = interruption;
  }

  /** A comparison that is ready: data open, budgets solved for, folders looked at. */
  private record Ready(
      Comparison comparison,
      ComparisonFolder folder,
      List<ComparisonRow> rows,
      List<ComparisonRun> runs,
      RunPool<ComparisonRun> pool,
      Map<String, Dataset> datasets) {

    List<ComparisonRun> unfinished() {
      return runs.stream().filter(run -> !pool.isFinished(run)).toList();
    }
  }

  @Override
  public Integer call() throws IOException {
    options.requireRanges();
    if (!(timing >= 0 && timing <= 3600)) {
      throw options.wrong("--timing must be from 0 to 3600 seconds");
    }
    String text = options.text(comparison, ShippedComparisons.FILES);
    Ready ready = ready(text);
    options.say(
        "%s: %d rows, %d runs, of which %d are finished; budget %s (%s)%n"
            .formatted(
                ready.comparison().name(),
                ready.rows().size(),
                ready.runs().size(),
                ready.runs().size() - ready.unfinished().size(),
                ready.comparison().budget().label(),
                ready.comparison().budget().description()));
    if (options.isEstimate()) {
      return estimated(ready);
    }
    ready.folder().write(ready.folder().comparison(), text);
    interruption.expectOrderlyEnd();
    Map<ComparisonRun, RunResult> results = carriedOut(ready);
    long stopped = results.values().stream().filter(RunResult.Stopped.class::isInstance).count();
    if (stopped > 0) {
      options.say(
          "stopped: %d of %d runs are finished; the same command goes on%n"
              .formatted(ready.runs().size() - ready.unfinished().size(), ready.runs().size()));
      return CommandLine.ExitCode.SOFTWARE;
    }
    return reported(ready, results);
  }

  private Ready ready(String text) throws IOException {
    try {
      Comparison read =
          named(
              ComparisonFile.read(
                  text, comparison, PoolOptions.folderOf(comparison), this::overridden));
      Map<String, Dataset> datasets = options.datasets(read.base(), read.data());
      ComparisonFolder folder = new ComparisonFolder(options.out().resolve(read.name()));
      RunPool<ComparisonRun> pool = new RunPool<>(folder.runs(), datasets, options.threads());
      List<ComparisonRow> rows = ComparisonGrid.rows(read, datasets);
      List<ComparisonRun> runs = ComparisonRun.all(rows, read.seeds());
      for (ComparisonRun run : runs) {
        pool.requireSameRecipe(run);
      }
      return new Ready(read, folder, rows, runs, pool, datasets);
    } catch (IllegalArgumentException e) {
      throw options.wrong(e);
    }
  }

  /** Another length is another comparison, so it gets a folder of its own. */
  private Comparison named(Comparison read) {
    if (name != null) {
      if (!FieldReader.isName(name)) {
        throw new IllegalArgumentException(
            "--name must be of letters, digits, '.', '_' and '-', not '%s'".formatted(name));
      }
      return read.withName(name);
    }
    return multiplier == null ? read : read.withName("%s-%sx".formatted(read.name(), multiplier));
  }

  private RecipeDraft overridden(RecipeDraft draft) {
    RecipeDraft longer =
        multiplier == null
            ? draft
            : draft.with(List.of("training", "multiplier"), multiplier, "--multiplier");
    return options.overridden(longer);
  }

  private int estimated(Ready ready) {
    List<ComparisonRun> unfinished = ready.unfinished();
    ComparisonForecast forecast = options.forecast(unfinished, run -> work(ready, run));
    options.sayEstimate(
        ready.runs().size(),
        unfinished,
        forecast,
        ", and %s of timing after them"
            .formatted(Figures.duration(RowTimings.lasting(timing, ready.rows().size()))));
    return CommandLine.ExitCode.OK;
  }

  private Map<ComparisonRun, RunResult> carriedOut(Ready ready) {
    List<ComparisonRun> unfinished = ready.unfinished();
    ComparisonForecast forecast = options.forecast(unfinished, run -> work(ready, run));
    return options.carryOut(ready.pool(), ready.runs(), unfinished, forecast, interruption);
  }

  /** What a run begins with need not be there yet, so others as many stand in for it. */
  private ComparisonForecast.Work work(Ready ready, ComparisonRun run) {
    return new ComparisonForecast.Measured(
        RunPlan.of(
            run.row().recipe(run.seed(), options.threads()),
            Objects.requireNonNull(ready.datasets().get(run.data()), "it is open")));
  }

  private int reported(Ready ready, Map<ComparisonRun, RunResult> results) throws IOException {
    RowTimings timings =
        RowTimings.of(
            ready.comparison(),
            ready.folder(),
            threads -> new RunPool<>(ready.folder().runs(), ready.datasets(), threads));
    timings.measure(finished(ready, results), timing, interruption::isRequested, options::say);
    ComparisonReport report =
        ComparisonReport.of(
            ready.comparison(),
            results,
            timings.byRow(),
            timings.machine(),
            timings.threads(),
            FailureReport::describe);
    ComparisonFolder folder = ready.folder();
    ReportTable table = new ReportTable(report);
    folder.write(folder.file("table.txt"), table.text());
    folder.write(folder.file("table.md"), table.markdown());
    folder.write(folder.file("table.csv"), ReportCsv.text(report));
    folder.write(folder.file("report.json"), JsonText.document(report));
    List<Path> charts = new AccuracyCharts(report).write(folder.file("charts"));
    options.say(
        "%n%s%n%s: table.txt, table.md, table.csv, report.json"
            .formatted(table.text(), folder.path()));
    options.say((charts.isEmpty() ? "%n" : " and %d charts in charts%n").formatted(charts.size()));
    if (layers) {
      reportLayers(report, folder);
    }
    options.hand(report);
    return finished(ready, results).isEmpty()
        ? CommandLine.ExitCode.SOFTWARE
        : CommandLine.ExitCode.OK;
  }

  private void reportLayers(ComparisonReport report, ComparisonFolder folder) throws IOException {
    if (report.layers().isEmpty()) {
      options.say(
          "no layer was timed: there is no timing (--timing), or the engine cannot tell layers"
              + " apart%n".formatted());
      return;
    }
    LayerTable table = new LayerTable(report);
    folder.write(folder.file("layers.txt"), table.text());
    folder.write(folder.file("layers.md"), table.markdown());
    options.say("%n%s%n".formatted(table.text()));
  }

  private static List<ComparisonRun> finished(Ready ready, Map<ComparisonRun, RunResult> results) {
    return ready.runs().stream()
        .filter(run -> results.get(run) instanceof RunResult.Finished)
        .toList();
  }
}
