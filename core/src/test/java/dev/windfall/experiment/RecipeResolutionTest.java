package dev.windfall.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.network.Network;
import dev.windfall.network.Shape;
import dev.windfall.network.Zoo;
import dev.windfall.sparsity.SparseTrainingMethod;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeResolutionTest {

  private static Recipe resolve(Recipe recipe, String model) {
    Network network = Zoo.build(model, Zoo.Options.of(new Shape(3, 32, 32), 10));
    return RecipeResolution.resolve(recipe, SparseTrainingMethod.named("rigl"), "shapes", network);
  }

  @ParameterizedTest
  @CsvSource({"wrn-10-1, 0.2", "resnet-18, 0.2", "lenet-5, 0.05", "mlp-16, 0.05"})
  void theLearningRateIsOneThatTheNetworkBears(String model, double rate) {
    Recipe resolved = resolve(RecipeDraft.defaults().recipe(), model);

    assertThat(resolved.training().schedule().lr()).isEqualTo(rate);
  }

  @ParameterizedTest
  @CsvSource({"wrn-10-1, 0.01", "lenet-5, 0.001"})
  void adamHasLearningRatesOfItsOwn(String model, double rate) {
    Recipe asked =
        RecipeDraft.defaults().with("training: {optimizer: {name: adam}}", "a.yaml").recipe();

    assertThat(resolve(asked, model).training().schedule().lr()).isEqualTo(rate);
  }

  @ParameterizedTest
  @CsvSource({"wrn-10-1", "lenet-5"})
  void aLearningRateThatARecipeNamesIsKept(String model) {
    Recipe asked =
        RecipeDraft.defaults().with("training: {schedule: {lr: 0.3}}", "a.yaml").recipe();

    assertThat(resolve(asked, model).training().schedule().lr()).isEqualTo(0.3);
  }
}
