package dev.windfall.cli;

import dev.windfall.data.Dataset;
import dev.windfall.experiment.JsonText;
import dev.windfall.experiment.comparison.RunPool;
import dev.windfall.experiment.comparison.RunResult;
import dev.windfall.experiment.lottery.Lottery;
import dev.windfall.experiment.lottery.LotteryFile;
import dev.windfall.experiment.lottery.LotteryFolder;
import dev.windfall.experiment.lottery.LotteryPlan;
import dev.windfall.experiment.lottery.LotteryRun;
import dev.windfall.experiment.lottery.ShippedLotteries;
import dev.windfall.experiment.lottery.TicketDrawer;
import dev.windfall.report.LotteryCharts;
import dev.windfall.report.LotteryReport;
import dev.windfall.report.LotteryTable;
import dev.windfall.report.ReportCsv;
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
import picocli.CommandLine.Parameters;

/** {@code windfall lottery}: draws tickets and spends them. */
@Command(
    name = "lottery",
    description = {
      "Draws lottery tickets: trains a dense network, prunes it by magnitude, round by round or in"
          + " one shot, and trains what is left again, with the weights of an earlier moment, in"
          + " several ways beside each other. Called again, it goes on where it was stopped.",
      "Without a file: a small lottery on the embedded data set."
    },
    abbreviateSynopsis = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  windfall lottery",
      "  windfall lottery shapes-short --estimate",
      "  windfall list lotteries --show shapes-short > mine.yaml",
      "  windfall lottery mine.yaml --data-dir data"
    })
final class LotteryCommand implements Callable<Integer> {

  private final Interruption interruption;

  @Parameters(
      arity = "0..1",
      paramLabel = "LOTTERY",
      description = "A lottery's YAML file, or a name of 'windfall list lotteries'.")
  private String lottery = ShippedLotteries.FILES.names().getFirst();

  @Mixin private PoolOptions options = new PoolOptions();

  LotteryCommand(Interruption interruption) {
    this.interruption = interruption;
  }

  /** A lottery that is ready: data open, runs planned, folders looked at. */
  private record Ready(LotteryPlan plan, LotteryFolder folder, RunPool<LotteryRun> pool) {

    List<LotteryRun> unfinished() {
      return plan.runs().stream().filter(run -> !pool.isFinished(run)).toList();
    }
  }

  @Override
  public Integer call() throws IOException {
    options.requireRanges();
    String text = options.text(lottery, ShippedLotteries.FILES);
    Ready ready = ready(text);
    List<LotteryRun> unfinished = ready.unfinished();
    int all = ready.plan().runs().size();
    options.say(
        "%s: %s%n%d runs, of which %d are finished%n"
            .formatted(
                ready.plan().lottery().name(),
                ready.plan().description(),
                all,
                all - unfinished.size()));
    ComparisonForecast forecast = forecast(ready.plan(), unfinished);
    if (options.isEstimate()) {
      options.sayEstimate(all, unfinished, forecast, "");
      return CommandLine.ExitCode.OK;
    }
    ready.folder().write(ready.folder().lottery(), text);
    interruption.expectOrderlyEnd();
    Map<LotteryRun, RunResult> results =
        options.carryOut(ready.pool(), ready.plan().runs(), unfinished, forecast, interruption);
    if (results.values().stream().anyMatch(RunResult.Stopped.class::isInstance)) {
      options.say(
          "stopped: %d of %d runs are finished; the same command goes on%n"
              .formatted(all - ready.unfinished().size(), all));
      return CommandLine.ExitCode.SOFTWARE;
    }
    return reported(ready, results);
  }

  private Ready ready(String text) throws IOException {
    try {
      Lottery read =
          LotteryFile.read(text, lottery, PoolOptions.folderOf(lottery), options::overridden);
      String data = read.base().recipe().data().name();
      Map<String, Dataset> datasets = options.datasets(read.base(), List.of(data));
      LotteryFolder folder = new LotteryFolder(options.out().resolve(read.name()));
      Dataset dataset = Objects.requireNonNull(datasets.get(data), "it is open");
      LotteryPlan plan = LotteryPlan.of(read, dataset, folder);
      TicketDrawer drawer = new TicketDrawer(plan, folder, options.threads());
      RunPool<LotteryRun> pool =
          new RunPool<>(folder.runs(), datasets, options.threads(), drawer::make);
      for (LotteryRun run : plan.runs()) {
        pool.requireSameRecipe(run);
      }
      return new Ready(plan, folder, pool);
    } catch (IllegalArgumentException e) {
      throw options.wrong(e);
    }
  }

  /** The first thing to meet every row's recipe and network: a row that does not fit ends here. */
  private ComparisonForecast forecast(LotteryPlan plan, List<LotteryRun> runs) {
    ComparisonForecast forecast = options.forecast(runs, run -> work(plan, run));
    for (ComparisonForecast.RowForecast row : forecast.rows()) {
      @Nullable String failure = row.failure();
      if (failure != null) {
        throw options.wrong(failure);
      }
    }
    return forecast;
  }

  /** Of each row the first and the last round are measured; the others are between them. */
  private ComparisonForecast.Work work(LotteryPlan plan, LotteryRun run) {
    int round = run.round();
    int last = plan.lottery().drawing().ladder().rounds();
    if (round <= 1 || round == last) {
      return measured(plan, run, round);
    }
    double first = plan.sparsity(1);
    double position = (plan.sparsity(round) - first) / (plan.sparsity(last) - first);
    return new ComparisonForecast.Between(
        measured(plan, run, 1), measured(plan, run, last), position);
  }

  private ComparisonForecast.Measured measured(LotteryPlan plan, LotteryRun run, int round) {
    int threads = options.threads();
    return new ComparisonForecast.Measured(
        plan.standIn(run, round, threads), run.share(), plan.teacher(run, threads).orElse(null));
  }

  private int reported(Ready ready, Map<LotteryRun, RunResult> results) throws IOException {
    LotteryFolder folder = ready.folder();
    LotteryReport report =
        LotteryReport.of(
            ready.plan(), results, folder.rounds(ready.plan()), FailureReport::describe);
    LotteryTable table = new LotteryTable(report);
    folder.write(folder.file("table.txt"), table.text());
    folder.write(folder.file("table.md"), table.markdown());
    folder.write(folder.file("table.csv"), ReportCsv.text(report));
    folder.write(folder.file("report.json"), JsonText.document(report));
    List<Path> charts = new LotteryCharts(report).write(folder.file("charts"));
    options.say(
        "%n%s%n%s: table.txt, table.md, table.csv, report.json%s%n"
            .formatted(
                table.text(), folder.path(), charts.isEmpty() ? "" : " and charts in charts"));
    options.hand(report);
    return results.values().stream().anyMatch(RunResult.Finished.class::isInstance)
        ? CommandLine.ExitCode.OK
        : CommandLine.ExitCode.SOFTWARE;
  }
}
