package dev.windfall.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.cost.NetworkCost;
import dev.windfall.experiment.Summary;
import dev.windfall.experiment.comparison.ComparisonGrid;
import dev.windfall.experiment.comparison.RunResult;
import dev.windfall.experiment.lottery.LotteryFile;
import dev.windfall.experiment.lottery.LotteryFolder;
import dev.windfall.experiment.lottery.LotteryPlan;
import dev.windfall.experiment.lottery.LotteryRun;
import dev.windfall.experiment.lottery.TicketRound;
import dev.windfall.network.Network;
import dev.windfall.sparsity.LayerDensities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reports of made-up results: nothing is trained. */
final class LotteryReportTest {

  private static final String LOTTERY =
      """
      name: made-up
      set: {model.name: mlp-10, data.name: black, training: {epochs: 10, batch-size: 2},
        run.engine: reference}
      seeds: [1, 2]
      draw: {rounds: 3}
      spend:
        - {tickets: iterative, starts: [initial, weights], rows: [vanilla, at-trt], rounds: [1, 3]}
        - {tickets: dense, rows: at-trt}
      rows:
        at-trt: {training.loss.label-smoothing: 0.1}
      """;

  /** 4·10 + 10·2. */
  private static final long WEIGHTS = 60;

  /** Of a forward pass, one for each weight. */
  private static final long FLOPS = 60;

  @TempDir Path folder;

  private static LotteryPlan plan(String lottery) throws IOException {
    return LotteryPlan.of(
        LotteryFile.read(lottery, "l.yaml", Path.of(""), draft -> draft),
        MadeUp.DATA,
        new LotteryFolder(Path.of("nowhere")));
  }

  private static Summary summary(LotteryRun run, double accuracy, LotteryPlan plan) {
    double sparsity = run.round() == 0 ? 0 : plan.sparsity(run.round());
    return MadeUp.summary(
        "static",
        run.seed(),
        accuracy,
        Math.round(run.share() * plan.training().training().steps()),
        0,
        new long[] {Math.round((1 - sparsity) * WEIGHTS), WEIGHTS},
        Math.round((1 - sparsity) * FLOPS),
        1 - sparsity,
        run.line().row().name().equals("at-trt") ? 1234 : 0);
  }

  /** Rewinding is better where it is sparser, and everything worse. */
  private static double accuracy(LotteryRun run) {
    double base = 0.9 + run.seed() / 100.0 - run.round() / 20.0;
    return switch (run.line().key()) {
      case "dense-at-trt" -> base + 0.01;
      case "iterative-weights-vanilla" -> base + (run.round() == 1 ? 0.02 : 0.06);
      case "iterative-initial-at-trt" -> base + 0.03;
      case "iterative-weights-at-trt" -> base + 0.08;
      default -> base;
    };
  }

  private static LotteryReport report() throws IOException {
    return report(LOTTERY);
  }

  private static LotteryReport report(String lottery) throws IOException {
    LotteryPlan plan = plan(lottery);
    Map<LotteryRun, RunResult> results = new LinkedHashMap<>();
    List<TicketRound> rounds = new ArrayList<>();
    for (LotteryRun run : plan.runs()) {
      results.put(
          run,
          run.name().equals("iterative-initial-at-trt-round-01-seed-2")
              ? new RunResult.Failed(new IllegalStateException("step 3: the loss is NaN"))
              : new RunResult.Finished(summary(run, accuracy(run), plan)));
      if (run.line().equals(plan.drawnLine())) {
        rounds.add(
            new TicketRound(
                "iterative",
                run.round(),
                run.seed(),
                plan.sparsity(run.round()),
                plan.sparsity(run.round()),
                40 + run.seed(),
                WEIGHTS,
                0.5 + run.seed() / 10.0,
                null,
                "",
                List.of(
                    new TicketRound.LayerDensity("linear1", 20 + run.seed(), 40),
                    new TicketRound.LayerDensity("classifier", 18, 20))));
      }
    }
    return LotteryReport.of(plan, results, rounds, cause -> String.valueOf(cause.getMessage()));
  }

