package dev.windfall.report;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A table for people: as text for a terminal, and as Markdown.
 *
 * @param columns from left to right
 * @param rows from top to bottom
 * @param <R> what a row shows
 */
record TextTable<R>(List<Column<R>> columns, List<R> rows) {

  /** Stands where there is no figure. */
  static final String NOTHING = "–";

  /**
   * A column.
   *
   * @param title above it
   * @param isNumber whether its cells stand right
   * @param cell of a row
   */
  record Column<R>(String title, boolean isNumber, Function<R, String> cell) {}

  /** Copies the lists. */
  TextTable {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
  }

  /** A number, or a stroke where there is none. */
  static String number(String format, @Nullable Double value) {
    return value == null ? NOTHING : String.format(Locale.ROOT, format, value);
  }

  /** A number without needless digits. */
  static String trimmed(double number) {
    return String.format(Locale.ROOT, "%.4f", number).replaceAll("\\.?0+$", "");
  }

  /** A share in percent: mean ± sample standard deviation. */
  static String percent(@Nullable Double mean, @Nullable Double deviation) {
    if (mean == null) {
      return NOTHING;
    }
    String text = number("%.2f", 100 * mean);
    return deviation == null ? text : text + number(" ± %.2f", 100 * deviation);
  }

  /** A difference of shares in points, with its confidence interval. */
  static String points(@Nullable Double mean, @Nullable Double low, @Nullable Double high) {
    if (mean == null) {
      return NOTHING;
    }
    String text = number("%+.2f", 100 * mean);
    return low == null || high == null
        ? text
        : text + number(" [%+.2f,", 100 * low) + number(" %+.2f]", 100 * high);
  }

  /** The table with aligned columns. */
  String text() {
    List<Integer> widths =
        columns.stream()
            .map(
                column ->
                    Stream.concat(
                            Stream.of(column.title()),
                            rows.stream().map(row -> column.cell().apply(row)))
                        .mapToInt(String::length)
                        .max()
                        .orElse(0))
            .toList();
    StringBuilder text = new StringBuilder();
    text.append(line(widths, Column::title));
    rows.forEach(row -> text.append(line(widths, column -> column.cell().apply(row))));
    return text.toString();
  }

  private String line(List<Integer> widths, Function<Column<R>, String> cell) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < columns.size(); i++) {
      String value = cell.apply(columns.get(i));
      String padding = " ".repeat(widths.get(i) - value.length());
      line.append(i == 0 ? "" : "  ");
      line.append(columns.get(i).isNumber() ? padding + value : value + padding);
    }
    return line.toString().stripTrailing() + "\n";
  }

  /** The table in Markdown. */
  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append(markdownLine(Column::title));
    text.append(markdownLine(column -> column.isNumber() ? "--:" : "---"));
    rows.forEach(row -> text.append(markdownLine(column -> column.cell().apply(row))));
    return text.toString();
  }

  private String markdownLine(Function<Column<R>, String> cell) {
    return columns.stream()
        .map(column -> cell.apply(column).replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }
}
