package dev.windfall.engine;

import java.util.Map;

/**
 * A wish for growth candidates: the inactive positions with the largest gradients, collected while
 * a batch goes backward, or while several batches of the same optimizer step do.
 *
 * @param candidates by tensor name, how many candidates to collect
 * @param isContinued whether the next batch belongs to this collection: gradients are summed over
 *     all its batches, and the candidates are there after the last, which is not continued
 */
public record Growth(Map<String, Integer> candidates, boolean isContinued) {

  /** No candidates at all: an ordinary step. */
  public static final Growth NONE = new Growth(Map.of());

  /** Copies the map. */
  public Growth {
    candidates = Map.copyOf(candidates);
  }

  /** Candidates of a single batch, or of a collection that ends with this batch. */
  public Growth(Map<String, Integer> candidates) {
    this(candidates, false);
  }

  /** The same wish for a batch that is not the last of its collection. */
  public Growth continued() {
    return new Growth(candidates, true);
  }
}