  private static LotteryReport.Row row(LotteryReport report, String line, @Nullable Integer round) {
    return report.rows().stream()
        .filter(row -> row.line().equals(line) && Objects.equals(row.round(), round))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void figuresAreThoseOfTheSeeds() throws IOException {
    LotteryReport report = report();
    assertThat(report.rows()).hasSize(2 + 3 + 3 * 2);
    assertThat(report.rows().getFirst().line()).isEqualTo("dense-vanilla");
    assertThat(report.rows().get(1).line()).isEqualTo("dense-at-trt");
    assertThat(report.rows().getFirst().isWinning()).isNull();
    assertThat(report.rows().get(1).isWinning()).isTrue();
    Network network = plan(LOTTERY).training().network();
    double dense =
        NetworkCost.of(network, LayerDensities.dense(network.prunable()), ComparisonGrid.COUNTER)
            .denseFlops();
    LotteryReport.Row third = row(report, "iterative-weights-at-trt", 3);
    assertThat(third.testAccuracyMean()).isCloseTo(0.845, within(1e-12));
    assertThat(third.testAccuracySd()).isCloseTo(Math.sqrt(0.00005), within(1e-12));
    assertThat(third.toDenseMean()).isCloseTo(-0.07, within(1e-12));
    assertThat(third.toVanillaMean()).isCloseTo(0.08, within(1e-12));
    assertThat(third.isWinning()).isFalse();
    assertThat(third.sparsity()).isEqualTo(0.488);
    assertThat(third.addedParameters()).isEqualTo(1234);
    assertThat(row(report, "iterative-weights-vanilla", 3).addedParameters()).isZero();
    assertThat(third.inferenceFlopsRatio()).isCloseTo(31 / dense, within(1e-12));
    // Rewinding from 90 steps to step 17.
    assertThat(third.trainingFlopsRatio()).isCloseTo(31 / dense * 73 / 90, within(1e-12));
    LotteryReport.Row first = row(report, "iterative-weights-at-trt", 1);
    assertThat(first.toDenseMean()).isCloseTo(0.03, within(1e-12));
    assertThat(first.isWinning()).isTrue();
    assertThat(row(report, "iterative-initial-vanilla", 2).toVanillaMean()).isNull();
  }

  @Test
  void aRowWhoseRunsFailedSaysSo() throws IOException {
    LotteryReport.Row failed = row(report(), "iterative-initial-at-trt", 1);
    assertThat(failed.runsFinished()).isEqualTo(1);
    assertThat(failed.runsFailed()).isEqualTo(1);
    assertThat(failed.toDenseMean()).isCloseTo(-0.02, within(1e-12));
    assertThat(new LotteryTable(report()).text())
        .contains(
            "note on iterative-initial-at-trt round 1: 1 of 2 runs failed: step 3: the loss is NaN");
  }

  @Test
  void roundsAreMeansWithTheirLayers() throws IOException {
    LotteryReport.Round round = report().rounds().get(1);
    assertThat(report().rounds()).hasSize(3);
    assertThat(round.round()).isEqualTo(2);
    assertThat(round.connections()).isEqualTo(41.5);
    assertThat(round.testAccuracyBefore()).isCloseTo(0.65, within(1e-12));
    assertThat(round.testAccuracyAfter()).isCloseTo(0.815, within(1e-12));
    assertThat(round.layers())
        .containsExactly(
            new LotteryReport.Layer("linear1", (21 / 40.0 + 22 / 40.0) / 2),
            new LotteryReport.Layer("classifier", 0.9));
  }

  /** Half a point behind at 20 %, where a seed has failed, and three ahead at 48.8 %. */
  @Test
  void rewindingOvertakesWhereTheLinesCross() throws IOException {
    assertThat(report().crossings()).hasSize(1);
    CriticalSparsity crossing = report().crossings().getFirst();
    assertThat(crossing.tickets()).isEqualTo("iterative");
    assertThat(crossing.tweaked()).isEqualTo("at-trt");
    assertThat(crossing.ahead()).isEqualTo("rewinding");
    assertThat(crossing.sparsity()).isCloseTo(0.2 + 0.288 / 7, within(1e-9));
    assertThat(new LotteryTable(report()).text())
        .contains("critical sparsity 24.1 %, where rewinding overtakes; rewinding is ahead");
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 3,  1, 0.25, rewinding",
    "-1, 1, -1, 0.3,  tweaked",
    "-2, -1, 0, ,     neither",
    "0,  2,  1, 0.2,  rewinding",
    "1,  1,  2, ,     rewinding",
    "1, -1,  1, 0.5,  rewinding",
  })
  void theCriticalSparsityIsTheFirstCrossingThatRewindingWins(
      double first, double second, double third, @Nullable Double sparsity, String ahead) {
    CriticalSparsity found =
        CriticalSparsity.of(
            "iterative",
            "at-trt",
            List.of(
                new CriticalSparsity.Lead(0.2, first),
                new CriticalSparsity.Lead(0.4, second),
                new CriticalSparsity.Lead(0.6, third)));
    assertThat(found.ahead()).isEqualTo(ahead);
    if (sparsity == null) {
      assertThat(found.sparsity()).isNull();
    } else {
      assertThat(found.sparsity()).isCloseTo(sparsity, within(1e-12));
    }
  }

