package dev.windfall.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.random.StatelessRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AugmentationTest {
  /** Two channels of two rows by three columns. */
  private static final ImageShape SHAPE = new ImageShape(2, 2, 3);

  private static final byte[] IMAGE = {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16};

  private static final byte[] FLIPPED = {3, 2, 1, 6, 5, 4, 13, 12, 11, 16, 15, 14};

  /** What so many images become, and how often. */
  private static Map<String, Integer> outcomes(int images, String... names) {
    Augmenter augmenter = new Augmenter(SHAPE, Stream.of(names).map(Augmentation::named).toList());
    Map<String, Integer> outcomes = new TreeMap<>();
    for (int i = 0; i < images; i++) {
      byte[] result = augmenter.apply(IMAGE, StatelessRandom.of(1, "augmentation-test", i));
      outcomes.merge(Arrays.toString(result), 1, Integer::sum);
    }
    return outcomes;
  }

  /** Every crop of SHAPE's size from a padded image of two channels, four rows, five columns. */
  private static String[] crops(byte[] padded) {
    String[] crops = new String[9];
    for (int corner = 0; corner < 9; corner++) {
      byte[] crop = new byte[SHAPE.size()];
      for (int i = 0; i < crop.length; i++) {
        int channel = i / 6;
        int row = corner / 3 + i % 6 / 3;
        int column = corner % 3 + i % 3;
        crop[i] = padded[channel * 20 + row * 5 + column];
      }
      crops[corner] = Arrays.toString(crop);
    }
    return crops;
  }

  @Test
  void flipMirrorsEachRowOfHalfTheImages() {
    Map<String, Integer> outcomes = outcomes(1000, "flip");
    assertThat(outcomes).containsOnlyKeys(Arrays.toString(IMAGE), Arrays.toString(FLIPPED));
    assertThat(outcomes.values()).allSatisfy(count -> assertThat(count).isBetween(420, 580));
  }

  @Test
  void zeroPadAndCropGiveEveryWindowOfTheBlackBorderedImage() {
    byte[] padded = {
      0, 0, 0, 0, 0, //
      0, 1, 2, 3, 0, //
      0, 4, 5, 6, 0, //
      0, 0, 0, 0, 0, //
      0, 0, 0, 0, 0, //
      0, 11, 12, 13, 0, //
      0, 14, 15, 16, 0, //
      0, 0, 0, 0, 0
    };
    Map<String, Integer> outcomes = outcomes(1800, "zero-pad-1", "crop");
    assertThat(outcomes).containsOnlyKeys(crops(padded));
    assertThat(outcomes.values()).allSatisfy(count -> assertThat(count).isBetween(130, 270));
  }

  @Test
  void reflectPadDoesNotRepeatTheOutermostPixels() {
    byte[] padded = {
      5, 4, 5, 6, 5, //
      2, 1, 2, 3, 2, //
      5, 4, 5, 6, 5, //
      2, 1, 2, 3, 2, //
      15, 14, 15, 16, 15, //
      12, 11, 12, 13, 12, //
      15, 14, 15, 16, 15, //
      12, 11, 12, 13, 12
    };
    assertThat(outcomes(1800, "reflect-pad-1", "crop")).containsOnlyKeys(crops(padded));
  }

  @Test
  void theListIsAppliedInItsOrder() {
    Augmenter augmenter =
        new Augmenter(
            SHAPE,
            List.of(new Augmentation.ZeroPad(1), new Augmentation.Crop(), new Augmentation.Flip()));
    for (int i = 0; i < 100; i++) {
      StatelessRandom drawn = StatelessRandom.of(2, "order", i);
      int top = drawn.nextInt(3);
      int left = drawn.nextInt(3);
      boolean mirrored = drawn.nextInt(2) == 1;
      byte[] expected = new byte[SHAPE.size()];
      for (int at = 0; at < expected.length; at++) {
        int row = top + at % 6 / 3 - 1;
        int column = left + (mirrored ? 2 - at % 3 : at % 3) - 1;
        boolean inside = row >= 0 && row < 2 && column >= 0 && column < 3;
        expected[at] = inside ? IMAGE[at / 6 * 6 + row * 3 + column] : 0;
      }
      assertThat(augmenter.apply(IMAGE, StatelessRandom.of(2, "order", i))).isEqualTo(expected);
    }
  }

  @Test
  void noAugmentationIsTheImage() {
    assertThat(new Augmenter(SHAPE, List.of()).apply(IMAGE, StatelessRandom.of(1, "none")))
        .isSameAs(IMAGE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "zero-pad-4",
        "zero-pad-1",
        "reflect-pad-12",
        "crop",
        "flip",
        "random-resized-crop"
      })
  void namesAreReadAsTheyAreWritten(String name) {
    assertThat(Augmentation.named(name).name()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Flip", "pad-4", "zero-pad", "zero-pad--1", "mirror-pad-4", "crop-4"})
  void unknownNamesListTheKnownOnes(String name) {
    assertThatThrownBy(() -> Augmentation.named(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "unknown augmentation '%s'; known: zero-pad-N, reflect-pad-N (N pixels, such as"
                    .formatted(name)
                + " reflect-pad-4), crop, flip, random-resized-crop; and, as the last step,"
                + " per-image-standardise");
  }

  @ParameterizedTest
  @CsvSource({
    "crop, 'augmentations [crop]: nothing to crop, a pad such as reflect-pad-4 must come before"
        + " it'",
    "zero-pad-1 crop crop, 'augmentations [zero-pad-1, crop, crop]: nothing to crop, a pad such as"
        + " reflect-pad-4 must come before it'",
    "zero-pad-1 flip, 'augmentations [zero-pad-1, flip] leave images of 2x4x5 instead of 2x2x3: a"
        + " crop must follow the pad'",
    "reflect-pad-2 crop, 'augmentation reflect-pad-2: images of 2x2x3 can be padded by 1 pixels at"
        + " most'",
    "zero-pad-999999 crop, 'augmentation zero-pad-999999: images of 2x2x3 can be padded by 1 pixels"
        + " at most'",
    "zero-pad-0 crop, 'pad of 0 pixels: at least 1'"
  })
  void listsThatMakeNoSenseAreRefused(String names, String message) {
    assertThatThrownBy(
            () ->
                new Augmenter(SHAPE, Stream.of(names.split(" ")).map(Augmentation::named).toList()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void randomCropsHaveTheSizesAndPlacesOfTheirRule() {
    ImageShape shape = new ImageShape(1, 60, 90);
    double smallest = 1;
    double largest = 0;
    for (int i = 0; i < 5000; i++) {
      ImageCrop crop = ImageCrop.random(shape, StatelessRandom.of(3, "crops", i));
      assertThat(crop.top()).isBetween(0, 60 - crop.height());
      assertThat(crop.left()).isBetween(0, 90 - crop.width());
      double area = crop.height() * crop.width() / 5400.0;
      double ratio = (double) crop.width() / crop.height();
      boolean whole = crop.equals(new ImageCrop(0, 0, 60, 90));
      assertThat(area).isBetween(0.075, 1.0);
      assertThat(whole || (ratio > 0.72 && ratio < 1.39)).isTrue();
      smallest = Math.min(smallest, area);
      largest = Math.max(largest, whole ? 0 : area);
    }
    assertThat(smallest).isLessThan(0.085);
    assertThat(largest).isGreaterThan(0.85);
  }

  @Test
  void theWholeImageInItsOwnSizeStaysAsItIs() {
    byte[] result = new byte[SHAPE.size()];
    new ImageCrop(0, 0, 2, 3).resize(IMAGE, SHAPE, SHAPE, result);
    assertThat(result).isEqualTo(IMAGE);
  }

  /** A row 10 20 doubled: the new centres lie at -1/4, 1/4, 3/4 and 5/4 of the old pixels. */
  @Test
  void scalingInterpolatesBetweenPixelsOfThePartOnly() {
    ImageShape shape = new ImageShape(1, 2, 4);
    byte[] image = {99, 10, 20, 99, 99, 50, 60, 99};
    byte[] result = new byte[16];
    new ImageCrop(0, 1, 2, 2).resize(image, shape, new ImageShape(1, 4, 4), result);
    assertThat(result)
        .containsExactly(
            10, 13, 18, 20, //
            20, 23, 28, 30, //
            40, 43, 48, 50, //
            50, 53, 58, 60);
    byte[] bright = {(byte) 255, (byte) 255};
    byte[] single = new byte[1];
    new ImageCrop(0, 0, 1, 2)
        .resize(bright, new ImageShape(1, 1, 2), new ImageShape(1, 1, 1), single);
    assertThat(single).containsExactly(255);
  }

  @Test
  void randomResizedCropIsAFunctionOfWhatIsDrawn() {
    Augmenter augmenter = new Augmenter(SHAPE, List.of(new Augmentation.RandomResizedCrop()));
    for (int i = 0; i < 100; i++) {
      byte[] expected = new byte[SHAPE.size()];
      ImageCrop.random(SHAPE, StatelessRandom.of(4, "resized", i))
          .resize(IMAGE, SHAPE, SHAPE, expected);
      assertThat(augmenter.apply(IMAGE, StatelessRandom.of(4, "resized", i))).isEqualTo(expected);
    }
    assertThat(outcomes(100, "random-resized-crop").size()).isGreaterThan(5);
  }
}
