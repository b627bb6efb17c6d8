package dev.windfall.data;

import dev.windfall.random.StatelessRandom;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Training images divided into those to train on and those held back for validation. Both keep the
 * order of the whole set. Validation images are read by {@link DataLoader#evaluation}, which never
 * augments.
 *
 * @param train the images to train on, at least 1
 * @param validation the images held back; none for the fraction 0
 */
public record Split(ImageSet train, ImageSet validation) {
  /** Which images are held back. */
  public enum Rule {
    /** A random choice that depends on the seed. */
    RANDOM,
    /** The last images. */
    TAIL;

    /**
     * The rule of a name.
     *
     * @param name {@code random} or {@code tail}
     * @return the rule
     * @throws IllegalArgumentException if there is no such name
     */
    public static Rule named(String name) {
      return Arrays.stream(values())
          .filter(rule -> rule.toString().equals(name))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "unknown split '%s'; known: %s"
                          .formatted(
                              name,
                              Arrays.stream(values())
                                  .map(Rule::toString)
                                  .collect(Collectors.joining(", ")))));
    }

    /** The rule's name in recipes. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Divides images.
   *
   * @param images all training images
   * @param fraction the share to hold back, from 0 to below 1; their number is rounded to the
   *     nearest
   * @param rule which images are held back
   * @param seed the run's seed, for {@link Rule#RANDOM}
   * @return the two parts
   * @throws IllegalArgumentException if the fraction is out of range, or too small or too large to
   *     leave both parts an image
   */
  public static Split of(ImageSet images, double fraction, Rule rule, long seed) {
    if (!(fraction >= 0 && fraction < 1)) {
      throw new IllegalArgumentException(
          "validation fraction: " + fraction + ", must be at least 0 and below 1");
    }
    int count = images.count();
    int held = (int) Math.round(fraction * count);
    if (fraction > 0 && (held == 0 || held == count)) {
      throw new IllegalArgumentException(
          "validation fraction: %s of %d images holds back %d; each part needs at least 1"
              .formatted(fraction, count, held));
    }
    int[] order =
        switch (rule) {
          case RANDOM -> StatelessRandom.of(seed, "validation-split").nextPermutation(count);
          case TAIL -> IntStream.range(0, count).toArray();
        };
    int[] train = Arrays.copyOf(order, count - held);
    int[] validation = Arrays.copyOfRange(order, count - held, count);
    Arrays.sort(train);
    Arrays.sort(validation);
    return new Split(new ImageSubset(images, train), new ImageSubset(images, validation));
  }

  /**
   * A part of the images to train on, drawn at random; the others are not used.
   *
   * @param share of them, above 0 and at most 1; their number is rounded to the nearest
   * @param seed the run's seed
   * @throws IllegalArgumentException if the share leaves no image
   */
  public Split training(double share, long seed) {
    if (share == 1) {
      return this;
    }
    int count = (int) Math.round(share * train.count());
    if (!(share > 0 && share < 1) || count == 0) {
      throw new IllegalArgumentException(
          "a share of %s of %d images to train on leaves %d"
              .formatted(share, train.count(), count));
    }
    int[] order = StatelessRandom.of(seed, "training-share").nextPermutation(train.count());
    int[] used = Arrays.copyOf(order, count);
    Arrays.sort(used);
    return new Split(new ImageSubset(train, used), validation);
  }
}
