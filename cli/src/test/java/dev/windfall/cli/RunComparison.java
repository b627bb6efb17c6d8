package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Holds a run that was resumed against one that was left alone. */
final class RunComparison {

  private static final ObjectMapper JSON = new ObjectMapper();

  private RunComparison() {}

  /** Last checkpoint byte for byte, and summary and metrics but for times and peaks. */
  static void requireSame(Path actual, Path expected, long steps) throws IOException {
    for (String type : List.of("json", "safetensors")) {
      String file = "checkpoint/step-%010d.%s".formatted(steps, type);
      assertThat(actual.resolve(file)).hasSameBinaryContentAs(expected.resolve(file));
    }
    assertThat(withoutTimes(Files.readString(actual.resolve("summary.json"))))
        .isEqualTo(withoutTimes(Files.readString(expected.resolve("summary.json"))));
    assertThat(metrics(actual)).isEqualTo(metrics(expected));
  }

  private static List<JsonNode> metrics(Path run) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      lines.add(withoutTimes(line));
    }
    return lines;
  }

  private static JsonNode withoutTimes(String text) throws IOException {
    return ((ObjectNode) JSON.readTree(text))
        .without(List.of("seconds", "images_per_second", "peak_bytes", "process_peak_bytes"));
  }
}
