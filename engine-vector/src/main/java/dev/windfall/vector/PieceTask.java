package dev.windfall.vector;

/**
 * What is done to a piece of a result right after it was computed, while it is in the caches: the
 * sums that the next operation needs.
 */
@FunctionalInterface
interface PieceTask {
  /** Does it for one piece. */
  void run(Pass pass, Pass.Piece piece);
}
