package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.data.ChannelStatistics;
import dev.windfall.data.Dataset;
import dev.windfall.data.ImageSet;
import dev.windfall.data.ImageShape;
import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.RunPlan;
import dev.windfall.experiment.ShippedRecipes;
import dev.windfall.experiment.comparison.Comparison;
import dev.windfall.experiment.comparison.ComparisonFile;
import dev.windfall.experiment.comparison.ComparisonGrid;
import dev.windfall.experiment.comparison.ComparisonRow;
import dev.windfall.experiment.comparison.ShippedComparisons;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every shipped recipe becomes a plan of its own network on images like its data set's. */
final class ShippedRecipesTest {

  /** Black images with the shape and the classes of a known data set. */
  private record LikeKnown(String name) implements Dataset {
    @Override
    public ImageShape shape() {
      if (name.equals("image-folder")) {
        return new ImageShape(3, 224, 224);
      }
      return name.endsWith("mnist") ? new ImageShape(1, 28, 28) : new ImageShape(3, 32, 32);
    }

    @Override
    public List<String> classNames() {
      return IntStream.range(0, classes(name)).mapToObj(Integer::toString).toList();
    }

    @Override
    public ImageSet train() {
      // An epoch must have as many micro-batches as make a step.
      int images = name.equals("image-folder") ? 32 * 128 : 200;
      return new BlackImages(images);
    }

    @Override
    public ImageSet test() {
      return train();
    }

    /** Not counted over again for every plan. */
    @Override
    public ChannelStatistics statistics() {
      return new ChannelStatistics(
          Collections.nCopies(shape().channels(), 0.5),
          Collections.nCopies(shape().channels(), 0.25));
    }
  }

  /** Images that take no memory. */
  private record BlackImages(int count) implements ImageSet {
    @Override
    public int label(int index) {
      return 0;
    }

    @Override
    public void read(int index, byte[] into) {
      Arrays.fill(into, (byte) 0);
    }
  }

  private static int classes(String data) {
    return switch (data) {
      case "cifar-100" -> 100;
      case "image-folder" -> 1000;
      default -> 10;
    };
  }

  static List<String> names() {
    return ShippedRecipes.entries().stream().map(ShippedRecipes.Entry::name).toList();
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyRecipeBecomesAPlan(String name) {
    Recipe recipe = RecipeDraft.defaults().with(ShippedRecipes.text(name), name).recipe();
    RunPlan plan = RunPlan.of(recipe, new LikeKnown(recipe.data().name()));
    assertThat(plan.network().name()).isEqualTo(recipe.model().name());
    assertThat(plan.network().output().output().channels())
        .isEqualTo(classes(recipe.data().name()));
    assertThat(plan.training().epochs()).isEqualTo(recipe.training().epochs());
    // Of MobileNet's weights a ninetieth is in layers that stay dense.
    assertThat(plan.densities().sparsity())
        .isCloseTo(
            plan.method().sparse() ? 0.9 : 0, within(name.startsWith("mobilenet") ? 0.012 : 1e-3));
  }

  @ParameterizedTest
  @MethodSource("comparisons")
  void everyComparisonBecomesRowsAndPlans(String name) throws IOException {
    Comparison comparison =
        ComparisonFile.read(
            ShippedComparisons.FILES.text(name), name, Path.of(""), UnaryOperator.identity());
    Map<String, Dataset> data = new LinkedHashMap<>();
    comparison.data().forEach(known -> data.put(known, new LikeKnown(known)));
    List<ComparisonRow> rows = ComparisonGrid.rows(comparison, data);
    assertThat(rows)
        .hasSize(
            comparison.denseLengths().size()
                + comparison.sparsities().size()
                    * comparison.methods().stream()
                        .mapToInt(choice -> comparison.lengths(choice).size())
                        .sum());
    for (ComparisonRow row : rows) {
      RunPlan plan = RunPlan.of(row.recipe(1, 1), new LikeKnown(row.data()));
      assertThat(plan.training().epochs()).as(row.key()).isPositive();
      // Narrow perceptrons have few units.
      assertThat(row.spending().ratio()).as(row.key()).isCloseTo(1, within(0.1));
    }
  }

  static List<String> comparisons() {
    return ShippedComparisons.FILES.names();
  }

  private static List<ComparisonRow> rows(String name) throws IOException {
    Comparison comparison =
        ComparisonFile.read(
            ShippedComparisons.FILES.text(name), name, Path.of(""), UnaryOperator.identity());
    return ComparisonGrid.rows(
        comparison,
        Map.of(comparison.data().getFirst(), new LikeKnown(comparison.data().getFirst())));
  }

  @Test
  void theBigSparseMobileNetHasTheDenseOnesWeights() throws IOException {
    ComparisonRow big = rows("rigl-mobilenet-v1-imagenet-big-sparse-full-data").getLast();
    assertThat((double) big.cost().activeWeights() / 4_209_088).isCloseTo(1, within(5e-3));
    // A quarter of 3.14 w² + 1.02 w million weights, and 0.05 w that stay dense.
    assertThat(big.recipe(1, 1).model().width()).isCloseTo(2.13, within(0.01));
    assertThat(big.recipe(1, 1).training().scaledEpochs()).isEqualTo(510);
  }

  @ParameterizedTest
  @CsvSource({
    "rigl-erk-0.9-1x, 0.1725",
    "rigl-erk-0.8-1x, 0.35",
    "rigl-uniform-0.9-1x, 0.1013",
    "static-uniform-0.8-2x, 0.20",
    "small-dense-0.9-1x, 0.10"
  })
  void theReportsRowsHaveItsInferenceFlops(String row, double ratio) throws IOException {
    ComparisonRow found =
        rows("report-wrn-22-2-cifar-10-validation").stream()
            .filter(each -> each.key().endsWith("cifar-10-" + row))
            .findFirst()
            .orElseThrow();
    assertThat((double) found.cost().inferenceFlops() / found.baseline().cost().denseFlops())
        .isCloseTo(ratio, within(0.006));
  }
}
