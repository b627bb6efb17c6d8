package dev.windfall.engine;

/** What a session keeps for each value of a tensor. */
public enum Slot {
  /** The value itself. */
  VALUE,
  /** The gradient accumulated since it was last cleared. */
  GRADIENT,
  /**
   * The velocity of {@link OptimizerStep.Sgd}, or the first moment of {@link OptimizerStep.Adam}.
   */
  MOMENTUM,
  /** The second moment of {@link OptimizerStep.Adam}; there from its first step on. */
  VARIANCE
}
