package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;
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
        .contains("no 'networks'; say one of models data methods distributions recipes engines")
        .hasLineCount(1);
    assertThat(CommandLineRun.of("list").err()).contains("list what? Say one of models data");
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
