package dev.windfall.engine;

import java.util.Map;

/**
 * A wish for growth candidates: the inactive positions with the largest gradients, collected while
 * the batch goes backward.
 *
 * @param candidates by tensor name, how many candidates to collect
 */
public record Growth(Map<String, Integer> candidates) {

  /** No candidates at all: an ordinary step. */
  public static final Growth NONE = new Growth(Map.of());

  /** Copies the map. */
  public Growth {
    candidates = Map.copyOf(candidates);
  }
}
