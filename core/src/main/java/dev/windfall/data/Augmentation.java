package dev.windfall.data;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One random change to training images, as data. A recipe lists several, which are applied in their
 * order to 8-bit pixels, before standardisation. What is drawn for an image is a pure function of
 * (seed, epoch, sample). How pixels are standardised, which concerns evaluation as well, is no
 * augmentation but a {@link PixelStandardisation}.
 */
public sealed interface Augmentation {
  /**
   * The name in recipes, such as {@code reflect-pad-4}.
   *
   * @return a name that {@link #named} knows
   */
  String name();

  /**
   * Adds a border of pixels of value 0 (black), which standardisation then turns into −mean /
   * deviation, not into 0.
   *
   * @param pixels width of the border on every side, at least 1
   */
  record ZeroPad(int pixels) implements Augmentation {
    /**
     * Checks the width.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public ZeroPad {
      checkPad(pixels);
    }

    @Override
    public String name() {
      return "zero-pad-" + pixels;
    }
  }

  /**
   * Adds a border that mirrors the image about its outermost pixels, which are not repeated: a row
   * a b c gets the border c b before it.
   *
   * @param pixels width of the border on every side, at least 1
   */
  record ReflectPad(int pixels) implements Augmentation {
    /**
     * Checks the width.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public ReflectPad {
      checkPad(pixels);
    }

    @Override
    public String name() {
      return "reflect-pad-" + pixels;
    }
  }

  /**
   * Cuts a padded image back to the data set's height and width, at a random place, every place as
   * likely.
   */
  record Crop() implements Augmentation {
    @Override
    public String name() {
      return "crop";
    }
  }

  /** Mirrors the image left to right with probability one half. */
  record Flip() implements Augmentation {
    @Override
    public String name() {
      return "flip";
    }
  }

  /**
   * Cuts out a random part and scales it to the data set's height and width (C. Szegedy et al.,
   * "Going deeper with convolutions", 2015, section 6). The part's share of the area is uniform
   * from 0.08 to 1 and the logarithm of its ratio of width to height uniform from that of 3/4 to
   * that of 4/3, both drawn anew, up to ten times, until the part fits; otherwise it is the whole
   * image. Its place is uniform. Between pixels, values are interpolated bilinearly, without
   * smoothing beforehand.
   */
  record RandomResizedCrop() implements Augmentation {
    @Override
    public String name() {
      return "random-resized-crop";
    }
  }

  /**
   * The augmentation of a name.
   *
   * @param name {@code zero-pad-N} or {@code reflect-pad-N} with N pixels, {@code crop}, {@code
   *     flip} or {@code random-resized-crop}
   * @return the augmentation
   * @throws IllegalArgumentException if there is no such name
   */
  static Augmentation named(String name) {
    Matcher pad = Pattern.compile("(zero|reflect)-pad-(\\d{1,6})").matcher(name);
    if (pad.matches()) {
      int pixels = Integer.parseInt(pad.group(2));
      return pad.group(1).equals("zero") ? new ZeroPad(pixels) : new ReflectPad(pixels);
    }
    return switch (name) {
      case "crop" -> new Crop();
      case "flip" -> new Flip();
      case "random-resized-crop" -> new RandomResizedCrop();
      default ->
          throw new IllegalArgumentException(
              "unknown augmentation '"
                  + name
                  + "'; known: zero-pad-N, reflect-pad-N (N pixels, such as reflect-pad-4), crop,"
                  + " flip, random-resized-crop; and, as the last step, "
                  + PerImageStandardised.NAME);
    };
  }

  private static void checkPad(int pixels) {
    if (pixels < 1) {
      throw new IllegalArgumentException("pad of " + pixels + " pixels: at least 1");
    }
  }
}
