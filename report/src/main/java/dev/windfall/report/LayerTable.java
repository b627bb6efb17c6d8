package dev.windfall.report;

import static dev.windfall.report.TextTable.number;
import static dev.windfall.report.TextTable.trimmed;

import dev.windfall.report.TextTable.Column;
import java.util.ArrayList;
import java.util.List;

/** The slowdown of each layer for people: as text for a terminal, and as Markdown. */
public final class LayerTable {

  private static final String LEGEND =
      "flops, ms, dense ms: of a layer's way forward and both gradients in a training step, FLOPs as"
          + " a share of the dense layer's; slowdown: measured time for a FLOP as a multiple of the"
          + " dense layer's; below break-even the layer takes less time than the dense one";

  private final ComparisonReport report;
  private final TextTable<LayerRow> table;

  /** The table of a report's layers. */
  public LayerTable(ComparisonReport report) {
    this.report = report;
    table = new TextTable<>(columns(report.layers()), report.layers());
  }

  private static List<Column<LayerRow>> columns(List<LayerRow> rows) {
    List<Column<LayerRow>> result = new ArrayList<>();
    if (rows.stream().map(LayerRow::model).distinct().count() > 1) {
      result.add(new Column<>("network", false, LayerRow::model));
    }
    if (rows.stream().map(LayerRow::data).distinct().count() > 1) {
      result.add(new Column<>("data", false, LayerRow::data));
    }
    result.add(new Column<>("method", false, LayerRow::method));
    result.add(
        new Column<>("distr.", false, row -> row.distribution() == null ? "" : row.distribution()));
    result.add(new Column<>("sparsity", true, row -> trimmed(100 * row.sparsity()) + " %"));
    result.add(new Column<>("M", true, row -> trimmed(row.multiplier())));
    result.add(new Column<>("layer", false, LayerRow::layer));
    result.add(new Column<>("flops", true, row -> number("%.4f", row.flopsRatio())));
    result.add(new Column<>("ms", true, row -> number("%.3f", row.milliseconds())));
    result.add(new Column<>("dense ms", true, row -> number("%.3f", row.denseMilliseconds())));
    result.add(new Column<>("slowdown", true, row -> number("%.2f", row.measuredSlowdown())));
    result.add(new Column<>("break-even", true, row -> number("%.2f", row.breakEvenSlowdown())));
    return result;
  }

  private String legend() {
    return LEGEND + " (%s, %d threads)".formatted(report.machine(), report.threads());
  }

  /** The table with aligned columns, and below it what its figures are. */
  public String text() {
    return "%s\n%s\n".formatted(table.text(), legend());
  }

  /** The table in Markdown, and below it what its figures are. */
  public String markdown() {
    return "# %s, layer by layer\n\n%s\n- %s\n"
        .formatted(report.name(), table.markdown(), legend());
  }
}
