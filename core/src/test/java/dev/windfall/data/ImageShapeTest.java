package dev.windfall.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ImageShapeTest {
  @Test
  void sizeIsTheProduct() {
    assertThat(new ImageShape(3, 32, 16).size()).isEqualTo(1536);
    assertThat(new ImageShape(3, 32, 16)).hasToString("3x32x16");
    assertThat(new ImageShape(1, 32_768, 65_535).size()).isEqualTo(2_147_450_880);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 32, 32, 'image shape 0x32x32: every size is at least 1'",
    "3, -1, 32, 'image shape 3x-1x32: every size is at least 1'",
    "3, 32, 0, 'image shape 3x32x0: every size is at least 1'",
    "1, 32768, 65536, 'image shape 1x32768x65536: too many values in an image'"
  })
  void badSizesAreRefused(int channels, int height, int width, String message) {
    assertThatThrownBy(() -> new ImageShape(channels, height, width))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
