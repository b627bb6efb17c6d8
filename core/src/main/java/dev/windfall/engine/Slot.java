package dev.windfall.engine;

/** What a session keeps for each value of a tensor. */
public enum Slot {
  /** The value itself. */
  VALUE,
  /** The gradient accumulated since it was last cleared. */
  GRADIENT,
  /** The optimizer's velocity. */
  MOMENTUM
}
