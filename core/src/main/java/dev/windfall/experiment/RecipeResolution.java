package dev.windfall.experiment;

import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.sparsity.SparseTrainingMethod;
import java.math.BigDecimal;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Writes out what a recipe leaves to be understood. */
final class RecipeResolution {

  private RecipeResolution() {}

  /** Batch norm takes a high rate well; without it, 0.1 lets some seeds collapse. */
  private static final double RATE_WITH_NORM = 0.2;

  private static final double RATE_WITHOUT_NORM = 0.05;

  /** Adam's steps do not depend on the gradient's length; the paper's rate is 0.001. */
  private static final double ADAMS_RATE_WITH_NORM = 0.01;

  private static final double ADAMS_RATE_WITHOUT_NORM = 0.001;

  /** The same recipe without nulls, but for the files that it does not need. */
  static Recipe resolve(
      Recipe recipe, SparseTrainingMethod method, String dataset, Network network) {
    Recipe.Data data = recipe.data();
    Recipe.Sparsity sparsity = recipe.sparsity();
    // A dense network has no sparsity, whatever the recipe says for the methods that have one.
    double target = method.sparse() ? sparsity.target() : 0;
    Recipe.Data resolvedData =
        new Recipe.Data(
            dataset,
            absolute(data.dir()),
            data.validation(),
            data.split(),
            data.trainShare(),
            data.augment() == null ? RecipeData.usualAugmentation(dataset) : data.augment());
    String name =
        recipe.name() == null
            ? "%s-%s-%s-%s-%d"
                .formatted(
                    network.name(),
                    dataset,
                    method.name(),
                    BigDecimal.valueOf(target).stripTrailingZeros().toPlainString(),
                    recipe.run().seed())
            : recipe.name();
    return new Recipe(
        name,
        recipe.model().withName(network.name()),
        resolvedData,
        new Recipe.Sparsity(
            target,
            RecipeSparsity.distribution(sparsity).label(),
            sparsity.layers(),
            absolute(sparsity.mask()),
            absolute(sparsity.ticket()),
            RecipeSparsity.dense(sparsity, network),
            sparsity.budgetIncludesDense(),
            sparsity.method(),
            RecipeSparsity.method(sparsity).redistribution().label(),
            RecipeScoring.resolved(sparsity, network),
            RecipeSparsity.withTiming(sparsity)),
        withRate(recipe.training(), network),
        recipe.run());
  }

  private static Recipe.Training withRate(Recipe.Training training, Network network) {
    Recipe.Schedule schedule = training.schedule();
    if (schedule.lr() != null) {
      return training;
    }
    return new Recipe.Training(
        training.epochs(),
        training.multiplier(),
        training.batchSize(),
        training.accumulate(),
        training.optimizer(),
        new Recipe.Schedule(
            schedule.name(),
            usualRate(training.optimizer(), network),
            schedule.at(),
            schedule.factor(),
            schedule.restarts(),
            schedule.periodFactor(),
            schedule.warmupEpochs()),
        training.loss(),
        training.clip());
  }

  private static double usualRate(Recipe.Optimizer optimizer, Network network) {
    boolean hasNorm =
        network.nodes().stream().anyMatch(node -> node.layer() instanceof Layer.BatchNorm);
    if (optimizer.name().equals("adam")) {
      return hasNorm ? ADAMS_RATE_WITH_NORM : ADAMS_RATE_WITHOUT_NORM;
    }
    return hasNorm ? RATE_WITH_NORM : RATE_WITHOUT_NORM;
  }

  /** A run's folder may be read from elsewhere, so a relative path would lead astray. */
  private static @Nullable String absolute(@Nullable String path) {
    return path == null ? null : Path.of(path).toAbsolutePath().normalize().toString();
  }
}
