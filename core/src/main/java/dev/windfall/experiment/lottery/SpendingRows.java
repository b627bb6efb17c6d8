package dev.windfall.experiment.lottery;

import dev.windfall.experiment.FieldReader;
import dev.windfall.experiment.ShippedFiles;
import java.util.List;

/**
 * The ways to spend tickets of "Spending Your Winning Lottery Better" (sections 3 and 4), as {@code
 * rows.yaml} has them.
 */
public final class SpendingRows {

  private static final ShippedFiles FILE =
      new ShippedFiles(SpendingRows.class, "list of rows", List.of("rows"));

  private SpendingRows() {}

  /** The file's text. */
  public static String text() {
    return FILE.text("rows");
  }

  /** All of them, the untouched one first. */
  public static List<SpendingRow> shipped() {
    return FieldReader.of(text(), "rows.yaml", "list of rows", List.of("rows"))
        .settingsByName("rows")
        .entrySet()
        .stream()
        .map(row -> new SpendingRow(row.getKey(), row.getValue()))
        .toList();
  }
}
