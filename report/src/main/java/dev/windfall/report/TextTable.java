package dev.windfall.report;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Rows in columns, for a terminal and as Markdown.
 *
 * @param <T> a row
 * @param columns from left to right
 * @param rows from top to bottom
 */
record TextTable<T>(List<Column<T>> columns, List<T> rows) {

  /** What stands where nothing is known. */
  static final String NOTHING = "–";

  /**
   * A column.
   *
   * @param <T> a row
   * @param title at its head
   * @param isNumber whether its cells stand at its right
   * @param cell of a row
   */
  record Column<T>(String title, boolean isNumber, Function<T, String> cell) {}

  TextTable {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
  }

  /** A number, or what stands for none. */
  static String number(String format, @Nullable Double value) {
    return value == null ? NOTHING : String.format(Locale.ROOT, format, value);
  }

  /** A number with up to four decimal places, as few as it needs. */
  static String trimmed(double number) {
    return String.format(Locale.ROOT, "%.4f", number).replaceAll("\\.?0+$", "");
  }

  /** Aligned columns. */
  String text() {
    List<Integer> widths =
        columns.stream()
            .map(
                column ->
                    Stream.concat(Stream.of(column.title()), rows.stream().map(column.cell()))
                        .mapToInt(String::length)
                        .max()
                        .orElse(0))
            .toList();
    StringBuilder text = new StringBuilder(line(widths, Column::title));
    rows.forEach(row -> text.append(line(widths, column -> column.cell().apply(row))));
    return text.toString();
  }

  private String line(List<Integer> widths, Function<Column<T>, String> cell) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < columns.size(); i++) {
      String value = cell.apply(columns.get(i));
      String padding = " ".repeat(widths.get(i) - value.length());
      line.append(i == 0 ? "" : "  ");
      line.append(columns.get(i).isNumber() ? padding + value : value + padding);
    }
    return line.toString().stripTrailing() + "\n";
  }

  /** A table in Markdown. */
  String markdown() {
    StringBuilder text = new StringBuilder(markdownLine(Column::title));
    text.append(markdownLine(column -> column.isNumber() ? "--:" : "---"));
    rows.forEach(row -> text.append(markdownLine(column -> column.cell().apply(row))));
    return text.toString();
  }

  private String markdownLine(Function<Column<T>, String> cell) {
    return columns.stream()
        .map(column -> cell.apply(column).replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }
}
