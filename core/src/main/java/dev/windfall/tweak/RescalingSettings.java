package dev.windfall.tweak;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How the scales of initial weights are learned ({@link InitialRescaling}).
 *
 * @param algorithm whose first step is to lower the loss
 * @param iterations at least 1
 * @param rate of the scales' own optimizer, above 0
 * @param stepLength η of the trial step, above 0
 * @param longestGradient γ: where the gradient is longer, an iteration makes it shorter instead of
 *     trying a step; above 0, may be infinite
 * @param leastScale what scales of weights and of batch norms' factors never fall below, at least
 *     0; those of biases and batch norms' addends have 0
 * @param clip what derivatives by scales are limited to, above 0
 */
public record RescalingSettings(
    Algorithm algorithm,
    int iterations,
    double rate,
    double stepLength,
    double longestGradient,
    double leastScale,
    double clip) {

  /** The optimizer whose first step is tried. */
  public enum Algorithm {
    /** Against the gradient, divided by its Euclidean length. */
    SGD,
    /** Against the gradient's signs; its length is the sum of its magnitudes. */
    ADAM;

    /** The name in recipes: lower case. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The algorithm with the given {@link #label()}.
     *
     * @throws IllegalArgumentException naming the known ones when there is none of that name
     */
    public static Algorithm named(String label) {
      return Arrays.stream(values())
          .filter(algorithm -> algorithm.label().equals(label))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "unknown algorithm '%s'; known: %s"
                          .formatted(
                              label,
                              Arrays.stream(values())
                                  .map(Algorithm::label)
                                  .collect(Collectors.joining(" ")))));
    }
  }

  /** Checks the ranges. */
  public RescalingSettings {
    require(iterations >= 1, "iterations", "at least 1", iterations);
    require(rate > 0 && Double.isFinite(rate), "rate", "above 0", rate);
    require(stepLength > 0 && Double.isFinite(stepLength), "step length", "above 0", stepLength);
    require(longestGradient > 0, "longest gradient", "above 0", longestGradient);
    require(
        leastScale >= 0 && Double.isFinite(leastScale), "least scale", "at least 0", leastScale);
    require(clip > 0, "clip", "above 0", clip);
  }

  private static void require(boolean holds, String what, String wanted, Number value) {
    if (!holds) {
      throw new IllegalArgumentException(
          "rescaled initialisation: %s must be %s, not %s".formatted(what, wanted, value));
    }
  }
}
