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

  /**
   * Adam (Kingma &amp; Ba 2015, algorithm 1): g ← ∇ + λw, m ← β₁m + (1 − β₁)g, v ← β₂v + (1 −
   * β₂)g², then w ← w − η m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ), where t
   * counts the session's optimizer steps, this one included. Weight decay is L2: λw joins the
   * gradient before the moments, and acts on existing connections only.
   *
   * <p>m is kept in {@link Slot#MOMENTUM}, v in {@link Slot#VARIANCE}. A connection that is grown
   * starts with both at 0 and shares t with all others.
   *
   * @param rate η, at least 0
   * @param beta1 β₁, from 0 to below 1
   * @param beta2 β₂, from 0 to below 1
   * @param epsilon ε, above 0
   * @param weightDecay λ, at least 0
   * @param decayOneDimensional whether λ also acts on biases and batch-norm parameters
   */
  record Adam(
      double rate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      boolean decayOneDimensional)
      implements OptimizerStep {
    /** Checks the ranges. */
    public Adam {
      if (!(rate >= 0 && weightDecay >= 0 && epsilon > 0)
          || !(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
        throw new IllegalArgumentException(
            ("adam: rate and weight decay must be at least 0, both betas in [0, 1) and epsilon"
                    + " above 0, not rate %s, weight decay %s, betas %s and %s, epsilon %s")
                .formatted(rate, weightDecay, beta1, beta2, epsilon));
      }
    }
  }
}
