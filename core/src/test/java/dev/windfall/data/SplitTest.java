package dev.windfall.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SplitTest {
  /** Images that know their index, written in two pixels. */
  private static ImageSet numbered(int count) {
    byte[] pixels = new byte[2 * count];
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      pixels[2 * i] = (byte) (i >> 8);
      pixels[2 * i + 1] = (byte) i;
      labels[i] = (byte) (i % 7);
    }
    return new InMemoryImageSet(new ImageShape(1, 1, 2), pixels, labels);
  }

  private static List<Integer> numbers(ImageSet images) {
    List<Integer> numbers = new ArrayList<>();
    byte[] image = new byte[2];
    for (int i = 0; i < images.count(); i++) {
      images.read(i, image);
      numbers.add((image[0] & 0xFF) << 8 | (image[1] & 0xFF));
      assertThat(images.label(i)).isEqualTo(numbers.getLast() % 7);
    }
    return numbers;
  }

  @Test
  void tailHoldsBackTheLastImages() {
    Split split = Split.of(numbered(100), 0.1, Split.Rule.TAIL, 1);
    assertThat(numbers(split.train())).isEqualTo(IntStream.range(0, 90).boxed().toList());
    assertThat(numbers(split.validation())).isEqualTo(IntStream.range(90, 100).boxed().toList());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, -99})
  void randomPartsAreDisjointCompleteAndInOrder(long seed) {
    Split split = Split.of(numbered(5000), 0.3, Split.Rule.RANDOM, seed);
    List<Integer> train = numbers(split.train());
    List<Integer> validation = numbers(split.validation());
    assertThat(train).hasSize(3500).isSorted();
    assertThat(validation).hasSize(1500).isSorted();
    assertThat(train).doesNotContainAnyElementsOf(validation);
    // About half of the held-back images come from the first half.
    assertThat(validation.stream().filter(number -> number < 2500).count()).isBetween(650L, 850L);
  }

  @Test
  void aShareOfThePartToTrainOnIsDrawnFromIt() {
    Split split = Split.of(numbered(1000), 0.1, Split.Rule.RANDOM, 1);
    Split share = split.training(0.2, 1);
    assertThat(numbers(share.train())).hasSize(180).isSorted().isSubsetOf(numbers(split.train()));
    assertThat(numbers(share.validation())).isEqualTo(numbers(split.validation()));
    assertThat(numbers(split.training(0.2, 2).train())).isNotEqualTo(numbers(share.train()));
    assertThat(split.training(1, 1)).isSameAs(split);
    assertThatThrownBy(() -> split.training(1e-4, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a share of 1.0E-4 of 900 images to train on leaves 0");
  }

  @Test
  void theSeedAloneChoosesTheRandomPart() {
    List<Integer> first = numbers(Split.of(numbered(1000), 0.1, Split.Rule.RANDOM, 1).validation());
    assertThat(numbers(Split.of(numbered(1000), 0.1, Split.Rule.RANDOM, 1).validation()))
        .isEqualTo(first);
    assertThat(numbers(Split.of(numbered(1000), 0.1, Split.Rule.RANDOM, 2).validation()))
        .isNotEqualTo(first);
    assertThat(first.subList(0, 8)).containsExactly(1, 4, 9, 18, 31, 68, 73, 89);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0.1, 5000", "0.29, 14500", "0.99998, 49999", "0.00001, 1"})
  void theNumberHeldBackIsTheNearest(double fraction, int held) {
    Split split = Split.of(TestImages.images(50_000), fraction, Split.Rule.TAIL, 1);
    assertThat(split.validation().count()).isEqualTo(held);
    assertThat(split.train().count()).isEqualTo(50_000 - held);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1, 1.5, Double.NaN, Double.POSITIVE_INFINITY})
  void fractionsOutOfRangeAreRefused(double fraction) {
    assertThatThrownBy(() -> Split.of(numbered(10), fraction, Split.Rule.TAIL, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("validation fraction: " + fraction + ", must be at least 0 and below 1");
  }

  @ParameterizedTest
  @CsvSource({"0.04, 0", "0.96, 10"})
  void aPartWithoutImagesIsRefused(double fraction, int held) {
    assertThatThrownBy(() -> Split.of(numbered(10), fraction, Split.Rule.RANDOM, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "validation fraction: %s of 10 images holds back %d; each part needs at least 1"
                .formatted(fraction, held));
  }

  @Test
  void rulesAreKnownByName() {
    assertThat(Split.Rule.named("random")).isEqualTo(Split.Rule.RANDOM);
    assertThat(Split.Rule.named("tail")).isEqualTo(Split.Rule.TAIL);
    assertThatThrownBy(() -> Split.Rule.named("head"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unknown split 'head'; known: random, tail");
  }
}
