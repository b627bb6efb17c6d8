package dev.windfall.report;

import dev.windfall.experiment.lottery.SpendingRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A lottery's charts, as PNG and SVG: test accuracy against sparsity, a line for each spending.
 * Lines that can be told apart are in one chart. More of them are in several: one of everything
 * that is spent as it was drawn, and for each kind of ticket with each start one of its spendings,
 * beside random tickets and methods at the same sparsities.
 */
public final class LotteryCharts {

  private static final String NAME = "accuracy-by-sparsity";

  /** Lines of as many colours, with full and with empty markers, can be told apart. */
  private static final int MOST_LINES = 16;

  private final LotteryReport report;

  /** The charts of a report. */
  public LotteryCharts(LotteryReport report) {
    this.report = report;
  }

  /**
   * Writes all charts in which there is a point of a sparse network.
   *
   * @param folder that is made where it is missing
   * @return the files
   * @throws IOException where they cannot be written
   */
  public List<Path> write(Path folder) throws IOException {
    Map<String, List<LotteryReport.Row>> charts = charts();
    if (charts.isEmpty()) {
      return List.of();
    }
    Files.createDirectories(folder);
    List<Path> files = new ArrayList<>();
    for (Map.Entry<String, List<LotteryReport.Row>> chart : charts.entrySet()) {
      files.addAll(chart(chart.getValue()).write(folder, chart.getKey()));
    }
    return files;
  }

  /** The rows of each chart, by its name. */
  private Map<String, List<LotteryReport.Row>> charts() {
    Map<String, List<LotteryReport.Row>> charts = new LinkedHashMap<>();
    long lines =
        report.rows().stream()
            .filter(row -> !isDense(row))
            .map(LotteryReport.Row::line)
            .distinct()
            .count();
    if (lines <= MOST_LINES) {
      put(charts, NAME, _ -> true);
      return charts;
    }
    put(charts, NAME, LotteryCharts::isVanilla);
    for (LotteryReport.Row row : report.rows()) {
      if (!isDense(row) && !isVanilla(row)) {
        put(
            charts,
            NAME + "-" + group(row),
            other -> group(other).equals(group(row)) || (isVanilla(other) && isReference(other)));
      }
    }
    return charts;
  }

  private void put(
      Map<String, List<LotteryReport.Row>> charts, String name, Predicate<LotteryReport.Row> has) {
    List<LotteryReport.Row> rows =
        report.rows().stream().filter(row -> row.testAccuracyMean() != null).filter(has).toList();
    if (rows.stream().anyMatch(row -> !isDense(row))) {
      charts.putIfAbsent(name, rows);
    }
  }

  private static boolean isDense(LotteryReport.Row row) {
    return row.round() == null;
  }

  private static boolean isVanilla(LotteryReport.Row row) {
    return row.row().equals(SpendingRow.VANILLA.name());
  }

  private static String group(LotteryReport.Row row) {
    return row.start() == null ? row.tickets() : row.tickets() + "-" + row.start();
  }

  /** Dense networks and methods have no start. */
  private static boolean isReference(LotteryReport.Row row) {
    return row.start() == null || row.tickets().equals("random");
  }

  private AccuracyChart chart(List<LotteryReport.Row> rows) {
    List<AccuracyChart.Point> points = new ArrayList<>();
    Map<Double, String> labels = new TreeMap<>();
    int seeds = 0;
    for (LotteryReport.Row row : rows) {
      Double accuracy = row.testAccuracyMean();
      if (accuracy != null) {
        double density = 1 - row.sparsity();
        points.add(
            new AccuracyChart.Point(
                row.line().replace("-vanilla", ""),
                isDense(row),
                density,
                accuracy,
                row.testAccuracySd()));
        if (!isDense(row)) {
          labels.put(density, TextTable.trimmed(100 * row.sparsity()) + " %");
        }
        seeds = Math.max(seeds, row.runsFinished());
      }
    }
    return new AccuracyChart(
        "%s on %s".formatted(report.model(), report.data()),
        seeds == 1
            ? report.name() + "; one seed"
            : "%s; bars: mean ± one sample standard deviation over up to %d seeds"
                .formatted(report.name(), seeds),
        TickedAxis.ofDensities("sparsity of the ticket (lines side by side)", labels),
        true,
        points);
  }
}
