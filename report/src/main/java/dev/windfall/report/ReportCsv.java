package dev.windfall.report;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.util.List;

/** Rows of comparisons and lotteries as CSV, with a header; every line names its counter. */
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
    return text(
        Line.class,
        report.rows().stream()
            .map(row -> new Line(report.name(), report.budget(), report.counter(), row))
            .toList());
  }

  @JsonPropertyOrder({"lottery", "counter"})
  private record LotteryLine(
      String lottery, String counter, @JsonUnwrapped LotteryReport.Row row) {}

  /** The lines of a lottery's report. */
  public static String text(LotteryReport report) {
    return text(
        LotteryLine.class,
        report.rows().stream()
            .map(row -> new LotteryLine(report.name(), report.counter(), row))
            .toList());
  }

  private static <L> String text(Class<L> type, List<L> lines) {
    CsvSchema schema = MAPPER.schemaFor(type).withHeader();
    try {
      return MAPPER.writer(schema).writeValueAsString(lines);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of plain values can be written", e);
    }
  }
}
