package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.windfall.experiment.ShippedRecipes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ListCommandTest {

  @ParameterizedTest
  @CsvSource({
    "models, lenet-5",
    "data, shapes",
    "methods, rigl",
    "distributions, erk",
    "recipes, wrn-22-2-cifar-10-rigl-erk-90",
    "engines, vector"
  })
  void everyKindIsListedForPeopleAndForPrograms(String kind, String name) throws IOException {
    CommandLineRun list = CommandLineRun.of("list", kind);
    assertThat(list.exitCode()).isZero();
    assertThat(list.out().lines()).anyMatch(line -> line.matches(name + " {2,}\\S.*"));
    JsonNode json = new ObjectMapper().readTree(CommandLineRun.of("list", kind, "--json").out());
    assertThat(json).hasSameSizeAs(list.out().lines().toList());
    assertThat(json.valueStream()).extracting(entry -> entry.get("name").asText()).contains(name);
    assertThat(json.valueStream()).allMatch(entry -> !entry.get("description").asText().isBlank());
  }

  @Test
  void otherKindsAreRefused() {
    CommandLineRun wrong = CommandLineRun.of("list", "networks");
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err())
        .contains(
            "no 'networks'; say one of models data methods distributions recipes comparisons"
                + " lotteries engines")
        .hasLineCount(1);
    assertThat(CommandLineRun.of("list").err()).contains("list what? Say one of models data");
  }

  @Test
  void aRecipeCanBeCopied(@TempDir Path folder) throws IOException {
    CommandLineRun shown = CommandLineRun.of("list", "recipes", "--show", "lenet-5-fashion-mnist");
    assertThat(shown.exitCode()).isZero();
    assertThat(shown.out()).isEqualTo(ShippedRecipes.text("lenet-5-fashion-mnist"));
    JsonNode json =
        new ObjectMapper()
            .readTree(CommandLineRun.of("list", "recipes", "--show", "default", "--json").out());
    assertThat(json.get("yaml").asText()).isEqualTo(ShippedRecipes.text("default"));

    Path copy = Files.writeString(folder.resolve("copy.yaml"), shown.out());
    CommandLineRun train =
        CommandLineRun.of("train", copy.toString(), "--data-dir", folder.toString());
    assertThat(train.err())
        .startsWith("windfall train: fashion-mnist: missing train-images-idx3-ubyte")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "list recipes --show lenet | unknown recipe 'lenet'; known: default lenet-300-100-mnist",
        "list models --show lenet-5 | --show prints a recipe: windfall list recipes --show lenet-5",
      })
  void otherRecipesAreRefused(String words, String message) {
    CommandLineRun wrong = CommandLineRun.of(words.split(" "));
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).startsWith("windfall list: " + message).hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "train", "list"})
  void everyCommandHasHelpWithAnExample(String command) {
    CommandLineRun help = CommandLineRun.of((command + " --help").strip().split(" "));
    assertThat(help.exitCode()).isZero();
    assertThat(help.out())
        .startsWith("Usage: windfall")
        .containsPattern("Examples?")
        .contains("  windfall " + command);
    assertThat(help.out().lines()).allMatch(line -> line.length() <= 80);
  }

  @Test
  void withoutACommandTheHelpIsShown() {
    assertThat(CommandLineRun.of().out()).isEqualTo(CommandLineRun.of("--help").out());
    assertThat(CommandLineRun.of("--version").out()).startsWith("windfall ");
  }
}
