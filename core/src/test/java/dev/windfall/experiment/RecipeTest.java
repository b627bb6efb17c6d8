package dev.windfall.experiment;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.random.Damage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class RecipeTest {

  private static final RecipeDraft DEFAULTS = RecipeDraft.defaults();

  static List<String> shipped() {
    return ShippedRecipes.entries().stream().map(ShippedRecipes.Entry::name).toList();
  }

  @ParameterizedTest
  @MethodSource("shipped")
  void shippedRecipesAreRead(String name) {
    Recipe recipe = DEFAULTS.with(ShippedRecipes.text(name), name).recipe();
    assertThat(recipe.sparsity().target()).isEqualTo(0.9);
    assertThat(name.equals("default") || name.equals(recipe.name())).isTrue();
  }

  @ParameterizedTest
  @MethodSource("shipped")
  void aWrittenRecipeIsReadAgain(String name) {
    Recipe recipe = DEFAULTS.with(ShippedRecipes.text(name), name).recipe();
    assertThat(DEFAULTS.with(RecipeDraft.toYaml(recipe), "again").recipe()).isEqualTo(recipe);
  }

  @Test
  void theReportsRecipeHasItsNumbers() {
    Recipe recipe =
        DEFAULTS.with(ShippedRecipes.text("wrn-22-2-cifar-10-rigl-erk-90"), "report").recipe();
    assertThat(recipe.training().optimizer())
        .isEqualTo(new Recipe.Optimizer("sgd", 0.9, true, 0.999, 1e-8, 5e-4, false));
    assertThat(recipe.training().schedule())
        .isEqualTo(new Recipe.Schedule("step", 0.1, List.of(0.31, 0.61, 0.92), 0.2, 2, 2, 0));
    assertThat(recipe.sparsity().update())
        .isEqualTo(
            new Recipe.Update(
                100, 0.3, "cosine", 3, 0, 0.75, "authors", null, null, 1, "exact", 0.9));
  }

  @Test
  void laterFieldsWin() {
    Recipe recipe =
        DEFAULTS
            .with("training: {epochs: 7, schedule: {lr: 2}}", "a.yaml")
            .with("# nothing", "b.yaml")
            .with(List.of("training", "schedule", "at"), "[0.5, 0.75]", "--set")
            .with(List.of("training", "epochs"), "8", "--set")
            .recipe();
    assertThat(recipe.training().epochs()).isEqualTo(8);
    assertThat(recipe.training().schedule().lr()).isEqualTo(2);
    assertThat(recipe.training().schedule().at()).containsExactly(0.5, 0.75);
    assertThat(recipe.training().batchSize()).isEqualTo(DEFAULTS.recipe().training().batchSize());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{trainig: {epochs: 3}} | r.yaml: unknown field trainig; did you mean training?",
        "{training: {epocs: 3}} | r.yaml: unknown field training.epocs; did you mean"
            + " training.epochs?",
        "{training: {xyzzy: 3}} | known: epochs multiplier batch-size accumulate optimizer schedule loss"
            + " clip",
        "{training: 3} | r.yaml: training is a block with the fields epochs",
        "{training: {epochs: {a: 1}}} | r.yaml: training.epochs must be a whole number, not {",
        "[1, 2] | r.yaml is no recipe",
        "{training: {epochs: 3, epochs: 4}} | r.yaml, line 1, column 30: Duplicate field 'epochs'",
        "{training: | r.yaml, line 1",
        "{data: &a {name: shapes}} | anchors (&), aliases (*) and tags (!)",
        "{name: *a} | anchors (&), aliases (*) and tags (!)",
        "{name: !!java.lang.Thread x} | anchors (&), aliases (*) and tags (!)",
        "{training: {epochs: 3}} --- {} | r.yaml, line 1",
      })
  void unreadableRecipesAreRefused(String yaml, String message) {
    assertThatThrownBy(() -> DEFAULTS.with(yaml, "r.yaml"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sparsity.target | 1.0 | sparsity.target must be at least 0 and below 1, not 1.0",
        "sparsity.target | -0.1 | sparsity.target must be at least 0 and below 1, not -0.1",
        "sparsity.target | .nan | --set sparsity.target, line 1",
        "sparsity.target | high | sparsity.target must be a number, not \"high\"",
        "sparsity.target | null | sparsity.target must be a number, not null",
        "sparsity.layers | [0.5] | sparsity.layers must be numbers by name, such as {conv1: 0.5}",
        "sparsity.layers | {conv1: high} | sparsity.layers must be numbers by name",
        "sparsity.layers | {conv1: 1.0} | sparsity.layers must have sparsities of at least 0 and"
            + " below 1, not conv1=1.0",
        "sparsity.dense | first | sparsity.dense must be a list of names or null, not",
        "sparsity.method | null | sparsity.method must be a text, not null",
        "sparsity.update.every | 0 | sparsity.update.every must be at least 1 step, not 0",
        "sparsity.update.fraction | 1.5 | sparsity.update.fraction must be from 0 to 1, not 1.5",
        "sparsity.update.begin | 0.8 | sparsity.update.begin must be from 0 to update.end, not 0.8",
        "sparsity.update.power | 0 | sparsity.update.power must be above 0, not 0.0",
        "sparsity.redistribution | 1 | sparsity.redistribution must be a text or null, not 1",
        "training.epochs | 0 | training.epochs must be at least 1, not 0",
        "training.epochs | 1.5 | training.epochs must be a whole number, not 1.5",
        "training.epochs | 99999999999 | training.epochs: ",
        "training.multiplier | 0.01 | training.multiplier must be above 0 and leave at least one"
            + " epoch",
        "training.optimizer.nesterov | 1 | training.optimizer.nesterov must be true or false, not"
            + " 1",
        "training.optimizer.momentum | 1 | training.optimizer.momentum must be at least 0 and below"
            + " 1",
        "training.optimizer.beta2 | 1 | training.optimizer.beta2 must be at least 0 and below 1",
        "training.optimizer.epsilon | 0 | training.optimizer.epsilon must be above 0",
        "training.accumulate | 0 | training.accumulate must be at least 1, not 0",
        "training.clip | 0 | training.clip must be above 0, not 0.0",
        "training.clip | long | training.clip must be a number or null, not",
        "training.schedule.lr | 0 | training.schedule.lr must be above 0, not 0.0",
        "training.schedule.lr | .inf | training.schedule.lr",
        "training.schedule.lr | fast | training.schedule.lr must be a number or null, not",
        "training.schedule.restarts | -1 | training.schedule.restarts must be from 0 to 100, not -1",
        "training.schedule.period-factor | 0.5 | training.schedule.period-factor must be from 1",
        "training.schedule.at | 0.5 | training.schedule.at must be a list of numbers, not 0.5",
        "training.schedule.at | [0.5, no] | training.schedule.at must be a list of numbers",
        "training.schedule.at | [0.5, null] | training.schedule.at must be a list of numbers",
        "training.loss.label-smoothing | 1 | training.loss.label-smoothing must be at least 0",
        "tweak.averaging.start | 1 | tweak.averaging.start must be at least 0 and below 1, not 1",
        "tweak.averaging.start | late | tweak.averaging.start must be a number or null, not",
        "tweak.averaging.every | 0 | tweak.averaging.every must be at least 1 epoch, not 0",
        "tweak.averaging.lr | 0 | tweak.averaging.lr must be above 0, not 0",
        "tweak.distillation.weight | 1.1 | tweak.distillation.weight must be from 0 to 1, not 1.1",
        "tweak.distillation.temperature | 0 | tweak.distillation.temperature must be above 0, not 0",
        "tweak.distillation.teacher | 7 | tweak.distillation.teacher must be a text or null, not 7",
        "tweak.rescaled-init.iterations | 0 | tweak.rescaled-init.iterations must be at least 1, not 0",
        "tweak.rescaled-init.lr | 0 | tweak.rescaled-init.lr must be above 0, not 0",
        "tweak.rescaled-init.step-length | -1 | tweak.rescaled-init.step-length must be above 0",
        "tweak.rescaled-init.longest-gradient | 0 | longest-gradient must be above 0, not 0",
        "tweak.rescaled-init.least-scale | 2 | tweak.rescaled-init.least-scale must be from 0 to 1",
        "run.layer-metrics | density | run.layer-metrics must be a list of names or null, not",
        "run.threads | -1 | run.threads must be from 0 (all processors) to 1024, not -1",
        "data.augment | crop | data.augment must be a list of names or null, not \"crop\"",
        "name | 7 | name must be a text or null, not 7",
        "name | ../up | recipe: name must be of letters",
      })
  void valuesOutOfRangeAreNamedByTheirPath(String path, String value, String message) {
    assertThatThrownBy(
            () -> DEFAULTS.with(List.of(path.split("\\.")), value, "--set " + path).recipe())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource({"5e-4, 0.0005", "5.0E-4, 0.0005", "1, 1", "0.25, 0.25", "1e1, 10"})
  void numbersMayHaveAnyUsualForm(String text, double value) {
    Recipe recipe =
        DEFAULTS.with(List.of("training", "optimizer", "weight-decay"), text, "option").recipe();
    assertThat(recipe.training().optimizer().weightDecay()).isEqualTo(value);
  }

  @Test
  void aTextWithoutEndIsRefused() {
    assertThatThrownBy(() -> DEFAULTS.with("#".repeat(YamlReader.LONGEST_TEXT + 1), "r.yaml"))
        .hasMessageContaining("r.yaml is longer than");
    assertThatThrownBy(() -> DEFAULTS.with("[".repeat(1000), "r.yaml"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("r.yaml");
  }

  @Test
  void damagedRecipesGiveClearErrorsOrValidRecipes() throws Exception {
    String words = "&a |*a|!!x|[[[|{|: |- |'|\"|#|\n|\t|---|...|<<: *a|.nan|1e999|-1|null|~|? |%|@";
    int refused =
        Damage.ofText("recipe", words.split("\\|"))
            .refusals(
                ShippedRecipes.text("wrn-22-2-cifar-10-rigl-erk-90").getBytes(UTF_8),
                IllegalArgumentException.class,
                "recipe",
                damaged -> {
                  Recipe recipe =
                      DEFAULTS.with(new String(damaged, ISO_8859_1), "recipe.yaml").recipe();
                  assertThat(recipe.sparsity().target()).isBetween(0.0, 1.0);
                });
    assertThat(refused).isBetween(Damage.VERSIONS / 5, Damage.VERSIONS - 1);
  }

  @ParameterizedTest
  @CsvSource({
    "epochs, epochs, 0",
    "epocs, epochs, 1",
    "epcohs, epochs, 1",
    "'', abc, 3",
    "cifar10, cifar-10, 1"
  })
  void distanceCountsEdits(String one, String other, int edits) {
    assertThat(NearestName.distance(one, other)).isEqualTo(edits);
    assertThat(NearestName.distance(other, one)).isEqualTo(edits);
  }
}
