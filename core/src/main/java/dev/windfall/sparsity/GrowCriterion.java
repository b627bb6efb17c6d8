package dev.windfall.sparsity;

/** Which connections an update grows in place of the dropped ones. */
public enum GrowCriterion {
  /** None. */
  NONE,
  /** Any, with equal probability: {@link TopologyUpdate#growAtRandom}. */
  RANDOM,
  /** Those of largest gradient in this batch: {@link TopologyUpdate#growByGradient}. */
  GRADIENT,
  /** The dropped ones again: they start anew, with a new value and no optimizer state. */
  DROPPED,
  /**
   * Those of largest gradient in the exponential average over all steps so far (Dettmers &amp;
   * Zettlemoyer 2019), chosen as by {@link #GRADIENT}.
   */
  MOMENTUM
}
