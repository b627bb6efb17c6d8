package dev.windfall.cli;

import dev.windfall.data.Dataset;
import dev.windfall.data.DatasetCache;
import dev.windfall.experiment.JsonText;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.RecipeSettings;
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
import dev.windfall.report.ReportCsv;
import dev.windfall.report.ReportTable;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

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

  @Spec private @Nullable CommandSpec command;

  @Parameters(
      paramLabel = "COMPARISON",
      description = "A comparison's YAML file, or a name of 'windfall list comparisons'.")
  private String comparison = "";

  @Option(
      names = "--data-dir",
      paramLabel = "FOLDER",
      description = "Where the data set's files are. Default: the recipe's, or a cache.")
  private @Nullable String dataDir;

  @Option(
      names = "--set",
      paramLabel = "FIELD=VALUE",
      description = "Sets any field of the recipe, over what the comparison sets. Repeatable.")
  private Map<String, String> fields = new LinkedHashMap<>();

  @Option(
      names = "--estimate",
      description = "Says how many runs, hours and bytes it would take, and ends.")
  private boolean estimate;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      defaultValue = "0",
      description = "Runs at a time; 0: as many as the processors have threads for.")
  private int parallel;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Computing threads of each run. Default: ${DEFAULT-VALUE}.")
  private int threads = 1;

  @Option(
      names = "--timing",
      paramLabel = "SECONDS",
      defaultValue = "3",
      description =
          "How long each row's steps are measured after all runs, alone and with the recipe's"
              + " threads; 0: not at all. Default: ${DEFAULT-VALUE}.")
  private double timing = 3;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      defaultValue = "runs",
      description = "Holds the comparison's folder. Default: ${DEFAULT-VALUE}.")
  private Path out = Path.of("runs");

  @Option(
      names = "--json",
      description = "Writes the report as JSON to standard output, and all else to standard error.")
  private boolean json;

  CompareCommand(Interruption interruption) {
    this.interruption = interruption;
  }

  /** What is said by {@code --estimate --json}. */
  record Estimate(
      int runs,
      int finished,
      int parallel,
      int threads,
      double seconds,
      double hours,
      long checkpointBytes,
      long memoryBytes,
      List<ComparisonForecast.RowForecast> rows) {}

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
    requireRanges();
    String text = text();
    Ready ready = ready(text);
    say(
        "%s: %d rows, %d runs, of which %d are finished; budget %s (%s)%n"
            .formatted(
                ready.comparison().name(),
                ready.rows().size(),
                ready.runs().size(),
                ready.runs().size() - ready.unfinished().size(),
                ready.comparison().budget().label(),
                ready.comparison().budget().description()));
    if (estimate) {
      return estimated(ready);
    }
    ready.folder().write(ready.folder().comparison(), text);
    interruption.expectOrderlyEnd();
    Map<ComparisonRun, RunResult> results = carriedOut(ready);
    long stopped = results.values().stream().filter(RunResult.Stopped.class::isInstance).count();
    if (stopped > 0) {
      say(
          "stopped: %d of %d runs are finished; the same command goes on%n"
              .formatted(ready.runs().size() - ready.unfinished().size(), ready.runs().size()));
      return CommandLine.ExitCode.SOFTWARE;
    }
    return reported(ready, results);
  }

  private void requireRanges() {
    if (parallel < 0 || threads < 1 || !(timing >= 0 && timing <= 3600)) {
      throw wrong(
          "--parallel must be at least 0, --threads at least 1, --timing from 0 to 3600 seconds");
    }
  }

  private String text() throws IOException {
    try {
      Path file = Path.of(comparison);
      return Files.exists(file) ? RecipeDraft.readText(file) : ShippedComparisons.text(comparison);
    } catch (IllegalArgumentException e) {
      throw wrong(e);
    }
  }

  private Ready ready(String text) throws IOException {
    try {
      Path parent = Path.of(comparison).toAbsolutePath().getParent();
      Comparison read =
          ComparisonFile.read(
              text, comparison, parent == null ? Path.of("") : parent, this::overridden);
      Map<String, Dataset> datasets = datasets(read);
      ComparisonFolder folder = new ComparisonFolder(out.resolve(read.name()));
      RunPool<ComparisonRun> pool = new RunPool<>(folder.runs(), datasets, threads);
      List<ComparisonRow> rows = ComparisonGrid.rows(read, datasets);
      List<ComparisonRun> runs = ComparisonRun.all(rows, read.seeds());
      for (ComparisonRun run : runs) {
        pool.requireSameRecipe(run);
      }
      return new Ready(read, folder, rows, runs, pool, datasets);
    } catch (IllegalArgumentException e) {
      throw wrong(e);
    }
  }

  private RecipeDraft overridden(RecipeDraft draft) {
    RecipeDraft result =
        dataDir == null ? draft : draft.withText(List.of("data", "dir"), dataDir, "--data-dir");
    return new RecipeSettings(fields, "--set ").over(result);
  }

  private Map<String, Dataset> datasets(Comparison read) {
    Map<String, Dataset> datasets = new LinkedHashMap<>();
    try (DownloadDisplay download = new DownloadDisplay(isTerminal(), messages())) {
      DatasetCache cache = download.cache();
      for (String data : read.data()) {
        RecipeDraft draft = read.base().withText(List.of("data", "name"), data, "data");
        datasets.put(data, RunPlan.dataset(draft.recipe(), cache));
      }
    }
    return datasets;
  }

  private int atATime() {
    int processors = Runtime.getRuntime().availableProcessors();
    return parallel == 0 ? Math.max(1, processors / threads) : parallel;
  }

  private int estimated(Ready ready) {
    List<ComparisonRun> unfinished = ready.unfinished();
    ComparisonForecast forecast = ComparisonForecast.of(unfinished, ready.pool()::plan);
    double seconds = forecast.seconds(unfinished) / atATime();
    Estimate found =
        new Estimate(
            ready.runs().size(),
            ready.runs().size() - unfinished.size(),
            atATime(),
            threads,
            seconds,
            seconds / 3600,
            forecast.checkpointBytes(unfinished),
            forecast.memoryBytes(atATime()),
            forecast.rows());
    say(
        "about %s for %d runs, %d at a time with %s each, and %s of timing after them%n"
            .formatted(
                Figures.duration(seconds),
                unfinished.size(),
                atATime(),
                threads == 1 ? "1 thread" : threads + " threads",
                Figures.duration(RowTimings.lasting(timing, ready.rows().size()))));
    say(
        "about %s of checkpoints on the disk; %s of memory in the engine at a time, data not counted%n"
            .formatted(Figures.bytes(found.checkpointBytes()), Figures.bytes(found.memoryBytes())));
    if (json) {
      print(JsonText.document(found));
    }
    return CommandLine.ExitCode.OK;
  }

  private Map<ComparisonRun, RunResult> carriedOut(Ready ready) {
    List<ComparisonRun> unfinished = ready.unfinished();
    ComparisonForecast forecast = ComparisonForecast.of(unfinished, ready.pool()::plan);
    if (!unfinished.isEmpty()) {
      say(
          "%d at a time with %s each; about %s%n"
              .formatted(
                  atATime(),
                  threads == 1 ? "1 thread" : threads + " threads",
                  Figures.duration(forecast.seconds(unfinished) / atATime())));
    }
    return ready
        .pool()
        .execute(
            ready.runs(),
            atATime(),
            interruption::isRequested,
            new ComparisonProgress<>(unfinished, forecast, atATime(), System::nanoTime, this::say));
  }

  private int reported(Ready ready, Map<ComparisonRun, RunResult> results) throws IOException {
    RowTimings timings =
        RowTimings.of(
            ready.comparison(),
            ready.folder(),
            threads -> new RunPool<>(ready.folder().runs(), ready.datasets(), threads));
    timings.measure(finished(ready, results), timing, interruption::isRequested, this::say);
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
    say(
        "%n%s%n%s: table.txt, table.md, table.csv, report.json"
            .formatted(table.text(), folder.path()));
    say((charts.isEmpty() ? "%n" : " and %d charts in charts%n").formatted(charts.size()));
    if (json) {
      print(JsonText.document(report));
    }
    return finished(ready, results).isEmpty()
        ? CommandLine.ExitCode.SOFTWARE
        : CommandLine.ExitCode.OK;
  }

  private static List<ComparisonRun> finished(Ready ready, Map<ComparisonRun, RunResult> results) {
    return ready.runs().stream()
        .filter(run -> results.get(run) instanceof RunResult.Finished)
        .toList();
  }

  private void say(String text) {
    messages().print(text);
    messages().flush();
  }

  private void print(String document) {
    line().getOut().print(document);
    line().getOut().flush();
  }

  private PrintWriter messages() {
    return json ? line().getErr() : line().getOut();
  }

  private static boolean isTerminal() {
    return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  }

  private ParameterException wrong(String message) {
    return new ParameterException(line(), message);
  }

  private ParameterException wrong(IllegalArgumentException failure) {
    return new ParameterException(line(), String.valueOf(failure.getMessage()), failure);
  }

  private CommandLine line() {
    return Objects.requireNonNull(command, "the parser sets the command").commandLine();
  }
}
