package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
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

final class TrainCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path both;
  private static CommandLineRun forPeople = new CommandLineRun(-1, "", "");
  private static CommandLineRun forPrograms = forPeople;

  @TempDir Path folder;

  /** A narrow perceptron on a tenth of the embedded data set: ten steps. */
  private static final String SMALL =
      """
      model: {name: mlp-16}
      data: {validation: 0.9}
      training: {epochs: 1, batch-size: 200}
      """;

  private CommandLineRun train(String... more) throws IOException {
    return CommandLineRun.of(small(folder, more));
  }

  /** The words of a small training below a folder. */
  static String[] small(Path folder, String... more) throws IOException {
    Path recipe = Files.writeString(folder.resolve("small.yaml"), SMALL);
    List<String> words =
        new ArrayList<>(
            List.of("train", recipe.toString(), "--out", folder.resolve("runs").toString()));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  private Recipe recipeOf(String run) throws IOException {
    Path file = folder.resolve("runs").resolve(run).resolve("recipe.yaml");
    return RecipeDraft.defaults().with(Files.readString(file), "recipe.yaml").recipe();
  }

  /** The same training twice: once for people on two threads, once for programs on one. */
  @BeforeAll
  static void trainTwice() throws IOException {
    forPeople = CommandLineRun.of(small(both, "--threads", "2"));
    forPrograms =
        CommandLineRun.of(small(both, "--threads", "1", "--json", "--name", "for-programs"));
  }

  @Test
  void aRunEndsWithATableForPeople() {
    assertThat(forPeople.exitCode()).isZero();
    assertThat(forPeople.err()).isEmpty();
    assertThat(forPeople.out())
        .startsWith("mlp-16 on shapes: rigl at 90 % sparsity (erk), 4,933 of 49,312 weights");
    assertThat(forPeople.out().lines())
        .anyMatch(line -> line.equals("1 epoch, 10 steps of 200 images"))
        .anyMatch(line -> line.matches("epoch 1/1, step 10/10, loss .*, validation .* %, .* left"))
        .anyMatch(
            line ->
                line.matches(" {2}test accuracy {9}\\d+\\.\\d\\d % \\(.* validation was best\\)"))
        .anyMatch(line -> line.matches(" {2}sparsity {14}90\\.00 %, 4,933 of 49,312 weights exist"))
        .anyMatch(line -> line.matches(" {2}connections replaced {2}[\\d,]+ in 1 update"))
        .anyMatch(line -> line.matches(" {2}training FLOPs {8}0\\.\\d{4} of dense"))
        .anyMatch(line -> line.matches(" {2}speed {17}[\\d,.]+ images/s in training steps; .*"))
        .anyMatch(line -> line.endsWith(both.resolve("runs/mlp-16-shapes-rigl-0.9-1").toString()));
  }

  @Test
  void tweaksAreNamedAndTheirCostIsTold() throws IOException {
    CommandLineRun run =
        train(
            "--model",
            "wrn-10-1",
            "--name",
            "tweaked",
            "--set",
            "model.width=0.25",
            "--set",
            "tweak.skips=learned",
            "--set",
            "tweak.activation=swish",
            "--set",
            "tweak.averaging.start=0.9",
            "--set",
            "tweak.distillation.teacher=" + both.resolve("runs/for-programs"));
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out().lines())
        .anyMatch(
            line ->
                line.matches(
                    "tweaks: swish in the place of every activation, learned skips, teacher .*"
                        + "step-0000000010.json, weights averaged from 90 % on"))
        .anyMatch(line -> line.matches(" {2}added by tweaks {7}[\\d,]+ parameters, .*"));
    JsonNode summary = JSON.readTree(folder.resolve("runs/tweaked/summary.json").toFile());
    assertThat(summary.get("added_parameters").asLong()).isPositive();
    assertThat(summary.get("overhead_flops").asLong()).isPositive();
  }

  @Test
  void withJsonStandardOutputIsOneDocument() throws IOException {
    assertThat(forPrograms.exitCode()).isZero();
    JsonNode summary = JSON.readTree(forPrograms.out());
    assertThat(summary)
        .isEqualTo(JSON.readTree(both.resolve("runs/for-programs/summary.json").toFile()));
    assertThat(summary.get("model").asText()).isEqualTo("mlp-16");
    assertThat(forPrograms.err()).contains("epoch 1/1, step 10/10").contains("test accuracy");
  }

  @Test
  void theSameCheckpointComesOfOneThreadAndOfTwo() {
    for (String file : List.of("step-0000000010.json", "step-0000000010.safetensors")) {
      assertThat(both.resolve("runs/mlp-16-shapes-rigl-0.9-1/checkpoint").resolve(file))
          .hasSameBinaryContentAs(both.resolve("runs/for-programs/checkpoint").resolve(file));
    }
  }

  @Test
  void optionsWinOverTheRecipeAndSetWinsOverOptions() throws IOException {
    Path file = folder.resolve("my.yaml");
    Files.writeString(
        file,
        SMALL
            + """
            name: mine
            sparsity: {method: static, target: 0.5, distribution: uniform}
            run: {seed: 3}
            """);
    CommandLineRun run =
        CommandLineRun.of(
            "train",
            file.toString(),
            "--out",
            folder.resolve("runs").toString(),
            "--sparsity",
            "0.8",
            "--method",
            "set",
            "--lr",
            "0.02",
            "--seed",
            "-7",
            "--lr-schedule",
            "step",
            "--multiplier",
            "2",
            "--set",
            "sparsity.method=static",
            "--set",
            "training.schedule.at=[0.5]");
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    Recipe recipe = recipeOf("mine");
    assertThat(recipe.sparsity().method()).isEqualTo("static");
    assertThat(recipe.sparsity().target()).isEqualTo(0.8);
    assertThat(recipe.sparsity().distribution()).isEqualTo("uniform");
    assertThat(recipe.training().schedule().name()).isEqualTo("step");
    assertThat(recipe.training().schedule().lr()).isEqualTo(0.02);
    assertThat(recipe.training().schedule().at()).containsExactly(0.5);
    assertThat(recipe.training().multiplier()).isEqualTo(2);
    assertThat(recipe.run().seed()).isEqualTo(-7);
  }

  @Test
  void foldersAreNumberedButNamesAreKept() throws IOException {
    Files.createDirectories(folder.resolve("runs/mlp-16-shapes-rigl-0.9-1"));
    assertThat(train().exitCode()).isZero();
    assertThat(folder.resolve("runs/mlp-16-shapes-rigl-0.9-1-2/summary.json")).exists();
    assertThat(folder.resolve("runs/mlp-16-shapes-rigl-0.9-1")).isEmptyDirectory();
    CommandLineRun again = train("--name", "mlp-16-shapes-rigl-0.9-1-2");
    assertThat(again.exitCode()).isEqualTo(2);
    assertThat(again.err())
        .startsWith(
            "windfall train: --name mlp-16-shapes-rigl-0.9-1-2: there is a run of this name in ")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--sparsity 1.0 | sparsity.target must be at least 0 and below 1, not 1.0",
        "--sparsity -0.1 | sparsity.target must be at least 0 and below 1, not -0.1",
        "--sparsity NaN | --sparsity: sparsity.target must be a number, not \"NaN\"",
        "--epochs many | --epochs: training.epochs must be a whole number, not \"many\"",
        "--device cuda | --device cuda: no engine of this version computes there; use cpu",
        "--set training.epocs=3 | did you mean training.epochs?",
        "--set run.keep-last=0 | run.keep-last must be at least 1 checkpoint, not 0",
        "--set foo=1 | unknown field foo; known: name model tweak data sparsity training run",
        "--model lenet-6 | unknown model 'lenet-6'; known: lenet-300-100 lenet-5",
        "--method magic | unknown method 'magic'; known: dense static set snfs rigl",
        "--data npy | say with data.dir (--data-dir) in which folder they are",
        "--engine gpu | unknown engine 'gpu'; known: torch vector",
        "--lr-schedule sine | training.schedule.name: unknown 'sine'; known: step cosine",
      })
  void wrongUsageIsOneClearLine(String options, String message) throws IOException {
    CommandLineRun run = train(options.split(" "));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("windfall train: ").contains(message).hasLineCount(1);
    assertThat(folder.resolve("runs")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "train --epocs 3 | windfall train: Unknown option: '--epocs'",
        "trian | windfall: Unmatched argument at index 0: 'trian'",
        "train --epochs | windfall train: Missing required parameter for option '--epochs'",
      })
  void unknownWordsPointToTheHelp(String words, String message) {
    CommandLineRun run = CommandLineRun.of(words.split(" "));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith(message).contains("--help' shows what there is");
  }

  @Test
  void missingDataIsAFailureThatSaysWhatToDo() throws IOException {
    CommandLineRun run = train("--data", "cifar-10", "--data-dir", folder.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("data_batch_1.bin").contains(folder.toString()).hasLineCount(1);
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("runs"), "");
    CommandLineRun run = train();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .isEqualToIgnoringNewLines(
            "windfall train: cannot make a folder in --out %s: %s is there already, and is no folder"
                .formatted(file, file));
  }

  @Test
  void aLossThatIsNoNumberFailsAndTheStackIsThereForWhoAsks() throws IOException {
    CommandLineRun run = train("--lr", "1e30", "--lr-schedule", "constant", "--verbose");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .containsPattern("\\Awindfall train: step \\d+ \\(epoch 1\\): the loss is .*\\R")
        .contains("NonFiniteLossException")
        .contains("\tat dev.windfall");
  }

  @Test
  void aFileThatIsNoRecipeIsRefused() throws IOException {
    assertThat(CommandLineRun.of("train", "nowhere.yaml").err())
        .contains("neither a file 'nowhere.yaml' nor a shipped recipe")
        .hasLineCount(1);
    Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xFF, 0, 1});
    assertThat(CommandLineRun.of("train", binary.toString()).err())
        .contains("is no recipe: it is no UTF-8 text");
    Path large = Files.writeString(folder.resolve("large"), "#".repeat((1 << 20) + 1));
    assertThat(CommandLineRun.of("train", large.toString()).err())
        .contains("is no recipe: it has more than 1 MiB");
    Path list = Files.writeString(folder.resolve("list"), "- 1\n- 2\n");
    assertThat(CommandLineRun.of("train", list.toString()).err())
        .contains("is no recipe: it must consist of");
  }
}