  @Test
  void tablesNameWhatTheirFiguresAre() throws IOException {
    LotteryTable table = new LotteryTable(report());
    for (String text : List.of(table.text(), table.markdown())) {
      assertThat(text)
          .contains("tickets of mlp-10, drawn in 3 rounds by magnitude, all layers ranked together")
          .contains("rewinding goes back to step 17 of 90")
          .contains("84.50 ± 0.71")
          .contains("counter report")
          .contains("1,234")
          .contains("48.8 %")
          .contains("classifier 0.900");
    }
    assertThat(table.markdown()).startsWith("# made-up\n\n| drawing | round | sparsity |");
  }

  @Test
  void csvHasALineForEachRow() throws IOException {
    List<String> lines = ReportCsv.text(report()).lines().toList();
    assertThat(lines).hasSize(12);
    assertThat(lines.getFirst())
        .startsWith("lottery,counter,line,tickets,start,row,round,sparsity");
    assertThat(lines.get(1)).startsWith("made-up,report,dense-vanilla,dense,,vanilla,,0.0,60.0");
  }

  @Test
  void theChartIsAPictureWithItsLines() throws IOException {
    List<Path> files = new LotteryCharts(report()).write(folder.resolve("charts"));
    assertThat(files).hasSize(2).allSatisfy(file -> assertThat(file).isNotEmptyFile());
    assertThat(Files.readString(folder.resolve("charts/accuracy-by-sparsity.svg")))
        .contains("mlp-10 on black", "iterative-weights-at-trt", "48.8 %", "dense-at-trt");
  }

  @Test
  void linesThatCannotBeToldApartAreInSeveralCharts() throws IOException {
    String lottery =
        """
        name: many
        set: {model.name: mlp-10, data.name: black, training: {epochs: 10, batch-size: 2},
          run.engine: reference}
        draw: {rounds: 2}
        spend:
          - tickets: iterative
            starts: [initial, weights]
            rows: [vanilla, swish, mish, label-smoothing, elu, gelu, tanh, softplus]
          - {tickets: [random, rigl]}
          - {tickets: dense, rows: swish}
        rows:
          elu: {tweak.activation: elu}
          gelu: {tweak.activation: gelu}
          tanh: {tweak.activation: tanh}
          softplus: {tweak.activation: softplus}
        """;
    Path charts = folder.resolve("charts");
    assertThat(new LotteryCharts(report(lottery)).write(charts)).hasSize(6);
    assertThat(Files.readString(charts.resolve("accuracy-by-sparsity.svg")))
        .contains("iterative-initial", "iterative-weights", "random-initial", "rigl", "dense")
        .doesNotContain("swish");
    assertThat(Files.readString(charts.resolve("accuracy-by-sparsity-iterative-weights.svg")))
        .contains("iterative-weights-swish", "iterative-weights-tanh", "random-initial", "rigl")
        .doesNotContain("iterative-initial", "dense-swish");
    assertThat(charts.resolve("accuracy-by-sparsity-iterative-initial.png")).isNotEmptyFile();
  }
}
