package dev.windfall.sparsity;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How an update is carried out where the implementations behind the papers differ. All else is the
 * same under both: exact counts, ties by position, dense layers left alone.
 */
public enum UpdateRule {
  /**
   * That of the authors of RigL (Evci et al. 2020). The first update is at the first step and one
   * may be at the last; ⌊fraction · connections⌋ are dropped; a method has the timing of its own; a
   * connection that is dropped and grown again keeps its value.
   */
  AUTHORS,
  /**
   * That of the reproducibility report on RigL (Sundar &amp; Dwaraknath 2021). With ΔT steps
   * between updates the first is at step ΔT − 1, and none at the last step; ⌈fraction ·
   * connections⌉ are dropped; every update is made instead of the optimizer's step; a connection
   * that is dropped and grown again starts as a new one does, but keeps its optimizer state.
   */
  REPORT;

  /** The name in recipes. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The rule with the given {@link #label()}.
   *
   * @throws IllegalArgumentException naming the known ones when there is none of that name
   */
  public static UpdateRule named(String label) {
    return Arrays.stream(values())
        .filter(known -> known.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown update rule '%s'; known: %s"
                        .formatted(
                            label,
                            Arrays.stream(values())
                                .map(UpdateRule::label)
                                .collect(Collectors.joining(" ")))));
  }

  /**
   * The whole number of connections that a fraction of them means, with the fraction read as a
   * decimal number of 15 digits.
   *
   * @param fraction from 0 to 1
   * @param connections at least 0
   */
  public long share(double fraction, long connections) {
    DecimalFraction exact = DecimalFraction.of(fraction);
    return this == AUTHORS ? exact.floorOf(connections) : exact.ceilingOf(connections);
  }

  /** Whether a connection that is dropped and grown again keeps its value. */
  public boolean keepsRegrownValues() {
    return this == AUTHORS;
  }
}
