package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.ShippedRecipes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code --set} reaches every field that a recipe has. */
final class RecipeOptionsTest {

  private static final YAMLMapper YAML = new YAMLMapper();

  @Command(name = "probe")
  private static final class Probe {
    @Mixin private RecipeOptions options = new RecipeOptions();
  }

  static List<String> fields() throws IOException {
    List<String> paths = new ArrayList<>();
    collect(YAML.readTree(ShippedRecipes.text("default")), "", paths);
    return paths;
  }

  private static void collect(JsonNode block, String prefix, List<String> paths) {
    block
        .properties()
        .forEach(
            field -> {
              String path = prefix + field.getKey();
              if (field.getValue().isObject()) {
                collect(field.getValue(), path + ".", paths);
              } else {
                paths.add(path);
              }
            });
  }

  private static String valueOf(String path, String... options) throws IOException {
    Probe probe = CommandLine.populateCommand(new Probe(), options);
    JsonNode recipe = YAML.readTree(RecipeDraft.toYaml(probe.options.recipe()));
    return recipe.at("/" + path.replace('.', '/')).toString();
  }

  /** Sets each field to the first of some values that it admits and that is not its default. */
  @ParameterizedTest
  @MethodSource("fields")
  void everyFieldCanBeSet(String path) throws IOException {
    String before = valueOf(path);
    List<String> taken = new ArrayList<>();
    for (String value :
        List.of("other", "3", "0.5", "true", "false", "[0.5, 0.75]", "[2, 3]", "[crop]")) {
      try {
        String after = valueOf(path, "--set", path + "=" + value);
        if (!after.equals(before)) {
          taken.add(after.replace("\"", ""));
        }
      } catch (CommandLine.ParameterException e) {
        assertThat(e).hasMessageContaining(path);
      }
    }
    assertThat(taken)
        .isNotEmpty()
        .allMatch(
            List.of(
                    "other",
                    "3",
                    "3.0",
                    "0.5",
                    "true",
                    "false",
                    "[0.5,0.75]",
                    "[2,3]",
                    "[2.0,3.0]",
                    "[crop]")
                ::contains);
  }
}
