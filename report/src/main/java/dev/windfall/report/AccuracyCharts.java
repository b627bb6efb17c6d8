package dev.windfall.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Charts of a comparison, as PNG and SVG: test accuracy against sparsity, against the training's
 * FLOPs and against its seconds. A line joins one method's sparsities; bars are one sample standard
 * deviation over the seeds.
 */
public final class AccuracyCharts {

  private final ComparisonReport report;

  /** The charts of a report. */
  public AccuracyCharts(ComparisonReport report) {
    this.report = report;
  }

  /** What a chart has on its horizontal axis. */
  private enum Quantity {
    SPARSITY("sparsity"),
    TRAINING_FLOPS("training-flops"),
    SECONDS("seconds");

    private final String label;

    Quantity(String label) {
      this.label = label;
    }

    /** The place of a row; sparsities go by their densities, so that halves are as far apart. */
    @Nullable Double of(ReportRow row) {
      return switch (this) {
        case SPARSITY -> 1 - row.sparsity();
        case TRAINING_FLOPS -> row.trainingFlopsRatio();
        case SECONDS -> row.seconds();
      };
    }
  }

  /** Rows of one line. */
  private static String line(ReportRow row) {
    String name =
        row.distribution() == null ? row.method() : row.method() + " " + row.distribution();
    return row.multiplier() == 1 ? name : name + " " + TextTable.trimmed(row.multiplier()) + "×";
  }

  /**
   * Writes all charts of which there are points.
   *
   * @param folder that is made where it is missing
   * @return the files
   * @throws IOException where they cannot be written
   */
  public List<Path> write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Map<String, List<ReportRow>> groups = new LinkedHashMap<>();
    for (ReportRow row : report.rows()) {
      groups.computeIfAbsent(row.model() + "-" + row.data(), name -> new ArrayList<>()).add(row);
    }
    List<Path> files = new ArrayList<>();
    for (Map.Entry<String, List<ReportRow>> group : groups.entrySet()) {
      for (Quantity quantity : Quantity.values()) {
        List<ReportRow> rows = placed(group.getValue(), quantity);
        boolean hasLevels = rows.stream().anyMatch(row -> !isDense(row));
        if (!rows.isEmpty() && (hasLevels || quantity != Quantity.SPARSITY)) {
          files.addAll(
              chart(rows, quantity)
                  .write(folder, group.getKey() + "-accuracy-by-" + quantity.label));
        }
      }
    }
    return files;
  }

  private static boolean isDense(ReportRow row) {
    return row.method().equals("dense");
  }

  /** The rows that have a place. */
  private static List<ReportRow> placed(List<ReportRow> rows, Quantity quantity) {
    return rows.stream()
        .filter(row -> quantity.of(row) != null && row.testAccuracyMean() != null)
        .toList();
  }

  private AccuracyChart chart(List<ReportRow> rows, Quantity quantity) {
    List<AccuracyChart.Point> points = new ArrayList<>();
    for (ReportRow row : rows) {
      Double x = quantity.of(row);
      Double accuracy = row.testAccuracyMean();
      if (x != null && accuracy != null) {
        points.add(
            new AccuracyChart.Point(line(row), isDense(row), x, accuracy, row.testAccuracySd()));
      }
    }
    ReportRow first = rows.getFirst();
    return new AccuracyChart(
        "%s on %s".formatted(first.model(), first.data()),
        "budget %s; bars: mean ± one sample standard deviation over %s seeds"
            .formatted(report.budget(), seeds()),
        axis(rows, points, quantity),
        quantity == Quantity.SPARSITY,
        points);
  }

  private String seeds() {
    int fewest = report.rows().stream().mapToInt(ReportRow::runsFinished).min().orElse(0);
    int most = report.rows().stream().mapToInt(ReportRow::runsFinished).max().orElse(0);
    return fewest == most ? Integer.toString(most) : fewest + " to " + most;
  }

  private TickedAxis axis(
      List<ReportRow> rows, List<AccuracyChart.Point> points, Quantity quantity) {
    List<Double> places = points.stream().map(AccuracyChart.Point::x).toList();
    return switch (quantity) {
      case SPARSITY -> {
        Map<Double, String> labels = new TreeMap<>();
        for (ReportRow row : rows) {
          if (!isDense(row)) {
            labels.put(1 - row.sparsity(), TextTable.trimmed(100 * row.sparsity()) + " %");
          }
        }
        yield TickedAxis.ofDensities("sparsity asked for (methods side by side)", labels);
      }
      case TRAINING_FLOPS ->
          TickedAxis.around(
              "training FLOPs as a multiple of the dense training's (counter %s)"
                  .formatted(report.counter()),
              places);
      case SECONDS ->
          TickedAxis.around(
              "seconds of all training steps, measured alone (%d threads)"
                  .formatted(report.threads()),
              places);
    };
  }
}
