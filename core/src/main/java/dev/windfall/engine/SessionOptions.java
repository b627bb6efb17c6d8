package dev.windfall.engine;

import dev.windfall.network.Initialization;

/**
 * What a session is opened with.
 *
 * @param batchSize the largest batch it will see, at least 1
 * @param threads computing threads, at least 1
 * @param seed of initial weights and dropout
 * @param initialization how initial weights are drawn
 */
public record SessionOptions(int batchSize, int threads, long seed, Initialization initialization) {

  /** Checks the ranges. */
  public SessionOptions {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch size must be at least 1, not " + batchSize);
    }
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, not " + threads);
    }
  }
}
