package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EvaluateCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path data;
  @TempDir static Path runs;
  private static Path run = Path.of("");

  @BeforeAll
  static void train() throws IOException {
    SmallData.write(data);
    run = runs.resolve("run");
    CommandLineRun trained =
        CommandLineRun.of(
            "train",
            "--model",
            "mlp-16",
            "--data",
            "npy",
            "--data-dir",
            data.toString(),
            "--epochs",
            "4",
            "--batch-size",
            "90",
            "--set",
            "run.keep-at=[1]",
            "--out",
            runs.toString(),
            "--name",
            "run");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
  }

  private static CommandLineRun evaluate(String... more) {
    List<String> words = new ArrayList<>(List.of("evaluate", run.toString()));
    words.addAll(List.of(more));
    return CommandLineRun.of(words.toArray(String[]::new));
  }

  private static JsonNode json(String... more) throws IOException {
    List<String> words = new ArrayList<>(List.of(more));
    words.add("--json");
    CommandLineRun evaluated = evaluate(words.toArray(String[]::new));
    assertThat(evaluated.exitCode()).as(evaluated.err()).isZero();
    assertThat(evaluated.err()).isEmpty();
    return JSON.readTree(evaluated.out());
  }

  private static JsonNode summary() throws IOException {
    return JSON.readTree(run.resolve("summary.json").toFile());
  }

  @Test
  void theNewestCheckpointHasTheAccuracyOfTheSummary() throws IOException {
    JsonNode result = json("--threads", "1");
    List<String> names = new ArrayList<>();
    result.fieldNames().forEachRemaining(names::add);
    assertThat(names)
        .containsExactly(
            "model",
            "data",
            "checkpoint",
            "step",
            "images",
            "accuracy",
            "loss",
            "expected_calibration_error");
    assertThat(result.get("model").asText()).isEqualTo("mlp-16");
    assertThat(result.get("data").asText()).isEqualTo("npy");
    assertThat(result.get("step").asInt()).isEqualTo(40);
    assertThat(result.get("images").asInt()).isEqualTo(100);
    assertThat(result.get("accuracy")).isEqualTo(summary().get("test_accuracy"));
    assertThat(result.get("loss")).isEqualTo(summary().get("test_loss"));
    assertThat(result.get("expected_calibration_error"))
        .isEqualTo(summary().get("expected_calibration_error"));
  }

  @Test
  void theBestCheckpointHasTheAccuracyOfTheSummary() throws IOException {
    assertThat(json("--checkpoint", "best").get("accuracy"))
        .isEqualTo(summary().get("best_test_accuracy"));
  }

  @Test
  void anyCheckpointCanBeTested() {
    CommandLineRun evaluated = evaluate("--checkpoint", "10");
    assertThat(evaluated.exitCode()).as(evaluated.err()).isZero();
    assertThat(evaluated.out())
        .containsPattern("(?m)^ {2}test accuracy {9}\\d+\\.\\d\\d % of 100 images of npy$")
        .containsPattern("(?m)^ {2}test loss {13}\\d+\\.\\d{3}$")
        .containsPattern("(?m)^ {2}calibration error {5}\\d+\\.\\d\\d % ")
        .containsPattern("(?m)^ {2}checkpoint .*step-0000000010\\.json$");
  }

  @Test
  void dataMayHaveMoved(@TempDir Path moved) throws IOException {
    SmallData.write(moved);
    assertThat(json("--data-dir", moved.toString()).get("accuracy"))
        .isEqualTo(summary().get("test_accuracy"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | --checkpoint newest | a checkpoint is best, last or a step's number, not 'newest'",
        "1 | --checkpoint 7 | there is no checkpoint of step 7 in ",
        "2 | --data shapes | data set shapes has images of 3x32x32 in 10 classes; the run's",
        "2 | --data cifar-11 | unknown data set 'cifar-11'",
        "2 | --threads x | --threads: run.threads must be a whole number",
      })
  void whatDoesNotFitIsOneClearLine(int exitCode, String options, String message) {
    CommandLineRun evaluated = evaluate(options.split(" "));
    assertThat(evaluated.err()).startsWith("windfall evaluate: ").contains(message).hasLineCount(1);
    assertThat(evaluated.exitCode()).isEqualTo(exitCode);
    assertThat(evaluated.out()).isEmpty();
  }

  @Test
  void aDamagedCheckpointIsOneClearLine(@TempDir Path copy) throws IOException {
    Files.copy(run.resolve("recipe.yaml"), copy.resolve("recipe.yaml"));
    assertThat(CommandLineRun.of("evaluate", copy.toString()).err())
        .contains("there is no checkpoint yet in ")
        .hasLineCount(1);
    Path checkpoints = Files.createDirectory(copy.resolve("checkpoint"));
    Files.copy(
        run.resolve("checkpoint/step-0000000040.json"),
        checkpoints.resolve("step-0000000040.json"));
    Files.write(checkpoints.resolve("step-0000000040.safetensors"), new byte[] {1, 2, 3});
    CommandLineRun evaluated = CommandLineRun.of("evaluate", copy.toString());
    assertThat(evaluated.exitCode()).isEqualTo(1);
    assertThat(evaluated.err()).contains("is damaged: it has 3 bytes and should").hasLineCount(1);
  }
}
