package dev.windfall.experiment;

import dev.windfall.data.BatchOptions;
import dev.windfall.data.DataLoader;
import dev.windfall.data.Dataset;
import dev.windfall.data.Split;
import dev.windfall.engine.Engine;
import dev.windfall.network.Network;
import dev.windfall.sparsity.DropCriterion;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.training.PruningAtInitialization;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a recipe's block {@code sparsity.scoring} means: connections are chosen by scores. */
final class RecipeScoring {

  private RecipeScoring() {}

  /** The block with the number of samples written out; a method without samples has none. */
  static Recipe.Scoring resolved(Recipe.Sparsity sparsity, Network network) {
    return new Recipe.Scoring(samples(sparsity, network), sparsity.scoring().rounds());
  }

  private static @Nullable Integer samples(Recipe.Sparsity sparsity, Network network) {
    @Nullable Integer asked = sparsity.scoring().samples();
    int usual =
        PruningAtInitialization.usualSamples(
            SparseTrainingMethod.named(sparsity.method()), network.output().output().channels());
    if (usual == 0) {
      return null;
    }
    return asked == null ? Integer.valueOf(usual) : asked;
  }

  /**
   * Refuses scores that cannot be computed, before data is read.
   *
   * @throws IllegalArgumentException saying what is missing, or in the way
   */
  static void requireComputable(Recipe recipe) {
    SparseTrainingMethod method = SparseTrainingMethod.named(recipe.sparsity().method());
    if (!method.scores()) {
      return;
    }
    // Synaptic flow leaves batch norms out, and their scales with them.
    if (recipe.model().zeroInitResidual() && method.drop() != DropCriterion.SYNAPTIC_FLOW) {
      throw new IllegalArgumentException(
          "method %s: with model.zero-init-residual all weights of the residual branches score 0; set it to false"
              .formatted(method.name()));
    }
    engine(method, Engines.named(recipe.run().engine()));
  }

  /** The engine that scores: the one that trains, but where second derivatives are needed. */
  static Engine engine(SparseTrainingMethod method, Engine training) {
    return method.drop() == DropCriterion.GRADIENT_FLOW
        ? Engines.withSecondOrder(
            training, "method %s scores by".formatted(method.name()), "names the method")
        : training;
  }

  /** How a plan's connections are chosen. */
  static PruningAtInitialization of(RunPlan plan) {
    Recipe recipe = plan.recipe();
    Dataset dataset = plan.dataset();
    Split split =
        Split.of(
            dataset.train(),
            recipe.data().validation(),
            Split.Rule.named(recipe.data().split()),
            recipe.run().seed());
    @Nullable Integer samples = recipe.sparsity().scoring().samples();
    if (samples != null && samples > split.train().count()) {
      throw new IllegalArgumentException(
          "sparsity.scoring.samples: %d, but there are only %d training images"
              .formatted(samples, split.train().count()));
    }
    return new PruningAtInitialization(
        plan.network(),
        plan.method(),
        RecipeSparsity.goal(recipe.sparsity(), plan.network()),
        DataLoader.training(
            dataset,
            split.train(),
            new BatchOptions(recipe.training().batchSize(), false, List.of(), recipe.run().seed())),
        samples == null ? 0 : samples,
        recipe.sparsity().scoring().rounds());
  }
}
