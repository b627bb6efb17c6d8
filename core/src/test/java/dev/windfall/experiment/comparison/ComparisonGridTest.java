package dev.windfall.experiment.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.cost.NetworkCost;
import dev.windfall.data.Dataset;
import dev.windfall.data.ImageSet;
import dev.windfall.data.ImageShape;
import dev.windfall.data.InMemoryImageSet;
import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.RunPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ComparisonGridTest {

  /** Black images with the shape and the classes of digits. */
  private record Digits() implements Dataset {
    @Override
    public String name() {
      return "mnist";
    }

    @Override
    public ImageShape shape() {
      return new ImageShape(1, 28, 28);
    }

    @Override
    public List<String> classNames() {
      return IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    }

    @Override
    public ImageSet train() {
      return new InMemoryImageSet(shape(), new byte[200 * shape().size()], new byte[200]);
    }

    @Override
    public ImageSet test() {
      return train();
    }
  }

  private static List<ComparisonRow> rows(String fields) throws IOException {
    return rows(fields, draft -> draft);
  }

  private static List<ComparisonRow> rows(String fields, UnaryOperator<RecipeDraft> overrides)
      throws IOException {
    String yaml =
        """
        name: c
        set: {model.name: lenet-5, data.name: mnist, training.epochs: 10, run.engine: reference}
        """;
    Comparison comparison = ComparisonFile.read(yaml + fields, "c.yaml", Path.of(""), overrides);
    return ComparisonGrid.rows(comparison, Map.of("mnist", new Digits()));
  }

  private static ComparisonRow row(List<ComparisonRow> rows, String key) {
    return rows.stream().filter(row -> row.key().endsWith(key)).findFirst().orElseThrow();
  }

  @Test
  void theGridHasDenseRowsFirstAndThenEverySparsityWithItsMethods() throws IOException {
    assertThat(
            rows(
                """
                methods: [small-dense, rigl]
                sparsities: [0.8, 0.95]
                distributions: [uniform, erk]
                dense-multipliers: [1, 5]
                """))
        .extracting(ComparisonRow::key)
        .containsExactly(
            "lenet-5-mnist-dense-1x",
            "lenet-5-mnist-dense-5x",
            "lenet-5-mnist-small-dense-0.8-1x",
            "lenet-5-mnist-rigl-uniform-0.8-1x",
            "lenet-5-mnist-rigl-erk-0.8-1x",
            "lenet-5-mnist-small-dense-0.95-1x",
            "lenet-5-mnist-rigl-uniform-0.95-1x",
            "lenet-5-mnist-rigl-erk-0.95-1x");
  }

  @Test
  void everyRunHasItsSeedAndAFolderOfItsOwn() throws IOException {
    List<ComparisonRow> rows = rows("methods: [static, set]");
    List<ComparisonRun> runs = ComparisonRun.all(rows, List.of(4L, 7L));
    assertThat(runs).extracting(ComparisonRun::name).doesNotHaveDuplicates().hasSize(6);
    assertThat(runs).extracting(ComparisonRun::seed).containsExactly(4L, 4L, 4L, 7L, 7L, 7L);
    assertThat(runs.getLast().row().recipe(7, 3).run().seed()).isEqualTo(7);
    assertThat(runs.getLast().row().recipe(7, 3).name()).isEqualTo(runs.getLast().name());
  }

  @Test
  void uniformAndErkCostTheSameForwardAtEqualInferenceFlops() throws IOException {
    List<ComparisonRow> rows =
        rows(
            """
            methods: [small-dense, rigl]
            sparsities: [0.8, 0.9]
            distributions: [uniform, er, erk]
            budget: inference-flops
            """,
            // Uniform else keeps the first layer dense, which takes more than a fifth.
            draft -> draft.with(List.of("sparsity", "dense"), "[]", "test"));
    for (double sparsity : new double[] {0.8, 0.9}) {
      List<ComparisonRow> level = rows.stream().filter(it -> it.sparsity() == sparsity).toList();
      assertThat(level).hasSize(4);
      for (ComparisonRow row : level) {
        NetworkCost dense = row.baseline().cost();
        double share = (double) row.cost().inferenceFlops() / dense.denseFlops();
        // A connection of the first layer is 2 · 28 · 28 operations; a width moves whole channels.
        double coarseness =
            row.method().equals("small-dense") ? 0.05 : 2.0 * 28 * 28 / dense.denseFlops();
        assertThat(share).as(row.key()).isCloseTo(1 - sparsity, within(coarseness));
        assertThat(row.spending().spent()).isEqualTo((double) row.cost().inferenceFlops());
        assertThat(row.spending().allowed())
            .isCloseTo((1 - sparsity) * dense.denseFlops(), within(1.0));
      }
      // Counted exactly as the runs will have them.
      for (ComparisonRow row : level) {
        RunPlan plan = RunPlan.of(row.recipe(1, 1), new Digits());
        assertThat(plan.densities().connections()).isEqualTo(row.cost().activeWeights());
      }
    }
  }

  @Test
  void allRowsHaveAsManyWeightsAtEqualParameters() throws IOException {
    List<ComparisonRow> rows =
        rows(
            """
            methods: [small-dense, static]
            sparsities: 0.9
            distributions: [uniform, erk]
            budget: parameters
            """);
    long allowed = 4419; // A tenth of LeNet-5's 44,190 prunable weights.
    assertThat(row(rows, "uniform-0.9-1x").cost().activeWeights())
        .isBetween(allowed - 1, allowed + 1);
    assertThat(row(rows, "erk-0.9-1x").cost().activeWeights()).isBetween(allowed - 4, allowed + 4);
    ComparisonRow small = row(rows, "small-dense-0.9-1x");
    assertThat((double) small.cost().activeWeights() / allowed).isCloseTo(1, within(0.05));
    assertThat(small.cost().activeWeights()).isEqualTo(small.cost().totalWeights());
    assertThat(small.recipe(1, 1).model().width()).isBetween(0.2, 0.5);
    assertThat(small.spending().spent()).isEqualTo((double) small.cost().activeWeights());
  }

  @ParameterizedTest
  @CsvSource({"epochs, uniform, 0.9", "epochs, erk, 0.75", "inference-flops, erk, 0.9"})
  void aBigSparseNetworkHasWhatTheDenseOneHas(String budget, String distribution, double sparsity)
      throws IOException {
    List<ComparisonRow> rows =
        rows(
            """
            methods: [big-sparse]
            sparsities: %s
            distributions: %s
            budget: %s
            """
                .formatted(sparsity, distribution, budget));
    ComparisonRow big = row(rows, "big-sparse-%s-%s-1x".formatted(distribution, sparsity));
    NetworkCost dense = big.baseline().cost();
    double share =
        budget.equals("epochs")
            ? (double) big.cost().activeWeights() / dense.totalWeights()
            : (double) big.cost().inferenceFlops() / dense.denseFlops();
    // A width moves whole channels; the narrowest layer has six.
    assertThat(share).isCloseTo(1, within(0.05));
    assertThat(big.recipe(1, 1).model().width()).isBetween(1.5, 5.0);
    assertThat(big.recipe(1, 1).sparsity().method()).isEqualTo("rigl");
    RunPlan plan = RunPlan.of(big.recipe(1, 1), new Digits());
    assertThat(plan.densities().connections()).isEqualTo(big.cost().activeWeights());
    assertThat(plan.densities().sparsity())
        .isCloseTo(sparsity, within(distribution.equals("uniform") ? 0.01 : 1e-4));
  }

  @Test
  void aBigSparseNetworkNeedsASparseMethod() {
    assertThatThrownBy(
            () ->
                rows(
                    "methods: big-sparse",
                    draft -> draft.with(List.of("sparsity", "method"), "dense", "test")))
        .hasMessageContaining("it is trained by the recipe's sparsity.method, and dense makes no");
  }

  @Test
  void retrainingHasTheLengthsOfTheDenseRowsAndNoSparsity() throws IOException {
    List<ComparisonRow> rows =
        rows(
            """
            methods: [retraining, static]
            sparsities: [0.8, 0.9]
            budget: training-flops
            dense-multipliers: [1, 5]
            """);
    assertThat(rows)
        .extracting(ComparisonRow::key)
        .containsExactly(
            "lenet-5-mnist-dense-1x",
            "lenet-5-mnist-dense-5x",
            "lenet-5-mnist-retraining-1x",
            "lenet-5-mnist-retraining-5x",
            "lenet-5-mnist-static-erk-0.8-1x",
            "lenet-5-mnist-static-erk-0.9-1x");
    ComparisonRow longer = row(rows, "retraining-5x");
    assertThat(longer.recipe(1, 1).training().scaledEpochs()).isEqualTo(50);
    assertThat(longer.spending().ratio()).isEqualTo(1);
    assertThat(longer.cost().activeWeights()).isEqualTo(longer.cost().totalWeights());
    assertThat(ComparisonGrid.referenceOf(longer, Comparison.Choice.DENSE, rows))
        .contains(rows.get(1));
  }

  @Test
  void trainingIsAsMuchLongerAsItsStepsAreCheaperAtEqualTrainingFlops() throws IOException {
    List<ComparisonRow> rows =
        rows(
            """
            methods: [static]
            sparsities: [0.8]
            distributions: [erk]
            budget: training-flops
            dense-multipliers: [1, 2]
            """);
    ComparisonRow sparse = row(rows, "static-erk-0.8-1x");
    double share = (double) sparse.cost().inferenceFlops() / sparse.cost().denseFlops();
    int epochs = sparse.recipe(1, 1).training().scaledEpochs();
    assertThat(epochs).isEqualTo((int) Math.round(10 / share)).isGreaterThan(15);
    assertThat(sparse.spending().ratio()).isCloseTo(share * epochs / 10, within(1e-12));
    assertThat(sparse.spending().ratio()).isCloseTo(1, within(0.5 / epochs + 1e-9));
    assertThat(row(rows, "dense-2x").recipe(1, 1).training().scaledEpochs()).isEqualTo(20);
  }

  /** SNFS takes 2 f and a dense one in every step; scores before the training take no steps. */
  @Test
  void averagedGradientsAndScoresHaveTheirShareOfEqualTrainingFlops() throws IOException {
    List<ComparisonRow> rows =
        rows(
            """
            methods: [snfs, snip]
            sparsities: [0.8]
            distributions: [erk]
            budget: training-flops
            """);
    ComparisonRow snfs = row(rows, "snfs-erk-0.8-1x");
    double share = (double) snfs.cost().inferenceFlops() / snfs.cost().denseFlops();
    assertThat(snfs.recipe(1, 1).training().scaledEpochs())
        .isEqualTo((int) Math.round(30 / (2 * share + 1)));
    assertThat(row(rows, "snip-erk-0.8-1x").recipe(1, 1).training().scaledEpochs())
        .isEqualTo((int) Math.round(10 / share));
  }

  @Test
  void everyRowHasEveryLengthOfAMultiplier() throws IOException {
    List<ComparisonRow> rows =
        rows(
            """
            methods: rigl
            budget: multiplier
            multipliers: [1, 2]
            dense-multipliers: 5
            """);
    assertThat(rows)
        .extracting(row -> row.method() + row.recipe(1, 1).training().scaledEpochs())
        .containsExactly("dense10", "dense20", "dense50", "rigl10", "rigl20");
    assertThat(ComparisonGrid.referenceOf(rows.getLast(), Comparison.Choice.DENSE, rows))
        .contains(rows.get(1));
  }

  @Test
  void aMethodsOwnLengthAndFieldsMakeItsRows() throws IOException {
    List<ComparisonRow> rows =
        rows(
            """
            methods: [rigl 5x, rigl, rigl 1x, gmp/uniform]
            sparsities: 0.9
            budget: multiplier
            multipliers: 1
            set-for: {gmp: {sparsity.update.every: 77}}
            """);
    assertThat(rows)
        .extracting(ComparisonRow::key)
        .containsExactly(
            "lenet-5-mnist-dense-1x",
            "lenet-5-mnist-dense-5x",
            "lenet-5-mnist-rigl-erk-0.9-5x",
            "lenet-5-mnist-rigl-erk-0.9-1x",
            "lenet-5-mnist-gmp-uniform-0.9-1x");
    assertThat(rows)
        .extracting(row -> row.recipe(1, 1).training().scaledEpochs())
        .containsExactly(10, 50, 50, 10, 10);
    assertThat(rows)
        .extracting(row -> row.recipe(1, 1).sparsity().update().every())
        .containsExactly(100L, 100L, 100L, 100L, 77L);
  }

  @Test
  void theDenseRowHasTheLengthsOfSingleMethodsUpToFive() throws IOException {
    assertThat(
            rows(
                """
                methods: [rigl 1.5x, static 5x, set 6x, gmp 100x]
                budget: multiplier
                multipliers: 1
                """))
        .extracting(ComparisonRow::key)
        .startsWith(
            "lenet-5-mnist-dense-1x",
            "lenet-5-mnist-dense-1.5x",
            "lenet-5-mnist-dense-5x",
            "lenet-5-mnist-rigl-erk-0.9-1.5x");
  }

  @ParameterizedTest
  @CsvSource({
    "inference-flops, rigl/er rigl-sm rigl-sg snfs",
    "training-flops, rigl/er rigl-sm rigl-sg snfs gmp/global one-shot/global snip/global",
    "epochs, ''",
    "parameters, ''"
  })
  void whatIsSpentIsCertainUnlessLayersChangeTheirShares(String budget, String uncertain)
      throws IOException {
    String global =
        budget.equals("inference-flops") ? "" : ", gmp/global, one-shot/global, snip/global";
    List<ComparisonRow> rows =
        rows(
            """
            methods: [small-dense, static, set, rigl, rigl/er, rigl-sm, rigl-sg, snfs, gmp, snip/erk%s]
            distributions: erk
            budget: %s
            set-for: {rigl/er: {sparsity.redistribution: momentum}}
            """
                .formatted(global, budget));
    assertThat(
            rows.stream()
                .filter(row -> !row.spending().isCertain())
                .map(
                    row ->
                        "erk".equals(row.distribution())
                            ? row.method()
                            : row.method() + "/" + row.distribution()))
        .containsExactly(uncertain.isEmpty() ? new String[0] : uncertain.split(" "));
  }

  @Test
  void layersThatAreRankedTogetherHaveNoInferenceFlopsToSolveFor() throws IOException {
    assertThatThrownBy(
            () ->
                rows(
                    """
                    methods: gmp/global
                    budget: inference-flops
                    """))
        .hasMessageContaining("gmp (global) at sparsity 0.9: which layers keep their connections");
    // The dense network has no distribution, whatever the recipe says of it.
    assertThat(
            rows(
                """
                methods: small-dense
                budget: inference-flops
                """,
                draft -> draft.with(List.of("sparsity", "distribution"), "global", "test")))
        .hasSize(2);
  }

  @Test
  void rowsThatBeginAfterOthersComeLastAndCountAsTheyDo() throws IOException {
    List<ComparisonRow> rows =
        rows(
            """
            after:
              lottery: {method: static, mask-from: gmp/global}
              re-initialised: {method: rigl, densities-from: rigl-sm/erk}
            methods: [lottery, re-initialised, gmp/global, rigl-sm/erk]
            sparsities: [0.8, 0.9]
            budget: multiplier
            multipliers: [1, 2]
            """);
    assertThat(rows.subList(2, 10))
        .extracting(ComparisonRow::key)
        .containsExactly(
            "lenet-5-mnist-gmp-global-0.8-1x",
            "lenet-5-mnist-gmp-global-0.8-2x",
            "lenet-5-mnist-rigl-sm-erk-0.8-1x",
            "lenet-5-mnist-rigl-sm-erk-0.8-2x",
            "lenet-5-mnist-lottery-0.8-1x",
            "lenet-5-mnist-lottery-0.8-2x",
            "lenet-5-mnist-re-initialised-0.8-1x",
            "lenet-5-mnist-re-initialised-0.8-2x");
    Map<String, String> sources = Map.of("lottery", "gmp-global", "re-initialised", "rigl-sm-erk");
    for (Map.Entry<String, String> after : sources.entrySet()) {
      ComparisonRow own = row(rows, after.getKey() + "-0.9-2x");
      ComparisonRow source = row(rows, after.getValue() + "-0.9-2x");
      assertThat(own.cost()).isEqualTo(source.cost());
      assertThat(new ComparisonRun(own, 3).needs()).containsExactly(new ComparisonRun(source, 3));
      assertThat(new ComparisonRun(source, 3).needs()).isEmpty();
      // What stands in for the connections that are not there yet.
      RunPlan plan = RunPlan.of(own.recipe(3, 1), new Digits());
      assertThat(plan.densities().connections()).isEqualTo(source.cost().activeWeights());
      assertThat(plan.training().epochs()).isEqualTo(20);
      Path runs = Path.of("somewhere");
      Recipe.Sparsity begins = new ComparisonRun(own, 3).recipe(runs, 1).sparsity();
      String folder = runs.resolve(source.key() + "-seed-3").toString();
      assertThat(begins.mask()).isEqualTo(own.method().equals("lottery") ? folder : null);
      assertThat(begins.densitiesFrom()).isEqualTo(own.method().equals("lottery") ? null : folder);
      assertThat(begins.layers()).isEmpty();
    }
    assertThat(ComparisonGrid.referenceOf(rows.getFirst(), Comparison.Choice.DENSE, rows))
        .contains(rows.getFirst());
  }

  @Test
  void whatARowBeginsAfterMustHaveItsLength() {
    assertThatThrownBy(
            () ->
                rows(
                    """
                    after: {lottery: {method: static, mask-from: gmp/global}}
                    methods: [gmp/global, lottery 2x]
                    sparsities: 0.9
                    budget: multiplier
                    multipliers: 1
                    """))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "lottery at sparsity 0.9: it begins with what gmp/global of the same length ends with,"
                + " so methods must name 'gmp/global 2x', too");
  }

  @Test
  void refusesABudgetThatCannotBeKeptTo() {
    // Uniform keeps the first layer dense, which alone takes more than a hundredth.
    assertThatThrownBy(
            () ->
                rows(
                    """
                    methods: rigl
                    sparsities: 0.99
                    distributions: uniform
                    budget: inference-flops
                    """))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rigl (uniform) at sparsity 0.99: a budget of inference-flops");
  }
}
