package dev.windfall.report;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.util.List;

/** A comparison's rows as CSV, with a header; every line names its budget and counter. */
public final class ReportCsv {

  private static final CsvMapper MAPPER =
      CsvMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .build();

  private ReportCsv() {}

  @JsonPropertyOrder({"comparison", "budget", "counter"})
  private record Line(
      String comparison, String budget, String counter, @JsonUnwrapped ReportRow row) {}

  /** The lines of a report. */
  public static String text(ComparisonReport report) {
    CsvSchema schema = MAPPER.schemaFor(Line.class).withHeader();
    List<Line> lines =
        report.rows().stream()
            .map(row -> new Line(report.name(), report.budget(), report.counter(), row))
            .toList();
    try {
      return MAPPER.writer(schema).writeValueAsString(lines);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of plain values can be written", e);
    }
  }
}
