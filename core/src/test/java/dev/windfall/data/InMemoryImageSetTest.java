package dev.windfall.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class InMemoryImageSetTest {
  private static final ImageShape SHAPE = new ImageShape(1, 1, 2);

  @Test
  void readsImagesAndUnsignedLabels() {
    InMemoryImageSet images =
        new InMemoryImageSet(SHAPE, new byte[] {1, 2, 3, 4}, new byte[] {7, (byte) 200});
    byte[] image = {0, 0, 9};
    images.read(1, image);
    assertThat(image).containsExactly(3, 4, 9);
    assertThat(images.count()).isEqualTo(2);
    assertThat(images.label(1)).isEqualTo(200);
  }

  @Test
  void arraysOfDifferentCountsAreRefused() {
    assertThatThrownBy(() -> new InMemoryImageSet(SHAPE, new byte[5], new byte[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("2 labels need 4 pixel values (1x1x2 each), found 5");
  }
}
