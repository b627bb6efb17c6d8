package dev.windfall.cli;

import dev.windfall.data.Dataset;
import dev.windfall.data.DatasetCache;
import dev.windfall.experiment.JsonText;
import dev.windfall.experiment.Machine;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.RecipeSettings;
import dev.windfall.experiment.RunPlan;
import dev.windfall.experiment.ShippedFiles;
import dev.windfall.experiment.comparison.PooledRun;
import dev.windfall.experiment.comparison.RunPool;
import dev.windfall.experiment.comparison.RunResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of commands that carry out many runs in one folder, and how these commands speak. */
final class PoolOptions {

  /** Of the memory that is there; the rest is left to data, to the heap's garbage and to others. */
  private static final double MEMORY_SHARE = 0.8;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--data-dir",
      paramLabel = "FOLDER",
      description = "Where the data set's files are. Default: the recipe's, or a cache.")
  private @Nullable String dataDir;

  @Option(
      names = "--set",
      paramLabel = "FIELD=VALUE",
      description = "Sets any field of the recipe, over what the file sets. Repeatable.")
  private Map<String, String> fields = new LinkedHashMap<>();

  @Option(
      names = "--estimate",
      description = "Says how many runs, hours and bytes it would take, and ends.")
  private boolean estimate;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Runs at a time; 0: as many as the processors have threads for and fit into the memory.")
  private int parallel;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Computing threads of each run. Default: ${DEFAULT-VALUE}.")
  private int threads = 1;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      defaultValue = "runs",
      description = "Holds the folder of results. Default: ${DEFAULT-VALUE}.")
  private Path out = Path.of("runs");

  @Option(
      names = "--json",
      description = "Writes the report as JSON to standard output, and all else to standard error.")
  private boolean json;

  PoolOptions() {}

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

  /** Whether nothing shall be trained. */
  boolean isEstimate() {
    return estimate;
  }

  /** Computing threads of each run. */
  int threads() {
    return threads;
  }

  /** Holds the folder of results. */
  Path out() {
    return out;
  }

  void requireRanges() {
    if (parallel < 0 || threads < 1) {
      throw wrong("--parallel must be at least 0, --threads at least 1");
    }
  }

  /**
   * How many runs go on at a time.
   *
   * @param runs at a time
   * @param memory in words, where it is short; otherwise empty
   */
  record SideBySide(int runs, String memory) {

    /**
     * As many as asked for, or else as processors and memory have room for.
     *
     * @param asked 0: nothing is asked for
     * @param processors computing threads that the machine has
     * @param threads of each run
     * @param available bytes of memory
     */
    static SideBySide of(
        ComparisonForecast forecast,
        List<? extends PooledRun> runs,
        int asked,
        int processors,
        int threads,
        long available) {
      long free = Math.round(MEMORY_SHARE * available);
      int wished = asked == 0 ? Math.max(1, processors / threads) : asked;
      int fitting = forecast.fitting(runs, wished, free);
      long taken = forecast.memoryBytes(runs, asked == 0 ? fitting : wished);
      if (taken > free) {
        return new SideBySide(
            asked == 0 ? fitting : wished,
            "; they may take %s of memory, and about %s are there for them"
                .formatted(Figures.bytes(taken), Figures.bytes(free)));
      }
      return new SideBySide(
          fitting,
          fitting < wished
              ? "; more do not fit into the %s of memory that are there for them"
                  .formatted(Figures.bytes(free))
              : "");
    }
  }

  private SideBySide sideBySide(ComparisonForecast forecast, List<? extends PooledRun> runs) {
    return SideBySide.of(
        forecast,
        runs,
        parallel,
        Runtime.getRuntime().availableProcessors(),
        threads,
        Machine.availableBytes());
  }

  /** How many runs go on at a time, and with what, in words. */
  private String described(SideBySide sideBySide) {
    return "%d at a time with %s each"
        .formatted(sideBySide.runs(), threads == 1 ? "1 thread" : threads + " threads");
  }

  /** The text of a file, or of a shipped one by this name. */
  String text(String name, ShippedFiles shipped) throws IOException {
    try {
      Path file = Path.of(name);
      return Files.exists(file) ? RecipeDraft.readText(file) : shipped.text(name);
    } catch (IllegalArgumentException e) {
      throw wrong(e);
    }
  }

  /** From where the paths in a file lead on. */
  static Path folderOf(String name) {
    @Nullable Path parent = Path.of(name).toAbsolutePath().getParent();
    return parent == null ? Path.of("") : parent;
  }

  /** A recipe with the options laid over it. */
  RecipeDraft overridden(RecipeDraft draft) {
    RecipeDraft result =
        dataDir == null ? draft : draft.withText(List.of("data", "dir"), dataDir, "--data-dir");
    return new RecipeSettings(fields, "--set ").over(result);
  }

  /** Opens data sets of a recipe by other names. */
  Map<String, Dataset> datasets(RecipeDraft base, List<String> names) {
    Map<String, Dataset> datasets = new LinkedHashMap<>();
    try (DownloadDisplay download = new DownloadDisplay(AttendedRun.isTerminal(), messages())) {
      DatasetCache cache = download.cache();
      for (String data : names) {
        RecipeDraft draft = base.withText(List.of("data", "name"), data, "data");
        datasets.put(data, RunPlan.dataset(draft.recipe(), cache));
      }
    }
    return datasets;
  }

  /**
   * Measures what runs will take, by a few steps of each row, with a bar on a terminal.
   *
   * @param work what a run does; what it throws is the row's failure
   */
  <R extends PooledRun> ComparisonForecast forecast(
      List<R> runs, Function<R, ComparisonForecast.Work> work) {
    long rows = runs.stream().map(PooledRun::key).distinct().count();
    try (ProgressBar bar = AttendedRun.isTerminal() && rows > 0 ? measuring(rows) : null) {
      Runnable measured = bar == null ? () -> {} : bar::step;
      return estimate
          ? ComparisonForecast.estimate(runs, work, measured)
          : ComparisonForecast.of(runs, work, measured);
    }
  }

  private static ProgressBar measuring(long rows) {
    return new ProgressBarBuilder()
        .setTaskName("measuring steps")
        .setInitialMax(rows)
        .setStyle(ProgressBarStyle.ASCII)
        .build();
  }

  /**
   * Says what runs would take.
   *
   * @param runs all of them
   * @param unfinished those that are left
   * @param more what else is said of the time
   */
  void sayEstimate(
      int runs, List<? extends PooledRun> unfinished, ComparisonForecast forecast, String more) {
    SideBySide sideBySide = sideBySide(forecast, unfinished);
    double seconds = forecast.seconds(unfinished) / sideBySide.runs();
    Estimate found =
        new Estimate(
            runs,
            runs - unfinished.size(),
            sideBySide.runs(),
            threads,
            seconds,
            seconds / 3600,
            forecast.checkpointBytes(unfinished),
            forecast.memoryBytes(unfinished, sideBySide.runs()),
            forecast.rows());
    say(
        "about %s for %d runs, %s%s%s%n"
            .formatted(
                Figures.duration(seconds),
                unfinished.size(),
                described(sideBySide),
                more,
                sideBySide.memory()));
    say(
        "about %s of checkpoints on the disk; %s of memory in the engine at a time, data not counted%n"
            .formatted(Figures.bytes(found.checkpointBytes()), Figures.bytes(found.memoryBytes())));
    for (ComparisonForecast.RowForecast row : found.rows()) {
      if (row.failure() != null) {
        say("note on %s: its runs will fail: %s%n".formatted(row.row(), row.failure()));
      }
    }
    hand(found);
  }

  /**
   * Carries out runs, with a line for each that ends.
   *
   * @param runs all of them
   * @param unfinished those that are left
   */
  <R extends PooledRun> Map<R, RunResult> carryOut(
      RunPool<R> pool,
      List<R> runs,
      List<R> unfinished,
      ComparisonForecast forecast,
      Interruption interruption) {
    SideBySide sideBySide = sideBySide(forecast, unfinished);
    int atATime = sideBySide.runs();
    if (!unfinished.isEmpty()) {
      say(
          "%s; about %s%s%n"
              .formatted(
                  described(sideBySide),
                  Figures.duration(forecast.seconds(unfinished) / atATime),
                  sideBySide.memory()));
    }
    return pool.execute(
        runs,
        atATime,
        interruption::isRequested,
        new ComparisonProgress<>(unfinished, forecast, atATime, System::nanoTime, this::say));
  }

  /** Says something to people. */
  void say(String text) {
    messages().print(text);
    messages().flush();
  }

  /** Hands over a document to programs, where they asked for it. */
  void hand(Object document) {
    if (json) {
      line().getOut().print(JsonText.document(document));
      line().getOut().flush();
    }
  }

  private PrintWriter messages() {
    return json ? line().getErr() : line().getOut();
  }

  ParameterException wrong(String message) {
    return new ParameterException(line(), message);
  }

  ParameterException wrong(IllegalArgumentException failure) {
    return new ParameterException(line(), String.valueOf(failure.getMessage()), failure);
  }

  private CommandLine line() {
    if (command == null) {
      throw new IllegalStateException("the parser sets the command");
    }
    return command.commandLine();
  }
}
