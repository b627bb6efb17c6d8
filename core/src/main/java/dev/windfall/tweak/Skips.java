package dev.windfall.tweak;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which skip connections are injected into a network. */
public enum Skips {
  /** None. */
  NONE,
  /**
   * The convolution's input itself: averaged over windows where the convolution makes maps smaller,
   * with channels of zeros where it makes more of them. Nothing to learn.
   */
  PLAIN,
  /**
   * A 1×1 convolution of the input, with the stride of the convolution that it leads past, and a
   * batch norm. Its weights start at 1e-4, are trained with all others and always exist.
   */
  LEARNED;

  /** The name in recipes: lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The skips with the given {@link #label()}.
   *
   * @throws IllegalArgumentException naming the known ones when there are none of that name
   */
  public static Skips named(String label) {
    return Arrays.stream(values())
        .filter(skips -> skips.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown skips '%s'; known: %s"
                        .formatted(
                            label,
                            Arrays.stream(values())
                                .map(Skips::label)
                                .collect(Collectors.joining(" ")))));
  }
}
