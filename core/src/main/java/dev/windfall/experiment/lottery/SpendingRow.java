package dev.windfall.experiment.lottery;

import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.RecipeSettings;

/**
 * A way to spend tickets.
 *
 * @param name in lottery files
 * @param settings what it lays over the recipe
 */
public record SpendingRow(String name, RecipeSettings settings) {

  /** As the ticket was drawn. */
  public static final SpendingRow VANILLA = new SpendingRow("vanilla", RecipeSettings.NONE);

  /** The teacher's name where it is the lottery's own dense network, and not a file. */
  static final String DENSE_TEACHER = "dense";

  /** Whether a recipe's teacher is the lottery's dense network. */
  static boolean learnsFromDense(Recipe recipe) {
    return DENSE_TEACHER.equals(recipe.tweak().distillation().teacher());
  }

  /** Whether the lottery's dense network of the same seed is the teacher. */
  boolean learnsFromDense() {
    return learnsFromDense(settings.over(RecipeDraft.defaults()).recipe());
  }

  /** Whether tickets are spent as they were drawn. */
  public boolean isVanilla() {
    return settings.values().isEmpty();
  }
}
