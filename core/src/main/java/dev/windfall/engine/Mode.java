package dev.windfall.engine;

/** How a batch is computed. */
public enum Mode {
  /** Batch statistics, which also move the running ones; dropout is on. */
  TRAIN,
  /** Batch statistics, the running ones stay untouched; no dropout. For saliency scores. */
  SCORE,
  /** Running statistics; no dropout; no gradient. */
  EVALUATE
}
