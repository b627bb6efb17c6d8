package dev.windfall.sparsity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalFractionTest {

  @ParameterizedTest
  @CsvSource({
    "0.3, 10, 3",
    "0.29, 100, 29",
    "0.1, 30, 3",
    "0.7, 10, 7",
    "0.57, 100, 57",
    "0.0, 7, 0",
    "1.0, 7, 7",
    "0.9, 0, 0",
    "0.3, 6, 1",
    "0.999999999999999, 1000, 999",
    "0.1, 9000000000000000010, 900000000000000001",
    "1e-300, 1000, 0",
  })
  void floorsAreExact(double fraction, long count, long expected) {
    assertThat(DecimalFraction.of(fraction).floorOf(count)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 100, 1000})
  void floorsOfAllDecimalsAreThoseOfWholeNumbers(int denominator) {
    for (int numerator = 0; numerator <= denominator; numerator++) {
      DecimalFraction fraction = DecimalFraction.of((double) numerator / denominator);
      for (int count = 0; count < 1200; count += 1 + count / 40) {
        assertThat(fraction.floorOf(count))
            .as("%d / %d of %d", numerator, denominator, count)
            .isEqualTo(numerator * count / denominator);
      }
    }
  }

  @Test
  void lastBitsOfAComputedFractionDoNotCount() {
    double third = 0.1 + 0.2;
    assertThat(third).isGreaterThan(0.3);
    assertThat(DecimalFraction.of(third).floorOf(10)).isEqualTo(3);
    double short1 = 0.3 - 0.1;
    assertThat(short1).isLessThan(0.2);
    assertThat(DecimalFraction.of(short1).floorOf(10)).isEqualTo(2);
    assertThat(DecimalFraction.of(new DropFraction.Cosine(0.3).at(1.0 / 3)).floorOf(40))
        .as("0.225 of 40")
        .isEqualTo(9);
  }
}
