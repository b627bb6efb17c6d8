package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FiguresTest {

  @ParameterizedTest
  @CsvSource({"0, 0 s", "59.4, 59 s", "59.6, 1:00 min", "3599, 59:59 min", "3661, 1:01:01 h"})
  void durations(double seconds, String text) {
    assertThat(Figures.duration(seconds)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0, 0 bytes", "1023, 1023 bytes", "1536, 1.5 KiB", "1073741824, 1.0 GiB"})
  void bytes(long bytes, String text) {
    assertThat(Figures.bytes(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"0.1234 | 12.34 %", "1 | 100.00 %"})
  void shares(double share, String text) {
    assertThat(Figures.percent(share)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"2.5 | 2.50", "12345.6 | 12,346"})
  void rates(double rate, String text) {
    assertThat(Figures.rate(rate)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"2.3456, 2.346", "123456, 1.23e+05"})
  void losses(double loss, String text) {
    assertThat(Figures.loss(loss)).isEqualTo(text);
  }
}
