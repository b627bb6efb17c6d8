package dev.windfall.sparsity;

/** Which connections an update drops. */
public enum DropCriterion {
  /** None. */
  NONE,
  /** Those of smallest magnitude: {@link TopologyUpdate#weakest}. */
  MAGNITUDE
}
