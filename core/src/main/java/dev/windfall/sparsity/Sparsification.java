package dev.windfall.sparsity;

/** How a network comes to its sparsity. */
public enum Sparsification {
  /** It stays dense. */
  NEVER,
  /** It is sparse from the first step on. */
  FROM_THE_START,
  /** It is sparse from the first step on; scores of the dense one's initial weights choose how. */
  BEFORE_TRAINING,
  /** It starts dense and loses connections in every update, by the cubic schedule. */
  GRADUALLY,
  /** It starts dense and loses its connections in one update, the last of the schedule. */
  AT_ONCE;

  /** Whether connections are taken away during the training and none grown. */
  public boolean prunes() {
    return this == GRADUALLY || this == AT_ONCE;
  }
}
