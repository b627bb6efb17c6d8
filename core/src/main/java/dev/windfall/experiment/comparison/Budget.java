package dev.windfall.experiment.comparison;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What all rows of a comparison have in common, so that the rest can be compared. */
public enum Budget {
  /** Equal epochs: every run trains as long as the recipe says, at the sparsity asked for. */
  EPOCHS("equal epochs: every row trains for the recipe's epochs at the sparsity asked for"),
  /**
   * Equal parameters: every row at a sparsity s has (1 − s) · N prunable weights, where N is the
   * dense network's; the sparsity in the recipe, or the width, is solved for.
   */
  PARAMETERS(
      "equal parameters: every row at sparsity s has 1 - s of the dense network's prunable weights"),
  /**
   * Equal inference FLOPs: a forward pass of every row at a sparsity s takes (1 − s) · f_D, where
   * f_D is the dense network's; the sparsity in the recipe, or the width, is solved for. The
   * reproducibility report compares distributions in this way.
   */
  INFERENCE_FLOPS(
      "equal inference FLOPs: a forward pass of every row at sparsity s takes 1 - s of the dense"
          + " network's FLOPs"),
  /**
   * Equal training FLOPs: the epochs of every run are scaled so that it spends what the dense run
   * spends, to the nearest epoch.
   */
  TRAINING_FLOPS(
      "equal training FLOPs: every row trains for as many epochs as spend what the dense run"
          + " spends"),
  /** Every row trains M times as long as the recipe says, for each M of a list. */
  MULTIPLIER(
      "multiplied epochs: every row trains M times as long as the recipe says, dense ones too");

  private final String description;

  Budget(String description) {
    this.description = description;
  }

  /** The name in comparison files: lower case with hyphens. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** One line: what is equal. */
  public String description() {
    return description;
  }

  /** The names of all budgets. */
  public static List<String> labels() {
    return Arrays.stream(values()).map(Budget::label).toList();
  }

  /**
   * The budget with the given {@link #label()}.
   *
   * @throws java.util.NoSuchElementException where there is none of that name
   */
  static Budget named(String label) {
    return Arrays.stream(values())
        .filter(budget -> budget.label().equals(label))
        .findFirst()
        .orElseThrow();
  }
}
