package dev.windfall.report;

import static dev.windfall.report.TextTable.NOTHING;
import static dev.windfall.report.TextTable.number;
import static dev.windfall.report.TextTable.percent;
import static dev.windfall.report.TextTable.points;
import static dev.windfall.report.TextTable.trimmed;

import dev.windfall.report.TextTable.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A lottery's tables for people, of its rounds and of its spendings: as text and as Markdown. */
public final class LotteryTable {

  private final LotteryReport report;
  private final TextTable<LotteryReport.Round> rounds;
  private final TextTable<LotteryReport.Row> rows;

  /** The tables of a report. */
  public LotteryTable(LotteryReport report) {
    this.report = report;
    rounds = new TextTable<>(roundColumns(), report.rounds());
    rows = new TextTable<>(rowColumns(), report.rows());
  }

  private static List<Column<LotteryReport.Round>> roundColumns() {
    return List.of(
        new Column<>("drawing", false, LotteryReport.Round::drawing),
        new Column<>("round", true, round -> Integer.toString(round.round())),
        new Column<>("sparsity", true, round -> trimmed(100 * round.target()) + " %"),
        new Column<>("weights", true, round -> number("%,.0f", round.connections())),
        new Column<>("before %", true, round -> percent(round.testAccuracyBefore(), null)),
        new Column<>("after %", true, round -> percent(round.testAccuracyAfter(), null)),
        new Column<>("densest layer", false, round -> layer(round, 1)),
        new Column<>("sparsest layer", false, round -> layer(round, -1)),
        new Column<>("images/s", true, round -> number("%,.0f", round.imagesPerSecond())),
        new Column<>("seconds", true, round -> number("%,.0f", round.seconds())));
  }

  private static String layer(LotteryReport.Round round, int sign) {
    return round.layers().stream()
        .max((one, other) -> sign * Double.compare(one.density(), other.density()))
        .map(layer -> layer.layer() + number(" %.3f", layer.density()))
        .orElse(NOTHING);
  }

  private static List<Column<LotteryReport.Row>> rowColumns() {
    return List.of(
        new Column<>("tickets", false, LotteryReport.Row::tickets),
        new Column<>("start", false, row -> Objects.requireNonNullElse(row.start(), "")),
        new Column<>("row", false, LotteryReport.Row::row),
        new Column<>("round", true, row -> row.round() == null ? "" : row.round().toString()),
        new Column<>(
            "sparsity",
            true,
            row -> row.round() == null ? "" : trimmed(100 * row.sparsity()) + " %"),
        new Column<>("weights", true, row -> number("%,.0f", row.activeWeights())),
        new Column<>("added", true, LotteryTable::added),
        new Column<>(
            "test accuracy %", true, row -> percent(row.testAccuracyMean(), row.testAccuracySd())),
        new Column<>("n", true, row -> Integer.toString(row.runsFinished())),
        new Column<>("wins", false, row -> Boolean.TRUE.equals(row.isWinning()) ? "yes" : ""),
        new Column<>(
            "to dense",
            true,
            row -> points(row.toDenseMean(), row.toDenseLow(), row.toDenseHigh())),
        new Column<>(
            "to vanilla",
            true,
            row -> points(row.toVanillaMean(), row.toVanillaLow(), row.toVanillaHigh())),
        new Column<>("inference", true, row -> number("%.3f", row.inferenceFlopsRatio())),
        new Column<>("training", true, row -> number("%.3f", row.trainingFlopsRatio())));
  }

  private static String added(LotteryReport.Row row) {
    @Nullable Double added = row.addedParameters();
    return added == null || added == 0 ? "" : number("%,.0f", added);
  }

  /** The tables with aligned columns, and below them what their figures are. */
  public String text() {
    return rounds.text() + "\n" + rows.text() + "\n" + String.join("\n", legend()) + "\n";
  }

  /** The tables in Markdown, and below them what their figures are. */
  public String markdown() {
    StringBuilder text = new StringBuilder("# %s\n\n".formatted(report.name()));
    text.append(rounds.markdown()).append('\n').append(rows.markdown()).append('\n');
    legend().forEach(line -> text.append("- ").append(line).append('\n'));
    return text.toString();
  }

  private List<String> legend() {
    List<String> lines = new ArrayList<>();
    lines.add(report.drawing());
    lines.add(
        "before, after: test accuracy of the pruned network before and after the training of its round, mean over the seeds; layers by the share of their weights that is left");
    lines.add(
        "test accuracy: %s, mean ± sample standard deviation over n seeds"
            .formatted(report.accuracy().replaceFirst("^test accuracy ", "")));
    lines.add(
        "to dense, to vanilla (tickets of the round spent as they were drawn): difference in points, paired by seed, with its %.0f %% confidence interval (Student's t)"
            .formatted(100 * report.confidence()));
    lines.add("wins: the mean reaches that of the dense network");
    lines.add(
        "inference, training: FLOPs as a share of the dense network's, and of its training; counter %s; those of layers that a row adds are in them, and their parameters are in the column added alone"
            .formatted(report.counter()));
    report.crossings().forEach(crossing -> lines.add(sentence(crossing)));
    report.rows().stream()
        .filter(row -> !row.note().isEmpty())
        .forEach(
            row -> lines.add("note on %s%s: %s".formatted(row.line(), round(row), row.note())));
    return lines;
  }

  private static String round(LotteryReport.Row row) {
    return row.round() == null ? "" : " round " + row.round();
  }

  private static String sentence(CriticalSparsity crossing) {
    String lines =
        "%s tickets, rewound (vanilla) against %s from initial weights: "
            .formatted(crossing.tickets(), crossing.tweaked());
    String ahead =
        switch (crossing.ahead()) {
          case "rewinding" -> "rewinding is ahead at the highest sparsity";
          case "tweaked" -> crossing.tweaked() + " is ahead at the highest sparsity";
          default -> "both are even at the highest sparsity";
        };
    if (crossing.sparsity() != null) {
      return lines
          + "critical sparsity %s %%, where rewinding overtakes; "
              .formatted(number("%.1f", 100 * crossing.sparsity()))
          + ahead;
    }
    // Without a crossing, what is ahead at the end has been so from the first round on.
    return lines
        + (crossing.ahead().equals("rewinding")
            ? "no critical sparsity, rewinding is ahead at all sparsities"
            : "no critical sparsity, rewinding nowhere overtakes; " + ahead);
  }
}
