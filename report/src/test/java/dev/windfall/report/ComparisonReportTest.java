package dev.windfall.report;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.experiment.Summary;
import dev.windfall.experiment.comparison.Comparison;
import dev.windfall.experiment.comparison.ComparisonFile;
import dev.windfall.experiment.comparison.ComparisonGrid;
import dev.windfall.experiment.comparison.ComparisonRow;
import dev.windfall.experiment.comparison.ComparisonRun;
import dev.windfall.experiment.comparison.LayerTiming;
import dev.windfall.experiment.comparison.RowTiming;
import dev.windfall.experiment.comparison.RunResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reports of results that are made up, so that every figure can be computed by hand. */
final class ComparisonReportTest {

  @TempDir Path folder;

  private static Summary summary(
      ComparisonRow row, long seed, double accuracy, long steps, long updates) {
    long flops = row.cost().inferenceFlops();
    double ratio = (double) flops / row.cost().denseFlops();
    return MadeUp.summary(
        row.method(), seed, accuracy, steps, updates, new long[] {1, 1}, flops, ratio, 0);
  }

  private static ComparisonReport report() throws IOException {
    Comparison comparison =
        ComparisonFile.read(
            """
            name: made-up
            set: {model.name: mlp-10, data.name: black}
            methods: [static, set]
            sparsities: [0.5, 0.8]
            seeds: [1, 2]
            dense-multipliers: [1, 2]
            """,
            "c.yaml",
            Path.of(""),
            draft -> draft);
    List<ComparisonRow> rows = ComparisonGrid.rows(comparison, Map.of("black", MadeUp.DATA));
    Map<ComparisonRun, RunResult> results = new LinkedHashMap<>();
    Map<String, RowTiming> timings = new LinkedHashMap<>();
    for (ComparisonRow row : rows) {
      boolean isStatic = row.method().equals("static");
      for (long seed = 1; seed <= 2; seed++) {
        RunResult result =
            isStatic && row.sparsity() == 0.8
                ? new RunResult.Failed(new IllegalStateException("step 3: the loss is NaN"))
                : new RunResult.Finished(
                    summary(
                        row,
                        seed,
                        (row.isDense() ? 0.9 : 0.8 + row.sparsity() / 100) + seed / 100.0,
                        row.multiplier() == 2 ? 200 : 100,
                        row.method().equals("set") ? 10 : 0));
        results.put(new ComparisonRun(row, seed), result);
      }
      @Nullable Double update = row.method().equals("set") ? 12.0 : null;
      timings.put(
          row.key(),
          new RowTiming(
              row.key(),
              2,
              128,
              50,
              row.isDense() ? 8 : 4,
              null,
              0,
              update,
              null,
              1000,
              layers(row)));
    }
    return ComparisonReport.of(
        comparison, results, timings, "a machine", 2, cause -> String.valueOf(cause.getMessage()));
  }

  /** Half the time of the dense layer, whatever the sparsity. */
  private static List<LayerTiming> layers(ComparisonRow row) {
    return row.cost().layers().stream()
        .map(layer -> new LayerTiming(layer.name(), row.isDense() ? 2 : 1, layer.flops()))
        .toList();
  }

  @Test
  void aLayersSlowdownIsTheTimeOfAnOperationBesideTheDenseLayers() throws IOException {
    ComparisonReport report = report();
    assertThat(report.layers()).hasSize(4 * 2);
    LayerRow first = report.layers().getFirst();
    assertThat(first.layer()).isEqualTo("linear1");
    assertThat(first.method()).isEqualTo("static");
    assertThat(first.flopsRatio()).isBetween(0.3, 0.6);
    assertThat(first.breakEvenSlowdown()).isCloseTo(1 / first.flopsRatio(), within(1e-12));
    assertThat(first.measuredSlowdown()).isCloseTo(0.5 / first.flopsRatio(), within(1e-12));
    LayerTable table = new LayerTable(report);
    assertThat(table.text()).contains("linear1", "break-even", "a machine, 2 threads");
    assertThat(table.markdown()).startsWith("# made-up, layer by layer\n\n| method | distr. |");
  }

  /** Two runs of RigL-SM, one of which did not finish; half of the dense FLOPs in the other. */
  private static ComparisonReport wandering(String budget, boolean isFinished) throws IOException {
    Comparison comparison =
        ComparisonFile.read(
            """
            name: made-up
            set: {model.name: mlp-10, data.name: black, training.epochs: 10}
            methods: [set, rigl-sm]
            sparsities: 0.6
            budget: %s
            """
                .formatted(budget),
            "c.yaml",
            Path.of(""),
            draft -> draft);
    List<ComparisonRow> rows = ComparisonGrid.rows(comparison, Map.of("black", MadeUp.DATA));
    Map<ComparisonRun, RunResult> results = new LinkedHashMap<>();
    for (ComparisonRow row : rows) {
      long flops = row.isDense() ? row.cost().denseFlops() : row.cost().denseFlops() / 2;
      results.put(
          new ComparisonRun(row, 1),
          isFinished
              ? new RunResult.Finished(
                  MadeUp.summary(
                      row.method(),
                      1,
                      0.8,
                      100,
                      0,
                      new long[] {1, 1},
                      flops,
                      row.isDense() ? 1 : 0.5,
                      0))
              : new RunResult.Failed(new IllegalStateException("step 3: the loss is NaN")));
      results.put(new ComparisonRun(row, 2), new RunResult.Stopped());
    }
    return ComparisonReport.of(
        comparison, results, Map.of(), "a machine", 2, Throwable::getMessage);
  }

  private static double budget(ReportRow row) {
    return requireNonNull(row.budgetSpent()) / row.budgetAllowed();
  }

