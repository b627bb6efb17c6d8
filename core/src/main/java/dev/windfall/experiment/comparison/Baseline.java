package dev.windfall.experiment.comparison;

import dev.windfall.cost.NetworkCost;

/**
 * The dense network that every figure of a row is a share of.
 *
 * @param cost of the dense network at its full width
 * @param epochs of the recipe, before any multiplier of the comparison
 */
public record Baseline(NetworkCost cost, int epochs) {

  /** Operations of the whole dense training, by sample of the data set: 3 f_D · epochs. */
  double trainingFlops() {
    return 3.0 * cost.denseFlops() * epochs;
  }
}
