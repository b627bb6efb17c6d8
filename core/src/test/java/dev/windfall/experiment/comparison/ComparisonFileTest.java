package dev.windfall.experiment.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.experiment.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ComparisonFileTest {

  @TempDir Path folder;

  private Comparison read(String yaml) throws IOException {
    return ComparisonFile.read(yaml, "c.yaml", folder, draft -> draft);
  }

  @Test
  void whatIsLeftOutComesFromTheRecipe() throws IOException {
    Comparison comparison = read("{name: c, methods: rigl, recipe: lenet-5-fashion-mnist}");
    assertThat(comparison.models()).containsExactly("lenet-5");
    assertThat(comparison.data()).containsExactly("fashion-mnist");
    assertThat(comparison.sparsities()).containsExactly(0.9);
    assertThat(comparison.methods())
        .extracting(Comparison.Choice::label)
        .containsExactly("rigl/erk");
    assertThat(comparison.seeds()).containsExactly(1L);
    assertThat(comparison.budget()).isEqualTo(Budget.EPOCHS);
    assertThat(comparison.denseLengths()).containsExactly(1.0);
    assertThat(comparison.reference().label()).isEqualTo("dense");
  }

  @Test
  void fieldsAreLaidOverARecipesFileBesideTheComparison() throws IOException {
    Files.writeString(folder.resolve("mine.yaml"), "training: {epochs: 7, batch-size: 32}");
    Recipe recipe =
        ComparisonFile.read(
                """
                name: c
                recipe: mine.yaml
                set: {training.epochs: 3, sparsity: {update: {every: 9}}, data.augment: [flip]}
                methods: [set, rigl]
                """,
                "c.yaml",
                folder,
                draft -> draft.with(List.of("run", "threads"), "2", "--set"))
            .base()
            .recipe();
    assertThat(recipe.training().epochs()).isEqualTo(3);
    assertThat(recipe.training().batchSize()).isEqualTo(32);
    assertThat(recipe.sparsity().update().every()).isEqualTo(9);
    assertThat(recipe.data().augment()).containsExactly("flip");
    assertThat(recipe.run().threads()).isEqualTo(2);
  }

  @Test
  void aMethodMaySayItsDistribution() throws IOException {
    assertThat(
            read("""
                    name: c
                    methods: [small-dense, rigl, set/er, gmp/global, rigl/erk]
                    distributions: [uniform, erk]
                    """)
                .methods())
        .extracting(Comparison.Choice::label)
        .containsExactly("small-dense", "rigl/uniform", "rigl/erk", "set/er", "gmp/global");
  }

  @Test
  void aMethodMaySayItsLength() throws IOException {
    Comparison read =
        read(
            """
            name: c
            methods: [small-dense 5x, rigl/erk, rigl/erk 1.5x, big-sparse]
            distributions: [uniform, erk]
            budget: multiplier
            multipliers: [1, 2]
            """);
    assertThat(read.methods())
        .containsExactly(
            new Comparison.Choice("small-dense", null, 5.0),
            new Comparison.Choice("rigl", "erk", null),
            new Comparison.Choice("rigl", "erk", 1.5),
            new Comparison.Choice("big-sparse", "uniform", null),
            new Comparison.Choice("big-sparse", "erk", null));
    assertThat(read.lengths(read.methods().get(1))).containsExactly(1.0, 2.0);
    assertThat(read.lengths(read.methods().get(2))).containsExactly(1.5);
  }

  @Test
  void aMethodMayBeginWithFieldsOfItsOwn() throws IOException {
    Comparison read =
        ComparisonFile.read(
            """
            name: c
            methods: [gmp, rigl]
            set: {sparsity.update.every: 50}
            set-for:
              gmp: {sparsity.update.begin: 0.1, sparsity.update.every: 1000}
              gmp/global: {sparsity.update.begin: 0.2}
              dense: {training.schedule.lr: 0.3}
            """,
            "c.yaml",
            Path.of(""),
            draft -> draft.with(List.of("training", "epochs"), "7", "--set"));
    Recipe.Update gmp = read.base("gmp", "erk").recipe().sparsity().update();
    assertThat(gmp.begin()).isEqualTo(0.1);
    assertThat(gmp.every()).isEqualTo(1000);
    Recipe.Update global = read.base("gmp", "global").recipe().sparsity().update();
    assertThat(global.begin()).isEqualTo(0.2);
    assertThat(global.every()).isEqualTo(1000);
    assertThat(read.base("rigl", "erk").recipe().sparsity().update().every()).isEqualTo(50);
    assertThat(read.base("dense", null).recipe().training().schedule().lr()).isEqualTo(0.3);
    assertThat(read.base("dense", null).recipe().training().epochs()).isEqualTo(7);
  }

  @Test
  void aMethodMayBeginWithInitialWeightsOfItsOwn() throws IOException {
    Comparison read =
        read(
            """
            name: c
            methods: [snip, rigl]
            set: {model: {name: resnet-18, zero-init-residual: true, init: he-fan-out}}
            set-for: {snip: {model.zero-init-residual: false, model.init: he-fan-in}}
            """);
    Recipe.Model snip = read.base("snip", "global").recipe().model();
    assertThat(snip.zeroInitResidual()).isFalse();
    assertThat(snip.init()).isEqualTo("he-fan-in");
    assertThat(read.base("rigl", "erk").recipe().model().zeroInitResidual()).isTrue();
  }

  @Test
  void whereNobodySaysADistributionItIsTheMethodsUsualOne() throws IOException {
    String yaml = "{name: c, methods: [snfs, snip, grasp, synflow, gmp]%s}";
    assertThat(read(yaml.formatted("")).methods())
        .extracting(Comparison.Choice::label)
        .containsExactly("snfs/erk", "snip/global", "grasp/global", "synflow/global", "gmp/erk");
    assertThat(read(yaml.formatted(", distributions: uniform")).methods())
        .extracting(Comparison.Choice::distribution)
        .containsOnly("uniform");
    assertThat(read(yaml.formatted(", set: {sparsity.distribution: er}")).methods())
        .extracting(Comparison.Choice::distribution)
        .containsOnly("er");
  }

  @Test
  void aReferenceIsAMethodWithItsDistribution() throws IOException {
    String yaml = "{name: c, methods: [set, rigl], distributions: [uniform, erk], reference: %s}";
    assertThat(read(yaml.formatted("rigl")).reference().label()).isEqualTo("rigl/uniform");
    assertThat(read(yaml.formatted("rigl/erk")).reference().label()).isEqualTo("rigl/erk");
  }

  @Test
  void aRowMayBeginWithWhatAnotherEndedWith() throws IOException {
    Comparison read =
        read(
            """
            name: c
            after:
              lottery: {method: static, mask-from: gmp/global}
              re-initialised: {method: rigl, densities-from: rigl-sm}
            methods: [lottery 2x, re-initialised, gmp/global, gmp/global 2x, rigl-sm]
            set-for: {lottery: {training.schedule.lr: 0.3}}
            budget: multiplier
            multipliers: 1
            reference: lottery
            """);
    assertThat(read.methods().subList(0, 2))
        .containsExactly(
            new Comparison.Choice("lottery", null, 2.0),
            new Comparison.Choice("re-initialised", null, null));
    assertThat(read.after())
        .isEqualTo(
            Map.of(
                "lottery",
                new Comparison.After(
                    "static",
                    Inheritance.CONNECTIONS,
                    new Comparison.Choice("gmp", "global", null)),
                "re-initialised",
                new Comparison.After(
                    "rigl", Inheritance.DENSITIES, new Comparison.Choice("rigl-sm", "erk", null))));
    assertThat(read.base("lottery", null).recipe().training().schedule().lr()).isEqualTo(0.3);
    assertThat(read.reference().label()).isEqualTo("lottery");
  }

  @Test
  void everyShippedComparisonCanBeRead() throws IOException {
    for (String name : ShippedComparisons.FILES.names()) {
      Comparison shipped = read(ShippedComparisons.FILES.text(name));
      assertThat(shipped.name()).isEqualTo(name);
      assertThat(ShippedComparisons.FILES.description(name)).isNotBlank();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {name: c, methods: rigl, sparsitys: 0.9}         | unknown field 'sparsitys'; did you mean sparsities?
          {name: c, methods: [rigI]}                       | unknown methods 'rigI'; did you mean rigl?
          {name: c, methods: rigl, distributions: erc}     | unknown distributions 'erc'; did you mean
          {name: c, methods: rigl, budget: flops-training} | unknown budget 'flops-training'; known: epochs
          {name: c, methods: rigl, budget: inference-flop} | did you mean inference-flops?
          {name: c, methods: rigl, reference: set}         | unknown reference 'set'
          {name: c, methods: [dense, rigl]}                | methods need not name dense
          {name: c}                                        | methods must name at least one of small-dense retraining big-sparse static
          {methods: rigl}                                  | name must be there
          {name: ../c, methods: rigl}                      | name must be there
          {name: c, methods: rigl, sparsities: [0.9, 1]}   | sparsities must be numbers above 0 and below 1, not 1
          {name: c, methods: rigl, sparsities: []}         | sparsities must have at least one value
          {name: c, methods: rigl, seeds: [1, 1]}          | none twice
          {name: c, methods: rigl, seeds: 1.5}             | seeds must be whole numbers, not 1.5
          {name: c, methods: rigl, multipliers: 2}         | multipliers belong to 'budget: multiplier'
          {name: c, methods: rigl, budget: multiplier}     | multipliers belong to 'budget: multiplier'
          {name: c, methods: rigl, set: {training.epoch: 1}} | set.training.epoch: unknown field training.epoch; did you mean training.epochs?
          {name: c, methods: rigl 2x}                      | under 'budget: multiplier', not 'rigl 2x' here
          {name: c, methods: rigl 2000x, budget: multiplier, multipliers: 1} | not 'rigl 2000x' here
          {name: c, methods: retraining 2x, budget: multiplier, multipliers: 1} | not 'retraining 2x' here
          {name: c, methods: rigl x2}                      | unknown methods 'rigl x2'; did you mean rigl?
          {name: c, methods: rigl, set-for: {gpm: {training.clip: 1}}} | unknown set-for 'gpm'; did you mean gmp?
          {name: c, methods: rigl, set-for: {gmp: {training.clips: 1}}} | set-for.gmp.training.clips: unknown field
          {name: c, methods: rigl, set-for: {gmp: {training.epochs: 1}}} | set-for must leave model (but for init and zero-init-residual), data, run and the length of the training of gmp
          {name: c, methods: rigl, set-for: {rigl: {model.width: 2}}} | set-for must leave model (but for init
          {name: c, methods: rigl, set: {sparsity.ticket: a}}      | set must leave sparsity.mask, sparsity.ticket and
          {name: c, methods: rigl, set-for: {rigl: {sparsity.ticket: a}}} | set-for.rigl must leave sparsity.mask, sparsity.ticket and
          {name: c, methods: rigl, set-for: {rigl/erk: {sparsity.mask: a}}} | set-for.rigl/erk must leave sparsity.mask
          {name: c, methods: rigl, set-for: {rigl: {sparsity.densities-from: a}}} | set-for.rigl must leave sparsity.mask
          {name: c, methods: rigl, set-for: 3}             | set-for must be names with recipe fields
          {name: c, methods: rigl, recipe: lenet-6}        | neither a file 'lenet-6' nor a shipped recipe
          [1, 2]                                           | is no comparison
          {name: c, methods: rigl, after: 3}               | after must be names, each with the fields method mask-from densities-from
          {name: c, methods: rigl, after: {a: 3}}          | after.a must have the fields method mask-from densities-from
          {name: c, methods: [gmp, a], after: {a: {method: static, mask-form: gmp}}} | unknown field 'after.a.mask-form'; did you mean after.a.mask-from?
          {name: c, methods: rigl, after: {rigl-erk: {method: static, mask-from: rigl}}} | after must have names of letters, digits, '.', '_' and '-' that are no method's, not 'rigl-erk'
          {name: c, methods: rigl, after: {dense: {method: static, mask-from: rigl}}} | that are no method's, not 'dense'
          {name: c, methods: rigl, after: {../a: {method: static, mask-from: rigl}}} | that are no method's, not '../a'
          {name: c, methods: rigl, after: {a: {method: static, mask-from: rigl}}} | after has 'a', which methods must name, too
          {name: c, methods: [gmp, a], after: {a: {method: static}}} | after.a must have either mask-from or densities-from
          {name: c, methods: [gmp, a], after: {a: {method: static, mask-from: gmp, densities-from: gmp}}} | after.a must have either mask-from or densities-from
          {name: c, methods: [gmp, a], after: {a: {mask-from: gmp}}} | after.a.method must be one of static set snfs rigl rigl-sm rigl-sg
          {name: c, methods: [gmp, a], after: {a: {method: gmp, mask-from: gmp}}} | unknown after.a.method 'gmp'
          {name: c, methods: [gmp, a], after: {a: {method: dense, densities-from: gmp}}} | unknown after.a.method 'dense'
          {name: c, methods: [gmp, a], after: {a: {method: static, mask-from: gmp/global}}} | after.a.mask-from must be one of the sparse methods that are compared (gmp gmp/erk), not gmp/global
          {name: c, methods: [big-sparse, a], after: {a: {method: static, mask-from: big-sparse}}} | after.a.mask-from must be one of the sparse methods that are compared (), not big-sparse
          {name: c, methods: [gmp, a, b], after: {a: {method: static, mask-from: gmp}, b: {method: static, mask-from: a}}} | after.b.mask-from must be one of
          {name: c, methods: [gmp, a], budget: parameters, after: {a: {method: static, mask-from: gmp}}} | after goes with the budgets epochs and multiplier, not with parameters
          {name: c, methods: [gmp, lotery], after: {lottery: {method: static, mask-from: gmp}}} | unknown methods 'lotery'; did you mean lottery?
          """)
  void refusesWhatItCannotRead(String yaml, String message) {
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
