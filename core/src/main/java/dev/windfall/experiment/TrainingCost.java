package dev.windfall.experiment;

import dev.windfall.cost.Counter;
import dev.windfall.cost.NetworkCost;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.training.Progress;

/**
 * What a training has cost so far, by the counter of the reproducibility report.
 *
 * @param plan of the whole training
 * @param network what the network costs with the connections that it has now
 * @param progress at least one step beyond the plan's first
 */
record TrainingCost(RunPlan plan, NetworkCost network, Progress progress) {

  /** The cost up to a progress, with the connections that there are now. */
  static TrainingCost of(RunPlan plan, LayerDensities now, Progress progress) {
    return new TrainingCost(plan, NetworkCost.of(plan.network(), now, Counter.REPORT), progress);
  }

  /** Operations of all steps, by the mean of what a sample takes, and of what came before them. */
  double flops() {
    return network.trainingFlops(plan.method(), every(), meanForwardFlops()) * samples()
        + progress.overheadFlops();
  }

  /** To the dense network trained on as many samples. */
  double flopsRatio() {
    return network.trainingFlopsRatio(plan.method(), every(), meanForwardFlops())
        + progress.overheadFlops() / (3.0 * network.denseFlops() * samples());
  }

  private long samples() {
    return plan.training().samplesBefore(progress.step())
        - plan.training().samplesBefore(plan.firstStep());
  }

  private double meanForwardFlops() {
    return (double) progress.forwardFlops() / (progress.step() - plan.firstStep());
  }

  private long every() {
    return plan.recipe().sparsity().update().every();
  }
}
