package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.data.Dataset;
import dev.windfall.data.ImageSet;
import dev.windfall.data.ImageShape;
import dev.windfall.data.InMemoryImageSet;
import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.RunPlan;
import dev.windfall.experiment.ShippedRecipes;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every shipped recipe becomes a plan of its own network on images like its data set's. */
final class ShippedRecipesTest {

  /** Black images with the shape and the classes of a known data set. */
  private record LikeKnown(String name) implements Dataset {
    @Override
    public ImageShape shape() {
      return name.endsWith("mnist") ? new ImageShape(1, 28, 28) : new ImageShape(3, 32, 32);
    }

    @Override
    public List<String> classNames() {
      return IntStream.range(0, name.equals("cifar-100") ? 100 : 10)
          .mapToObj(Integer::toString)
          .toList();
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
        .isEqualTo(recipe.data().name().equals("cifar-100") ? 100 : 10);
    assertThat(plan.training().epochs()).isEqualTo(recipe.training().epochs());
    assertThat(plan.densities().sparsity())
        .isCloseTo(plan.method().sparse() ? 0.9 : 0, within(1e-3));
  }
}
