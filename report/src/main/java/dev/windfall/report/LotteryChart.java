package dev.windfall.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A lottery's chart, as PNG and SVG: test accuracy against sparsity, a line for each spending. */
public final class LotteryChart {

  private LotteryChart() {}

  /**
   * Writes the chart, where there is a point of a sparse network.
   *
   * @param folder that is made where it is missing
   * @return the files
   * @throws IOException where they cannot be written
   */
  public static List<Path> write(LotteryReport report, Path folder) throws IOException {
    List<AccuracyChart.Point> points = new ArrayList<>();
    Map<Double, String> labels = new TreeMap<>();
    for (LotteryReport.Row row : report.rows()) {
      if (row.testAccuracyMean() != null) {
        double density = 1 - row.sparsity();
        boolean isDense = row.round() == null;
        points.add(
            new AccuracyChart.Point(
                row.line().replace("-vanilla", ""),
                isDense,
                density,
                row.testAccuracyMean(),
                row.testAccuracySd()));
        if (!isDense) {
          labels.put(density, TextTable.trimmed(100 * row.sparsity()) + " %");
        }
      }
    }
    if (labels.isEmpty()) {
      return List.of();
    }
    Files.createDirectories(folder);
    int seeds = report.rows().stream().mapToInt(LotteryReport.Row::runsFinished).max().orElse(0);
    return new AccuracyChart(
            "%s on %s".formatted(report.model(), report.data()),
            "%s; bars: mean ± one sample standard deviation over up to %d seeds"
                .formatted(report.name(), seeds),
            TickedAxis.ofDensities("sparsity of the ticket (lines side by side)", labels),
            true,
            points)
        .write(folder, "accuracy-by-sparsity");
  }
}
