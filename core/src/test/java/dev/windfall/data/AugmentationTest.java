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
  @ValueSource(strings = {"zero-pad-4", "zero-pad-1", "reflect-pad-12", "crop", "flip"})
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
                + " reflect-pad-4), crop, flip");
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
}
