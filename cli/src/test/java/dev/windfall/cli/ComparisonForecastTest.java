package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.cli.ComparisonForecast.RowForecast;
import org.junit.jupiter.api.Test;

final class ComparisonForecastTest {

  @Test
  void aRowBetweenTwoOthersIsOnTheStraightWay() {
    RowForecast first = new RowForecast("round", 10, 400, 1000, null);
    RowForecast last = new RowForecast("round", 2, 100, 200, null);
    assertThat(first.towards(last, 0.25)).isEqualTo(new RowForecast("round", 8, 325, 800, null));
    assertThat(first.towards(last, 0)).isEqualTo(first);
    assertThat(first.towards(last, 1)).isEqualTo(last);
  }

  @Test
  void aRowFailsWhereOneOfTheTwoDoes() {
    RowForecast good = new RowForecast("round", 10, 400, 1000, null);
    RowForecast bad = new RowForecast("round", 0, 0, 0, "no convolution");
    assertThat(good.towards(bad, 0.5).failure()).isEqualTo("no convolution");
    assertThat(bad.towards(good, 0.5).failure()).isEqualTo("no convolution");
  }
}
