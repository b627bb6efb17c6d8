package dev.windfall.sparsity;

/** Which connections an update drops, or which are dropped once before the training. */
public enum DropCriterion {
  /** None. */
  NONE,
  /** Those of smallest magnitude: {@link TopologyUpdate#weakest}. */
  MAGNITUDE,
  /**
   * Those without which the loss would change least: of smallest |g · w|, with g the loss's
   * gradient at the initial weights w (SNIP: Lee et al. 2019, equation 6).
   */
  CONNECTION_SENSITIVITY,
  /**
   * Those without which the gradient would lose least of its length, or gain most: of smallest w ·
   * (H g), with the Hessian H and the gradient g at the initial weights w (GraSP: Wang et al. 2020,
   * equation 8, with the sign turned so that what is smallest goes).
   */
  GRADIENT_FLOW,
  /**
   * Those that carry least from inputs of 1 to the outputs, were all weights positive and the
   * network linear: of smallest |w · ∂R / ∂w|, again after each of many rounds (SynFlow: Tanaka et
   * al. 2020, algorithm 1).
   */
  SYNAPTIC_FLOW
}
