package dev.windfall.sparsity;

/** How an update of the connections stands to the optimizer's step on the same batch. */
public enum UpdateTiming {
  /** Connections are never updated. */
  NEVER,
  /** The batch serves the update alone; the optimizer makes no step. */
  INSTEAD_OF_STEP,
  /** The optimizer makes its step, then the connections are updated. */
  AFTER_STEP
}
