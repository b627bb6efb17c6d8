package dev.windfall.experiment;

import dev.windfall.cost.Counter;
import dev.windfall.cost.NetworkCost;
import dev.windfall.sparsity.LayerDensities;

/**
 * What a training has cost up to a step, by the counter of the reproducibility report.
 *
 * @param plan of the whole training
 * @param network what the network costs with the connections that it has now
 * @param steps up to which the training has come, at least one beyond the first
 * @param forwardFlops operations of one sample's forward pass, summed over these steps
 */
record TrainingCost(RunPlan plan, NetworkCost network, long steps, long forwardFlops) {

  /** The cost after some steps, with the connections that there are now. */
  static TrainingCost of(RunPlan plan, LayerDensities now, long steps, long forwardFlops) {
    return new TrainingCost(
        plan, NetworkCost.of(plan.network(), now, Counter.REPORT), steps, forwardFlops);
  }

  /** Operations of all steps, by the mean of what a sample takes. */
  double flops() {
    return network.trainingFlops(plan.method(), every(), meanForwardFlops())
        * (plan.training().samplesBefore(steps) - plan.training().samplesBefore(plan.firstStep()));
  }

  /** To the dense network trained on as many samples. */
  double flopsRatio() {
    return network.trainingFlopsRatio(plan.method(), every(), meanForwardFlops());
  }

  private double meanForwardFlops() {
    return (double) forwardFlops / (steps - plan.firstStep());
  }

  private long every() {
    return plan.recipe().sparsity().update().every();
  }
}