  @Test
  void whereLayersExchangeConnectionsTheBudgetIsHeldAgainstFinishedRuns() throws IOException {
    ComparisonReport inference = wandering("inference-flops", true);
    ReportRow set = row(inference, "set", 0.6);
    assertThat(set.budgetCertain()).isTrue();
    assertThat(budget(set)).isCloseTo(1, within(0.05));
    ReportRow wandered = row(inference, "rigl-sm", 0.6);
    assertThat(wandered.budgetCertain()).isFalse();
    assertThat(budget(wandered)).isCloseTo(1.25, within(0.02));
    assertThat(new ReportTable(inference).text())
        .containsPattern("rigl-sm .* 1\\.2\\d\\d\\d\\* ")
        .contains("budget*: which layers keep their connections shows only in the training");
    ReportRow trained = row(wandering("training-flops", true), "rigl-sm", 0.6);
    assertThat(trained.epochs()).isGreaterThan(10);
    assertThat(budget(trained)).isCloseTo(0.5 * trained.epochs() / 10, within(1e-12));
    assertThat(row(wandering("training-flops", false), "rigl-sm", 0.6).budgetSpent()).isNull();
    assertThat(row(wandering("epochs", false), "rigl-sm", 0.6).budgetCertain()).isTrue();
    assertThat(new ReportTable(wandering("epochs", true)).text()).doesNotContain("budget*");
  }

  private static ReportRow row(ComparisonReport report, String method, double sparsity) {
    return report.rows().stream()
        .filter(row -> row.method().equals(method) && row.sparsity() == sparsity)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void figuresAreThoseOfTheSeeds() throws IOException {
    ReportRow set = row(report(), "set", 0.5);
    assertThat(set.testAccuracyMean()).isCloseTo(0.82, within(1e-12));
    assertThat(set.testAccuracySd()).isCloseTo(Math.sqrt(0.00005), within(1e-12));
    assertThat(set.runsFinished()).isEqualTo(2);
    assertThat(set.differenceMean()).isCloseTo(-0.095, within(1e-12));
    assertThat(set.differencePairs()).isEqualTo(2);
    assertThat(set.peakBytes()).isEqualTo(1 << 20);
  }

  @Test
  void secondsAreThoseOfStepsAndUpdates() throws IOException {
    ComparisonReport report = report();
    ReportRow dense = report.rows().getFirst();
    ReportRow set = row(report, "set", 0.5);
    assertThat(dense.seconds()).isCloseTo(0.8, within(1e-12));
    assertThat(set.seconds()).isCloseTo((90 * 4 + 10 * 12) / 1000.0, within(1e-12));
    assertThat(set.imagesPerSecond()).isCloseTo(32_000, within(1e-9));
    // Half of the weights, but not quite half of the operations.
    double ratio = set.inferenceFlopsRatio();
    assertThat(set.trainingFlopsRatio()).isCloseTo(ratio, within(1e-12));
    assertThat(set.breakEvenSlowdown()).isCloseTo(1 / ratio, within(1e-12));
    assertThat(set.measuredSlowdown()).isCloseTo(0.48 / 0.8 / ratio, within(1e-12));
    assertThat(dense.measuredSlowdown()).isCloseTo(1, within(1e-12));
    assertThat(report.rows().get(1).trainingFlopsRatio()).isCloseTo(2, within(1e-12));
    assertThat(report.rows().get(1).measuredSlowdown()).isCloseTo(1, within(1e-12));
  }

  @Test
  void aRowWhoseRunsFailedSaysSo() throws IOException {
    ComparisonReport report = report();
    ReportRow failed = row(report, "static", 0.8);
    assertThat(failed.runsFailed()).isEqualTo(2);
    assertThat(failed.testAccuracyMean()).isNull();
    assertThat(failed.note()).isEqualTo("2 of 2 runs failed: step 3: the loss is NaN");
    assertThat(new ReportTable(report).text())
        .contains("note on static (erk) at 80 %: 2 of 2 runs failed: step 3: the loss is NaN");
  }

  @Test
  void tablesNameBudgetCounterAndReference() throws IOException {
    ReportTable table = new ReportTable(report());
    for (String text : List.of(table.text(), table.markdown())) {
      assertThat(text)
          .contains("budget epochs (equal epochs")
          .contains("counter report")
          .contains("to dense")
          .contains("82.00 ± 0.71")
          .contains("-9.50")
          .contains("a machine, 2 threads");
    }
    assertThat(table.markdown()).startsWith("# made-up\n\n| method | distr. | sparsity |");
  }

  @Test
  void csvHasALineForEachRow() throws IOException {
    List<String> lines = ReportCsv.text(report()).lines().toList();
    assertThat(lines).hasSize(7);
    assertThat(lines.getFirst())
        .startsWith("comparison,budget,counter,model,data,method,distribution,sparsity");
    assertThat(lines.get(2)).startsWith("made-up,epochs,report,mlp-10,black,dense,,");
    assertThat(lines.get(5)).contains("static,erk,0.8").endsWith("step 3: the loss is NaN\"");
  }

  @Test
  void chartsArePicturesWithTheirLabels() throws IOException {
    List<Path> files = new AccuracyCharts(report()).write(folder.resolve("charts"));
    assertThat(files).hasSize(6).allSatisfy(file -> assertThat(file).isNotEmptyFile());
    assertThat(Files.readString(folder.resolve("charts/mlp-10-black-accuracy-by-sparsity.svg")))
        .contains("mlp-10 on black", "budget epochs", "set erk", "static erk", "dense 2×", "80 %");
    assertThat(files.getFirst().toString()).endsWith(".png");
    assertThat(ImageIO.read(files.getFirst().toFile()).getWidth()).isEqualTo(1920);
  }
}
