package dev.windfall.sparsity;

import java.util.Locale;

/** How an update of the connections stands to the optimizer's step on the same batch. */
public enum UpdateTiming {
  /** Connections are never updated. */
  NEVER,
  /** The batch serves the update alone; the optimizer makes no step. */
  INSTEAD_OF_STEP,
  /** The optimizer makes its step, then the connections are updated. */
  AFTER_STEP;

  /** The name in recipes, such as {@code after-step}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The timing of a method that updates, with the given {@link #label()}.
   *
   * @throws IllegalArgumentException naming the known ones when there is none of that name
   */
  public static UpdateTiming named(String label) {
    if (label.equals(INSTEAD_OF_STEP.label())) {
      return INSTEAD_OF_STEP;
    }
    if (label.equals(AFTER_STEP.label())) {
      return AFTER_STEP;
    }
    throw new IllegalArgumentException(
        "unknown timing '%s' of updates; known: %s %s"
            .formatted(label, INSTEAD_OF_STEP.label(), AFTER_STEP.label()));
  }
}
