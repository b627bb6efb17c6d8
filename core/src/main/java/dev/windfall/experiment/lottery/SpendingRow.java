package dev.windfall.experiment.lottery;

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

  /** Whether tickets are spent as they were drawn. */
  public boolean isVanilla() {
    return settings.values().isEmpty();
  }
}
