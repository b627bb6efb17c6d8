package dev.windfall.experiment;

import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Network;
import dev.windfall.tweak.ActivationReplacement;
import dev.windfall.tweak.SkipInjection;
import dev.windfall.tweak.Skips;

/** What a recipe's block {@code tweak} means. */
final class RecipeTweak {

  private RecipeTweak() {}

  /** Says which name is unknown. */
  static void requireKnownNames(Recipe.Tweak tweak) {
    if (tweak.activation() != null) {
      ActivationFunction.named(tweak.activation());
    }
    Skips.named(tweak.skips());
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
