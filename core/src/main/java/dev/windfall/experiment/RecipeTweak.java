package dev.windfall.experiment;

import dev.windfall.engine.Objective;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Network;
import dev.windfall.training.WeightAveraging;
import dev.windfall.tweak.ActivationReplacement;
import dev.windfall.tweak.SkipInjection;
import dev.windfall.tweak.Skips;
import org.jspecify.annotations.Nullable;

/** What a recipe's block {@code tweak} means. */
final class RecipeTweak {

  private RecipeTweak() {}

  /** Says which name is unknown, or does not go with the others. */
  static void requireKnownNames(Recipe recipe) {
    Recipe.Tweak tweak = recipe.tweak();
    if (tweak.activation() != null) {
      ActivationFunction.named(tweak.activation());
    }
    Skips.named(tweak.skips());
    if (tweak.distillation().engine() != null && tweak.distillation().teacher() != null) {
      Engines.named(tweak.distillation().engine());
    }
    RecipeRescaling.requireComputable(recipe);
    requireConnectionsAtRest(recipe);
  }

  /** Weights of different connections have no average. */
  private static void requireConnectionsAtRest(Recipe recipe) {
    Recipe.Sparsity sparsity = recipe.sparsity();
    @Nullable Double start = recipe.tweak().averaging().start();
    if (start != null
        && start < sparsity.update().end()
        && RecipeSparsity.method(sparsity).updatesConnections()) {
      throw new IllegalArgumentException(
          ("tweak.averaging.start: %s changes connections until sparsity.update.end; begin there,"
                  + " at %s, or later, not at %s")
              .formatted(sparsity.method(), sparsity.update().end(), start));
    }
  }

  /**
   * When weights are averaged; null: never.
   *
   * @param steps of the training
   */
  static @Nullable WeightAveraging averaging(Recipe.Tweak tweak, long steps) {
    @Nullable Double start = tweak.averaging().start();
    return start == null
        ? null
        : new WeightAveraging((long) Math.ceil(start * steps), tweak.averaging().every());
  }

  /** What is minimised: with the labels' objective, or with the teacher's beside it. */
  static Objective objective(Recipe.Tweak tweak, Objective.CrossEntropy labels) {
    Recipe.Distillation distillation = tweak.distillation();
    return distillation.teacher() == null
        ? labels
        : new Objective.Distillation(labels, distillation.weight(), distillation.temperature());
  }

  /**
   * The network that is trained in the place of another.
   *
   * @throws IllegalArgumentException where the recipe's skips fit no layer of it
   */
  static Network rewritten(Recipe.Tweak tweak, Network network) {
    Network skipping = SkipInjection.into(network, Skips.named(tweak.skips()));
    return tweak.activation() == null
        ? skipping
        : ActivationReplacement.in(skipping, ActivationFunction.named(tweak.activation()));
  }
}
