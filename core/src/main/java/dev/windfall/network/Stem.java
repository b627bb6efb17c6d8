package dev.windfall.network;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The first layers of a residual network or a MobileNet: how soon they make large images small. */
public enum Stem {
  /**
   * {@link #SMALL} for images of at most {@link Zoo.Options#SMALL_IMAGE} pixels in height and
   * width, else {@link #IMAGENET}.
   */
  AUTO,
  /** A 3×3 convolution of stride 1, as for CIFAR. */
  SMALL,
  /**
   * What the networks have for ImageNet: residual networks a 7×7 convolution of stride 2 and a 3×3
   * max pool of stride 2, MobileNet a 3×3 convolution of stride 2.
   */
  IMAGENET;

  /** The name in recipes: lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The stem with the given {@link #label()}.
   *
   * @throws IllegalArgumentException naming the known ones when there is none of that name
   */
  public static Stem named(String label) {
    return Arrays.stream(values())
        .filter(stem -> stem.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown stem '%s'; known: %s"
                        .formatted(
                            label,
                            Arrays.stream(values())
                                .map(Stem::label)
                                .collect(Collectors.joining(" ")))));
  }
}
