package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A narrow perceptron on a hundred images: ten steps a run. */
final class CompareCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String SMALL =
      """
      name: small
      set:
        model.name: mlp-64
        sparsity: {dense: [], update: {every: 4}}
        data: {name: npy, dir: 'FOLDER', validation: 0.9}
        training: {epochs: 1, batch-size: 10}
      methods: [small-dense, rigl, gmp]
      sparsities: 0.8
      distributions: [uniform, erk]
      seeds: [1, 2]
      budget: inference-flops
      """;

  @TempDir static Path shared;
  private static CommandLineRun first = new CommandLineRun(-1, "", "");

  @TempDir Path folder;

  private static CommandLineRun compare(Path parent, String yaml, String... more)
      throws IOException {
    Path file =
        Files.writeString(parent.resolve("small.yaml"), yaml.replace("FOLDER", shared.toString()));
    List<String> words =
        new ArrayList<>(List.of("compare", file.toString(), "--out", parent.toString()));
    words.addAll(List.of("--timing", "0.02"));
    words.addAll(List.of(more));
    return CommandLineRun.of(words.toArray(String[]::new));
  }

  @BeforeAll
  static void compareOnce() throws IOException {
    SmallData.write(shared);
    first = compare(shared, SMALL, "--json");
  }

  @Test
  void everyRowKeepsToTheBudgetAndHasItsFigures() throws IOException {
    assertThat(first.exitCode()).as(first.err()).isZero();
    JsonNode report = JSON.readTree(first.out());
    assertThat(report.at("/budget").asText()).isEqualTo("inference-flops");
    assertThat(report.at("/counter").asText()).isEqualTo("report");
    assertThat(report.at("/rows")).hasSize(6);
    for (JsonNode row : report.at("/rows")) {
      assertThat(row.at("/runs_finished").asInt()).isEqualTo(2);
      assertThat(row.at("/test_accuracy_mean").asDouble()).isBetween(0.0, 1.0);
      assertThat(row.at("/seconds").asDouble()).isPositive();
      assertThat(row.at("/measured_slowdown").asDouble()).isPositive();
      if (!row.at("/method").asText().equals("dense")) {
        assertThat(row.at("/inference_flops_ratio").asDouble()).as("%s", row).isBetween(0.18, 0.22);
        assertThat(row.at("/difference_pairs").asInt()).isEqualTo(2);
      }
    }
    assertThat(report.at("/runs")).hasSize(12);
    // Two layers of each row that is not the dense one.
    assertThat(report.at("/layers")).hasSize(10);
    for (JsonNode layer : report.at("/layers")) {
      assertThat(layer.at("/milliseconds").asDouble()).as("%s", layer).isPositive();
      assertThat(layer.at("/measured_slowdown").asDouble()).as("%s", layer).isPositive();
    }
  }

  @Test
  void theFolderHoldsRunsTablesAndCharts() throws IOException {
    Path comparison = shared.resolve("small");
    assertThat(comparison.resolve("runs/mlp-64-npy-rigl-erk-0.8-1x-seed-2/summary.json"))
        .isNotEmptyFile();
    for (String file :
        List.of(
            "comparison.yaml",
            "table.txt",
            "table.md",
            "table.csv",
            "report.json",
            "timings.json")) {
      assertThat(comparison.resolve(file)).isNotEmptyFile();
    }
    try (Stream<Path> charts = Files.list(comparison.resolve("charts"))) {
      assertThat(charts).hasSize(6);
    }
    assertThat(first.err()).contains("12 of 12", "s left");
  }

  @Test
  void calledAgainItRepeatsNothing() throws IOException {
    Map<Path, FileTime> before = summaries();
    CommandLineRun again = compare(shared, SMALL);
    assertThat(again.exitCode()).isZero();
    assertThat(again.out()).contains("12 runs, of which 12 are finished").doesNotContain("1 of 12");
    assertThat(summaries()).isEqualTo(before).hasSize(12);
  }

  private static Map<Path, FileTime> summaries() throws IOException {
    Map<Path, FileTime> times = new TreeMap<>();
    try (Stream<Path> runs = Files.list(shared.resolve("small/runs"))) {
      for (Path run : runs.toList()) {
        times.put(run, Files.getLastModifiedTime(run.resolve("summary.json")));
      }
    }
    return times;
  }

  @Test
  void anotherRecipeForTheSameFolderIsRefused() throws IOException {
    CommandLineRun other = compare(shared, SMALL, "--set", "training.batch-size=100");
    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err()).contains("was made by another recipe").hasLineCount(1);
  }

  @Test
  void dataMayMoveButNotChange() throws IOException {
    for (String file : List.of("train-images", "train-labels", "test-images", "test-labels")) {
      Files.copy(shared.resolve(file + ".npy"), folder.resolve(file + ".npy"));
    }
    CommandLineRun moved = compare(shared, SMALL, "--data-dir", folder.toString());
    assertThat(moved.exitCode()).as(moved.err()).isZero();
    assertThat(moved.out()).contains("12 runs, of which 12 are finished");
    Path labels = folder.resolve("train-labels.npy");
    byte[] bytes = Files.readAllBytes(labels);
    bytes[bytes.length - 1] ^= 1;
    Files.write(labels, bytes);
    CommandLineRun changed = compare(shared, SMALL, "--data-dir", folder.toString());
    assertThat(changed.exitCode()).isEqualTo(2);
    assertThat(changed.err()).contains("other data than it now has").hasLineCount(1);
  }

  @Test
  void aFailingRowIsNotedAndTheOthersGoOn() throws IOException {
    String failing =
        SMALL
            .replace("[small-dense, rigl, gmp]", "[static, set]")
            .replace("[uniform, erk]", "erk")
            .replace("seeds:", "set-for: {set: {training.schedule.lr: 1e30}}\nseeds:");
    CommandLineRun run = compare(folder, failing, "--parallel", "2");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("note on set (erk) at 80 %: 2 of 2 runs failed")
        .doesNotContain("note on static", "note on dense");
    assertThat(folder.resolve("small/runs/mlp-64-npy-static-erk-0.8-1x-seed-2/summary.json"))
        .isNotEmptyFile();
    // A failed run is taken up again, and nothing else.
    assertThat(compare(folder, failing).out())
        .contains("6 runs, of which 4 are finished", "2 of 2  ", "failed: ");
  }

  @Test
  void aRowThatCannotBeginIsNotedAndTheOthersGoOn() throws IOException {
    String refused =
        SMALL
            .replace("[small-dense, rigl, gmp]", "[set, static]")
            .replace("[uniform, erk]", "erk")
            .replace("seeds:", "set-for: {set: {training.accumulate: 1000}}\nseeds:");
    CommandLineRun estimate = compare(folder, refused, "--estimate");
    assertThat(estimate.exitCode()).as(estimate.err()).isZero();
    assertThat(estimate.out())
        .contains(
            "note on mlp-64-npy-set-erk-0.8-1x: its runs will fail: training.accumulate: 1000");
    CommandLineRun run = compare(folder, refused);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("note on set (erk) at 80 %: 2 of 2 runs failed: training.accumulate: 1000")
        .doesNotContain("note on static", "note on dense");
    assertThat(folder.resolve("small/runs/mlp-64-npy-static-erk-0.8-1x-seed-2/summary.json"))
        .isNotEmptyFile();
  }

  @Test
  void whereEveryRunFailsTheCommandFails() throws IOException {
    CommandLineRun run =
        compare(
            folder,
            SMALL.replace("[small-dense, rigl, gmp]", "static").replace("[1, 2]", "[1]"),
            "--set",
            "training.schedule.lr=1e30");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("note on dense").contains("1 of 1 runs failed").contains("–");
  }

  @Test
  void anotherLengthIsAnotherComparison() throws IOException {
    String one = SMALL.replace("[small-dense, rigl, gmp]", "static").replace("[1, 2]", "[1]");
    CommandLineRun twice = compare(folder, one, "--multiplier", "2", "--layers");
    assertThat(twice.exitCode()).as(twice.err()).isZero();
    Path comparison = folder.resolve("small-2x");
    JsonNode report = JSON.readTree(comparison.resolve("report.json").toFile());
    assertThat(report.at("/rows/0/epochs").asInt()).isEqualTo(2);
    assertThat(twice.out()).contains("break-even", "linear1", "classifier");
    assertThat(comparison.resolve("layers.txt")).isNotEmptyFile();
    assertThat(comparison.resolve("layers.md")).isNotEmptyFile();
    CommandLineRun wrong = compare(folder, one, "--name", "../else");
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).contains("--name must be of letters").hasLineCount(1);
  }

  @Test
  void whatBeginsAfterAnotherRowCostsWhatThatOneDidToo() throws IOException {
    String after =
        SMALL
            .replace("methods: [small-dense, rigl, gmp]", "methods: [lottery, gmp/global]")
            .replace("budget: inference-flops", "budget: epochs")
            .replace("[1, 2]", "[1]\nafter: {lottery: {method: static, mask-from: gmp/global}}");
    CommandLineRun estimate = compare(folder, after, "--estimate", "--json");
    assertThat(estimate.exitCode()).as(estimate.err()).isZero();
    assertThat(JSON.readTree(estimate.out()).at("/rows/2/row").asText())
        .isEqualTo("mlp-64-npy-lottery-0.8-1x");
    CommandLineRun run = compare(folder, after);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains(
            "lottery: trained by static, with the connections that gmp/global ended with at the"
                + " same seed; training and seconds have those before it, too");
    Path comparison = folder.resolve("small");
    JsonNode pruned = summary(comparison, "gmp-global");
    JsonNode ticket = summary(comparison, "lottery");
    assertThat(ticket.at("/active_weights")).isEqualTo(pruned.at("/active_weights"));
    assertThat(ticket.at("/inference_flops")).isEqualTo(pruned.at("/inference_flops"));
    JsonNode report = JSON.readTree(comparison.resolve("report.json").toFile());
    JsonNode row = report.at("/rows/2");
    assertThat(row.at("/method").asText()).isEqualTo("lottery");
    assertThat(row.at("/target_sparsity").asDouble()).isCloseTo(0.8, within(1e-3));
    assertThat(row.at("/inference_flops_ratio").asDouble())
        .isCloseTo(ticket.at("/inference_flops_ratio").asDouble(), within(1e-12));
    double own = ticket.at("/training_flops_ratio").asDouble();
    assertThat(own).isCloseTo(ticket.at("/inference_flops_ratio").asDouble(), within(1e-12));
    assertThat(row.at("/training_flops_ratio").asDouble())
        .isCloseTo(own + pruned.at("/training_flops_ratio").asDouble(), within(1e-12));
    assertThat(row.at("/seconds").asDouble())
        .isGreaterThan(report.at("/rows/1/seconds").asDouble());
    assertThat(compare(folder, after).out()).contains("3 runs, of which 3 are finished");
  }

  private static JsonNode summary(Path comparison, String method) throws IOException {
    return JSON.readTree(
        comparison
            .resolve("runs/mlp-64-npy-%s-0.8-1x-seed-1/summary.json".formatted(method))
            .toFile());
  }

  @Test
  void anEstimateTrainsNothing() throws IOException {
    CommandLineRun run = compare(folder, SMALL, "--estimate", "--json", "--parallel", "3");
    assertThat(run.exitCode()).isZero();
    JsonNode estimate = JSON.readTree(run.out());
    assertThat(estimate.at("/runs").asInt()).isEqualTo(12);
    assertThat(estimate.at("/parallel").asInt()).isEqualTo(3);
    assertThat(estimate.at("/seconds").asDouble()).isPositive();
    assertThat(estimate.at("/checkpoint_bytes").asLong()).isPositive();
    assertThat(estimate.at("/rows")).hasSize(6);
    assertThat(folder.resolve("small")).doesNotExist();
  }

  @Test
  void refusesInOneLineWhatItCannotRead() throws IOException {
    CommandLineRun run = compare(folder, SMALL.replace("budget:", "budgets:"));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("unknown field 'budgets'; did you mean budget?").hasLineCount(1);
    CommandLineRun unknown = CommandLineRun.of("compare", "no-such");
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err()).contains("neither a file 'no-such' nor a shipped comparison");
  }

  @Test
  void shippedComparisonsAreListedAndShown() {
    assertThat(CommandLineRun.of("list", "comparisons").out()).contains("lenet-5-fashion-mnist");
    assertThat(CommandLineRun.of("list", "comparisons", "--show", "lenet-5-fashion-mnist").out())
        .contains("methods: [small-dense, static, set, snfs, rigl");
  }
}
