package dev.windfall.engine;

/** One step of an optimizer, with the rate of this moment. */
public sealed interface OptimizerStep {

  /**
   * Stochastic gradient descent with momentum: g ← ∇ + λw, v ← μv + g, then w ← w − η(g + μv) with
   * Nesterov's correction and w ← w − ηv without. Weight decay λ acts on existing connections only.
   *
   * @param rate η, at least 0
   * @param momentum μ, from 0 to below 1
   * @param nesterov whether the step looks ahead
   * @param weightDecay λ, at least 0
   * @param decayOneDimensional whether λ also acts on biases and batch-norm parameters
   */
  record Sgd(
      double rate,
      double momentum,
      boolean nesterov,
      double weightDecay,
      boolean decayOneDimensional)
      implements OptimizerStep {
    /** Checks the ranges. */
    public Sgd {
      if (!(rate >= 0 && momentum >= 0 && momentum < 1 && weightDecay >= 0)) {
        throw new IllegalArgumentException(
            "sgd: rate and weight decay must be at least 0 and momentum in [0, 1), not rate %s,"
                    .formatted(rate)
                + " momentum %s, weight decay %s".formatted(momentum, weightDecay));
      }
    }
  }
}
