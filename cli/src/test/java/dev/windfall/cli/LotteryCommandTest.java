package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A narrow perceptron on a tenth of the embedded data set: ten steps a run. */
final class LotteryCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String SMALL =
      """
      name: small
      set:
        model.name: mlp-16
        data: {validation: 0, train-share: 0.1}
        training: {epochs: 2, batch-size: 200}
        run: {keep-last: 1, keep-best: false}
      seeds: [1, 2]
      draw: {rate: 0.5, rounds: 2, rewind: {epoch: 1}}
      spend:
        - {tickets: iterative, starts: [initial, weights], rows: [vanilla, swish]}
        - {tickets: [one-shot, random, rigl], rounds: 2}
        - {tickets: random, rows: distillation, rounds: 2}
      """;

  private static final int RUNS = 2 * (1 + 8 + 3 + 1);

  @TempDir static Path shared;
  private static CommandLineRun first = new CommandLineRun(-1, "", "");

  @TempDir Path folder;

  private static String[] words(Path parent, String yaml, String... more) throws IOException {
    Path file = Files.writeString(parent.resolve("small.yaml"), yaml);
    List<String> words =
        new ArrayList<>(List.of("lottery", file.toString(), "--out", parent.toString()));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  private static CommandLineRun lottery(Path parent, String yaml, String... more)
      throws IOException {
    return CommandLineRun.of(words(parent, yaml, more));
  }

  @BeforeAll
  static void drawOnce() throws IOException {
    first = lottery(shared, SMALL, "--json");
  }

  @Test
  void everyRowAndRoundHasItsFigures() throws IOException {
    assertThat(first.exitCode()).as(first.err()).isZero();
    JsonNode report = JSON.readTree(first.out());
    assertThat(report.at("/counter").asText()).isEqualTo("report");
    assertThat(report.at("/runs")).hasSize(RUNS);
    assertThat(report.at("/rows")).hasSize(RUNS / 2);
    for (JsonNode row : report.at("/rows")) {
      assertThat(row.at("/runs_finished").asInt()).as("%s", row).isEqualTo(2);
      assertThat(row.at("/test_accuracy_mean").asDouble()).isBetween(0.0, 1.0);
      assertThat(row.at("/added_parameters").asInt()).isZero();
      boolean isDense = row.at("/tickets").asText().equals("dense");
      assertThat(row.at("/is_winning").isNull()).isEqualTo(isDense);
      double training = row.at("/training_flops_ratio").asDouble();
      double inference = row.at("/inference_flops_ratio").asDouble();
      if (row.at("/start").asText().equals("weights")) {
        assertThat(training).isEqualTo(inference / 2);
      } else if (row.at("/row").asText().equals("distillation")) {
        assertThat(training).as("with the teacher's answers").isGreaterThan(inference);
      } else if (!row.at("/tickets").asText().equals("rigl")) {
        assertThat(training).isEqualTo(inference);
      }
    }
    assertThat(report.at("/rounds")).hasSize(3);
    for (JsonNode round : report.at("/rounds")) {
      assertThat(round.at("/test_accuracy_before").asDouble()).isBetween(0.0, 1.0);
      assertThat(round.at("/test_accuracy_after").asDouble()).isBetween(0.0, 1.0);
      assertThat(round.at("/layers")).hasSize(2);
    }
  }

  @Test
  void theFolderHoldsRunsTicketsTablesAndAChart() throws IOException {
    Path lottery = shared.resolve("small");
    for (String file :
        List.of("lottery.yaml", "table.txt", "table.md", "table.csv", "report.json")) {
      assertThat(lottery.resolve(file)).isNotEmptyFile();
    }
    assertThat(lottery.resolve("tickets/iterative-weights-round-02-seed-1.safetensors"))
        .isNotEmptyFile();
    assertThat(lottery.resolve("charts/accuracy-by-sparsity.svg")).content().contains("rigl");
    assertThat(first.err()).contains("%d of %d".formatted(RUNS, RUNS), "s left");
  }

  @Test
  void calledAgainItRepeatsNothing() throws IOException {
    CommandLineRun again = lottery(shared, SMALL);
    assertThat(again.exitCode()).isZero();
    assertThat(again.out())
        .contains("%d runs, of which %d are finished".formatted(RUNS, RUNS))
        .doesNotContain("1 of " + RUNS);
  }

  /** The recipes of its runs name tickets and teachers where they were. */
  @Test
  void aLotteryThatWasMovedGoesOn() throws IOException {
    copy(shared.resolve("small"), folder.resolve("small"));
    Path unfinished = folder.resolve("small/runs/random-initial-distillation-round-02-seed-2");
    Path summary = unfinished.resolve("summary.json");
    Files.delete(summary);
    CommandLineRun moved = lottery(folder, SMALL);
    assertThat(moved.exitCode()).as(moved.err()).isZero();
    assertThat(moved.out()).contains("%d runs, of which %d are finished".formatted(RUNS, RUNS - 1));
    assertThat(summary).isNotEmptyFile();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  @Test
  void aTeacherThatBecameAnotherIsRefused() throws IOException {
    String taught =
        SMALL.substring(0, SMALL.indexOf("seeds:"))
            + """
            draw: {method: one-shot, rounds: 1}
            spend: {tickets: dense, rows: distillation}
            """;
    assertThat(lottery(folder, taught).exitCode()).isZero();
    Path teacher = newestCheckpoint(folder.resolve("small/runs/dense-vanilla-seed-1"));
    Files.writeString(teacher, Files.readString(teacher) + " ");
    CommandLineRun changed = lottery(folder, taught);
    assertThat(changed.exitCode()).isEqualTo(2);
    assertThat(changed.err())
        .contains("dense-distillation-seed-1 was made by another recipe or other data")
        .hasLineCount(1);
  }

  private static Path newestCheckpoint(Path run) throws IOException {
    try (Stream<Path> files = Files.list(run.resolve("checkpoint"))) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList().getLast();
    }
  }

  @Test
  void anotherRecipeForTheSameFolderIsRefused() throws IOException {
    CommandLineRun other = lottery(shared, SMALL, "--set", "training.batch-size=100");
    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err()).hasLineCount(1);
  }

  @Test
  void aRowThatDoesNotFitTheNetworkIsRefusedBeforeAnythingIsTrained() throws IOException {
    CommandLineRun run = lottery(folder, SMALL.replace("vanilla, swish", "skip"), "--estimate");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .contains("skips plain: network mlp-16 has no convolution")
        .hasLineCount(1);
  }

  @Test
  void anEstimateTrainsNothing() throws IOException {
    CommandLineRun run = lottery(folder, SMALL, "--estimate", "--json", "--parallel", "3");
    assertThat(run.exitCode()).isZero();
    JsonNode estimate = JSON.readTree(run.out());
    assertThat(estimate.at("/runs").asInt()).isEqualTo(RUNS);
    assertThat(estimate.at("/seconds").asDouble()).isPositive();
    assertThat(estimate.at("/rows")).hasSize(RUNS / 2);
    assertThat(folder.resolve("small")).doesNotExist();
  }

  /** Of a row the first and the last round are measured. */
  @Test
  void anEstimateOfARoundInTheMiddleIsBetweenTheFirstAndTheLast() throws IOException {
    String three =
        SMALL.substring(0, SMALL.indexOf("seeds:"))
            + """
            draw: {sparsities: [0.25, 0.5, 0.75]}
            """;
    CommandLineRun run = lottery(folder, three, "--estimate", "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode rows = JSON.readTree(run.out()).at("/rows");
    assertThat(rows).hasSize(4);
    for (String figure : List.of("seconds", "checkpoint_bytes", "memory_bytes")) {
      double first = rows.at("/1/" + figure).asDouble();
      double last = rows.at("/3/" + figure).asDouble();
      assertThat(rows.at("/2/" + figure).asDouble())
          .as("%s of %s", figure, rows)
          .isPositive()
          .isCloseTo((first + last) / 2, within(figure.equals("seconds") ? 1e-9 : 1));
    }
  }

  @Test
  void aTicketIsSpentByAnyRecipe() throws IOException {
    Path ticket = shared.resolve("small/tickets/iterative-weights-round-02-seed-1.safetensors");
    CommandLineRun run =
        CommandLineRun.of(
            "train",
            "--ticket",
            ticket.toString(),
            "--model",
            "mlp-16",
            "--method",
            "static",
            "--epochs",
            "2",
            "--set",
            "data.validation=0",
            "--set",
            "data.train-share=0.1",
            "--out",
            folder.toString(),
            "--name",
            "spent");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("ticket of mlp-16, drawn on shapes (iterative, round 2, seed 1; start weights");
    JsonNode summary = JSON.readTree(folder.resolve("spent/summary.json").toFile());
    assertThat(summary.at("/first_step").asInt()).isEqualTo(summary.at("/steps").asInt());
  }

  @Test
  void aHostileTicketIsRefusedInOneLine() throws IOException {
    Path ticket = Files.write(folder.resolve("ticket"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9});
    CommandLineRun run =
        CommandLineRun.of("train", "--ticket", ticket.toString(), "--method", "static");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("sparsity.ticket: ", "is damaged").hasLineCount(1);
  }

  @Test
  void shippedLotteriesAreListedAndShown() {
    assertThat(CommandLineRun.of("list", "lotteries").out()).contains("shapes-short");
    assertThat(CommandLineRun.of("list", "lotteries", "--show", "shapes-short").out())
        .contains("draw:");
  }

  /** A real process, killed whenever it has gone on by a few runs. */
  @Test
  @Timeout(300)
  void aLotteryThatIsKilledEndsInTheSameTicketsAndWeights() throws Exception {
    String[] words = words(folder, SMALL);
    Path lottery = folder.resolve("small");
    for (int runs : new int[] {1, 7}) {
      Path output = folder.resolve("output");
      Process process = CommandLineProcess.start(output, words);
      try {
        while (finished(lottery) < runs) {
          assertThat(process.isAlive()).as(() -> output.toString()).isTrue();
          Thread.sleep(5);
        }
      } finally {
        process.destroyForcibly();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      }
    }
    CommandLineRun last = CommandLineRun.of(words);
    assertThat(last.exitCode()).as(last.err()).isZero();
    assertThat(results(lottery)).isEqualTo(results(shared.resolve("small"))).isNotEmpty();
  }

  private static long finished(Path lottery) throws IOException {
    Path runs = lottery.resolve("runs");
    if (Files.notExists(runs)) {
      return 0;
    }
    try (Stream<Path> all = Files.list(runs)) {
      return all.filter(run -> Files.exists(run.resolve("summary.json"))).count();
    }
  }

  /** Tickets, rounds and last checkpoints, by their names within the lottery. */
  private static Map<String, String> results(Path lottery) throws IOException {
    Map<String, String> results = new TreeMap<>();
    try (Stream<Path> files = Files.walk(lottery)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = lottery.relativize(file).toString();
        if (name.startsWith("tickets/")
            || name.startsWith("rounds/")
            || name.matches("runs/.*/checkpoint/.*\\.safetensors")) {
          results.put(name, HexFormat.of().formatHex(Files.readAllBytes(file)));
        }
      }
    }
    return results;
  }
}
