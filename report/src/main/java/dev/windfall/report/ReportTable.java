package dev.windfall.report;

import static dev.windfall.report.TextTable.NOTHING;
import static dev.windfall.report.TextTable.number;
import static dev.windfall.report.TextTable.percent;
import static dev.windfall.report.TextTable.points;
import static dev.windfall.report.TextTable.trimmed;

import dev.windfall.experiment.comparison.Comparison;
import dev.windfall.report.TextTable.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A comparison's table for people: as text for a terminal, and as Markdown. */
public final class ReportTable {

  private final ComparisonReport report;
  private final TextTable<ReportRow> table;

  /** The table of a report. */
  public ReportTable(ComparisonReport report) {
    this.report = report;
    table = new TextTable<>(columns(), report.rows());
  }

  private List<Column<ReportRow>> columns() {
    List<Column<ReportRow>> result = new ArrayList<>();
    if (report.rows().stream().map(ReportRow::model).distinct().count() > 1) {
      result.add(new Column<>("network", false, ReportRow::model));
    }
    if (report.rows().stream().map(ReportRow::data).distinct().count() > 1) {
      result.add(new Column<>("data", false, ReportRow::data));
    }
    result.add(new Column<>("method", false, ReportRow::method));
    result.add(
        new Column<>("distr.", false, row -> row.distribution() == null ? "" : row.distribution()));
    result.add(
        new Column<>(
            "sparsity",
            true,
            row -> row.sparsity() == 0 ? "" : trimmed(100 * row.sparsity()) + " %"));
    if (report.rows().stream().map(ReportRow::width).distinct().count() > 1) {
      result.add(new Column<>("width", true, row -> trimmed(row.width())));
    }
    result.add(new Column<>("M", true, row -> trimmed(row.multiplier())));
    result.add(new Column<>("epochs", true, row -> Integer.toString(row.epochs())));
    result.add(new Column<>("weights", true, row -> "%,d".formatted(row.activeWeights())));
    result.add(new Column<>("test accuracy %", true, ReportTable::accuracy));
    result.add(new Column<>("n", true, row -> Integer.toString(row.runsFinished())));
    result.add(new Column<>("to " + report.reference(), true, ReportTable::difference));
    result.add(new Column<>("inference", true, row -> number("%.3f", row.inferenceFlopsRatio())));
    result.add(new Column<>("training", true, row -> number("%.3f", row.trainingFlopsRatio())));
    result.add(new Column<>("budget", true, ReportTable::budget));
    result.add(new Column<>("images/s", true, row -> number("%,.0f", row.imagesPerSecond())));
    result.add(new Column<>("seconds", true, row -> number("%,.1f", row.seconds())));
    result.add(new Column<>("slowdown", true, row -> number("%.2f", row.measuredSlowdown())));
    result.add(new Column<>("break-even", true, row -> number("%.2f", row.breakEvenSlowdown())));
    result.add(new Column<>("file kB", true, row -> number("%,.1f", row.modelBytes() / 1e3)));
    result.add(new Column<>("peak MiB", true, row -> peak(row.peakBytes())));
    return result;
  }

  private static String accuracy(ReportRow row) {
    return percent(row.testAccuracyMean(), row.testAccuracySd());
  }

  private static String budget(ReportRow row) {
    @Nullable Double spent = row.budgetSpent();
    return spent == null
        ? NOTHING
        : number("%.4f", spent / row.budgetAllowed()) + (row.budgetCertain() ? "" : "*");
  }

  private static String difference(ReportRow row) {
    return points(row.differenceMean(), row.differenceLow(), row.differenceHigh());
  }

  private static String peak(@Nullable Long bytes) {
    return bytes == null ? NOTHING : number("%.1f", bytes / (double) (1 << 20));
  }

  /** The table with aligned columns, and below it what its figures are. */
  public String text() {
    StringBuilder text = new StringBuilder(table.text());
    text.append('\n');
    legend().forEach(line -> text.append(line).append('\n'));
    return text.toString();
  }

  /** The table in Markdown, and below it what its figures are. */
  public String markdown() {
    StringBuilder text = new StringBuilder("# %s\n\n".formatted(report.name()));
    text.append(table.markdown());
    text.append('\n');
    legend().forEach(line -> text.append("- ").append(line).append('\n'));
    return text.toString();
  }

  private List<String> legend() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "budget %s (%s); the column is what a row spends of its %s allowed"
            .formatted(report.budget(), report.budgetDescription(), units()));
    if (!report.rows().stream().allMatch(ReportRow::budgetCertain)) {
      lines.add(
          "budget*: which layers keep their connections shows only in the training; this is what the finished runs spent");
    }
    lines.add(
        "test accuracy: %s, mean ± sample standard deviation over n seeds"
            .formatted(report.accuracy().replaceFirst("^test accuracy ", "")));
    lines.add(
        "to %s: difference in points, paired by seed, with its %.0f %% confidence interval (Student's t)"
            .formatted(report.reference(), 100 * report.confidence()));
    lines.add(
        "inference, training: FLOPs as a share of the dense network's, and of its training by the recipe's epochs; counter %s (%s)"
            .formatted(report.counter(), report.counterDescription()));
    lines.add(
        "images/s, seconds: training steps measured alone on the machine (%s, %d threads); seconds are those of all steps of a training, without evaluations"
            .formatted(report.machine(), report.threads()));
    lines.add(
        "slowdown: measured seconds for a FLOP as a multiple of the dense network's; below break-even the training takes less time than the dense one");
    lines.add(
        "file: 32 bits a connection and a bit for every weight of sparse layers; peak: the most that the engine held in a run");
    report.rows().stream()
        .filter(row -> row.method().equals(Comparison.BIG_SPARSE))
        .findFirst()
        .ifPresent(
            row ->
                lines.add(
                    "big-sparse: so wide that it has what the dense network has; trained by "
                        + row.trainedBy()));
    report.rows().stream()
        .filter(row -> row.begunWith() != null)
        .map(
            row ->
                "%s: trained by %s, with %s at the same seed; training and seconds have those before it, too"
                    .formatted(row.method(), row.trainedBy(), row.begunWith()))
        .distinct()
        .forEach(lines::add);
    report.rows().stream()
        .filter(row -> !row.note().isEmpty())
        .forEach(
            row ->
                lines.add(
                    "note on %s%s at %s %%: %s"
                        .formatted(
                            row.method(),
                            row.distribution() == null ? "" : " (" + row.distribution() + ")",
                            trimmed(100 * row.sparsity()),
                            row.note())));
    return lines;
  }

  private String units() {
    return report.rows().stream()
        .map(ReportRow::budgetUnit)
        .distinct()
        .collect(Collectors.joining(", "));
  }
}
