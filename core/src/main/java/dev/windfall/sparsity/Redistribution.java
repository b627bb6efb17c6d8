package dev.windfall.sparsity;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** By what the connections that an update drops are shared out anew among the layers. */
public enum Redistribution {
  /** Not at all: every layer grows as many as it drops. */
  NONE,
  /**
   * By the mean magnitude of a layer's velocities (Dettmers &amp; Zettlemoyer 2019), or of the
   * averaged gradients of its connections where a method grows by them.
   */
  MOMENTUM,
  /** By the mean magnitude of the gradients of a layer's connections. */
  GRADIENT;

  /** The name in recipes. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The redistribution with the given {@link #label()}.
   *
   * @throws IllegalArgumentException naming the known ones when there is none of that name
   */
  public static Redistribution named(String label) {
    return Arrays.stream(values())
        .filter(known -> known.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown redistribution '%s'; known: %s"
                        .formatted(
                            label,
                            Arrays.stream(values())
                                .map(Redistribution::label)
                                .collect(Collectors.joining(" ")))));
  }
}
