package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchCommandTest {

  private static JsonNode json(String... arguments) throws IOException {
    CommandLineRun run = CommandLineRun.of(arguments);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return new ObjectMapper().readTree(run.out());
  }

  private static List<String> fields(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void kernelsGiveEachKernelsRateAndThePeakOfTheSameRun() throws IOException {
    JsonNode report =
        json("bench", "kernels", "--starts=0", "--kernel=linear", "--sparsity=0.98", "--json");

    assertThat(fields(report))
        .containsExactly("machine", "peak_gflops", "rows", "medians", "break_even");
    assertThat(report.get("peak_gflops").asDouble()).isPositive();
    assertThat(report.get("rows")).hasSize(4);
    JsonNode row = report.get("rows").get(0);
    assertThat(fields(row))
        .containsExactly(
            "kernel",
            "shape",
            "sparsity",
            "threads",
            "gflops",
            "worst_gflops",
            "milliseconds",
            "dense_milliseconds",
            "speedup",
            "dense_by");
    assertThat(row.get("kernel").asText()).isEqualTo("linear forward");
    assertThat(row.get("gflops").asDouble()).isPositive();
    assertThat(row.get("dense_milliseconds").isNull()).isTrue();
    assertThat(report.get("break_even")).isEmpty();
  }

  @Test
  void kernelsAreDividedByDenseOnesMeasuredInTurns() throws IOException {
    JsonNode report =
        json(
            "bench",
            "kernels",
            "--engines=vector,torch",
            "--starts=0",
            "--kernel=linear weight",
            "--sparsity=0.2,0.99",
            "--json");

    assertThat(report.get("rows")).hasSize(2);
    for (JsonNode row : report.get("rows")) {
      assertThat(row.get("dense_milliseconds").asDouble()).isPositive();
      assertThat(row.get("speedup").asDouble())
          .isCloseTo(
              row.get("dense_milliseconds").asDouble() / row.get("milliseconds").asDouble(),
              within(1e-9));
      assertThat(row.get("dense_by").asText()).startsWith("libtorch ");
    }
    assertThat(report.get("medians")).hasSize(2);
    assertThat(report.get("medians").get(1).get("speedup"))
        .isEqualTo(report.get("rows").get(1).get("speedup"));
    assertThat(report.get("break_even")).hasSize(1);
  }

  @Test
  void stepsAreMeasuredInAJvmOfTheirOwn() throws IOException {
    JsonNode report = json("bench", "step", "--model=mlp-64", "--starts=1", "--steps=2", "--json");

    JsonNode row = report.get("rows").get(0);
    assertThat(row.get("model").asText()).isEqualTo("mlp-64");
    assertThat(row.get("sparsity").asDouble()).isEqualTo(0.9);
    assertThat(row.get("images_per_second").asDouble()).isPositive();
    assertThat(row.get("update_milliseconds").asDouble()).isPositive();
    double all = 0;
    for (JsonNode share : row.get("share")) {
      all += share.asDouble();
    }
    assertThat(all).isCloseTo(1, within(1e-9));
  }

  @Test
  void stepsAreDividedByThoseOfTheDenseNetwork() throws IOException {
    JsonNode rows =
        json(
                "bench",
                "step",
                "--engines=vector,torch",
                "--model=mlp-64",
                "--starts=1",
                "--steps=3",
                "--json")
            .get("rows");

    assertThat(rows).hasSize(2);
    JsonNode sparse = rows.get(0);
    assertThat(sparse.get("engine").asText()).isEqualTo("vector");
    assertThat(sparse.get("sparsity").asDouble()).isEqualTo(0.9);
    assertThat(sparse.get("speedup").asDouble())
        .isCloseTo(
            sparse.get("dense_milliseconds").asDouble() / sparse.get("milliseconds").asDouble(),
            within(1e-9));
    assertThat(sparse.get("dense_by").asText()).startsWith("dense mlp-64 on torch");
    JsonNode dense = rows.get(1);
    assertThat(dense.get("engine").asText()).isEqualTo("torch");
    assertThat(dense.get("sparsity").asDouble()).isZero();
    assertThat(dense.get("milliseconds")).isEqualTo(sparse.get("dense_milliseconds"));
    assertThat(dense.get("speedup").isNull()).isTrue();
  }

  @Test
  void stepsTakeImagesOfTheSizeThatWasAskedFor() throws IOException {
    JsonNode rows =
        json(
                "bench",
                "step",
                "--model=mobilenet-v1",
                "--input=3x65x65",
                "--batch-size=2",
                "--starts=0",
                "--steps=1",
                "--json")
            .get("rows");

    assertThat(rows.get(0).get("input").asText()).isEqualTo("3x65x65");
    assertThat(rows.get(0).get("batch_size").asInt()).isEqualTo(2);
  }

  @Test
  void largeImagesComeInSmallerBatches() throws IOException {
    JsonNode large =
        json(
            "bench",
            "step",
            "--model=mlp-4",
            "--input=3x224x224",
            "--starts=0",
            "--steps=1",
            "--json");

    assertThat(large.get("rows").get(0).get("batch_size").asInt()).isEqualTo(32);
    JsonNode small = json("bench", "step", "--model=mlp-4", "--starts=0", "--steps=1", "--json");
    assertThat(small.get("rows").get(0).get("batch_size").asInt()).isEqualTo(128);
    assertThat(small.get("rows").get(0).get("input").asText()).isEqualTo("3x32x32");
  }

  @Test
  void aDenseNetworkHasNoUpdates() throws IOException {
    JsonNode report =
        json("bench", "step", "--model=mlp-8", "--sparsity=0", "--starts=0", "--steps=1", "--json");

    assertThat(report.get("rows").get(0).get("update_milliseconds").isNull()).isTrue();
  }

  @Test
  void memoryGoesWithTheConnections() throws IOException {
    JsonNode rows =
        json("bench", "memory", "--model=mlp-1000-500", "--sparsity=0.9,0.96", "--json")
            .get("rows");

    for (JsonNode row : rows) {
      assertThat(row.get("bytes_per_connection").asDouble()).isBetween(24.0, 28.0);
    }
    // 3072 · 1000 + 1000 · 500 + 500 · 10 weights; each layer's count is rounded up.
    assertThat(rows.get(0).get("active_weights").asLong()).isBetween(357_700L, 357_702L);
    assertThat(rows.get(1).get("bytes_weights_and_state").asLong())
        .isLessThan(rows.get(0).get("bytes_weights_and_state").asLong() / 2);
  }

  @Test
  void averagedGradientsTakeMemoryForEveryWeight() throws IOException {
    String[] call = {"bench", "memory", "--model=mlp-1000-500", "--sparsity=0.9", "--json"};
    long set = json(call).at("/rows/0/bytes_weights_and_state").asLong();
    String[] averaging = Arrays.copyOf(call, call.length + 1);
    averaging[call.length] = "--method=snfs";
    long more = json(averaging).at("/rows/0/bytes_weights_and_state").asLong() - set;

    // 4 bytes for each of 3,577,000 weights, and for what panels have beyond the matrix.
    assertThat(more).isBetween(14_308_000L, 14_600_000L);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          bench kernels --sparsity=1.0           | at least 0 and below 1, not 1.0
          bench kernels --threads=0              | --threads must be at least 1
          bench kernels --starts=0 --kernel=fft  | there are: conv3x3 forward
          bench kernels --engines=vector,torch,torch | at most one to divide by
          bench kernels --engines=vector,abacus --starts=0 | known: torch vector
          bench step --engines=a,b,c             | at most one to divide by
          bench step --batch-size=0              | --batch-size
          bench step --model=mlp-8 --input=32    | say channels x height x width
          bench step --model=nonsense --starts=0 | known: lenet-300-100
          bench step --engines=abacus --starts=0 | known: torch vector
          bench memory --model=mlp-8 --sparsity=-0.1 | below 1, not -0.1
          """)
  void wrongUsageGetsOneClearLine(String line, String message) {
    CommandLineRun run = CommandLineRun.of(line.strip().split(" "));

    assertThat(run.exitCode()).isIn(1, 2);
    assertThat(run.err()).contains(message.strip());
    assertThat(run.err().lines().count()).isLessThanOrEqualTo(2);
    assertThat(run.out()).isEmpty();
  }
}
