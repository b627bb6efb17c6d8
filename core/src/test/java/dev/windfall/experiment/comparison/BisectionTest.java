package dev.windfall.experiment.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class BisectionTest {

  @Test
  void findsTheNearestCount() {
    // Counts 0 1 4 9 16 25 ... at 0 1 2 3 4 5 ...
    assertThat(Bisection.nearest(0, 100, number -> number * number, 16)).isEqualTo(4);
    assertThat(Bisection.nearest(0, 100, number -> number * number, 12)).isEqualTo(3);
    assertThat(Bisection.nearest(0, 100, number -> number * number, 13)).isEqualTo(4);
    assertThat(Bisection.nearest(0, 100, number -> number * number, 1_000_000)).isEqualTo(100);
    assertThat(Bisection.nearest(3, 100, number -> number * number, 1)).isEqualTo(3);
  }

  @Test
  void ofTwoThatAreAsNearTheLowerCounts() {
    assertThat(Bisection.nearest(0, 10, number -> 10 * number, 35)).isEqualTo(3);
  }

  @Test
  void findsThePlaceWhereACountStandsStill() {
    long found = Bisection.nearest(0, 1000, number -> number / 100, 7);
    assertThat(found / 100).isEqualTo(7);
  }
}
