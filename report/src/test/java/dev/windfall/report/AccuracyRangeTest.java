package dev.windfall.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AccuracyRangeTest {

  private static AccuracyChart.Point point(String line, double accuracy, double deviation) {
    return new AccuracyChart.Point(line, false, 0.1, accuracy, deviation);
  }

  @Test
  void barsFitWithAMargin() {
    AccuracyRange range =
        AccuracyRange.of(List.of(point("static", 0.80, 0.02), point("rigl", 0.90, 0.01)));
    assertThat(range.lowest()).isCloseTo(78 - 0.65, within(1e-9));
    assertThat(range.highest()).isCloseTo(91 + 0.65, within(1e-9));
    assertThat(range.note()).isEmpty();
  }

  @Test
  void aFailedTrainingIsNamedInsteadOfPressingTheOthersTogether() {
    List<AccuracyChart.Point> points = new ArrayList<>();
    for (double accuracy : new double[] {0.82, 0.83, 0.84, 0.85, 0.86, 0.87}) {
      points.add(point("rigl", accuracy, 0.01));
    }
    points.add(point("small-dense", 0.562, 0.4));
    AccuracyRange range = AccuracyRange.of(points);
    assertThat(range.lowest()).isBetween(80.0, 81.0);
    assertThat(range.highest()).isBetween(88.0, 89.0);
    assertThat(range.note()).isEqualTo("; below: small-dense 56.2 %");
  }

  @Test
  void failedTrainingsStayWhereTheAxisIsLongAnyway() {
    List<AccuracyChart.Point> points = new ArrayList<>();
    for (double accuracy : new double[] {0.83, 0.84, 0.84, 0.85, 0.85, 0.86}) {
      points.add(point("at", accuracy, 0.01));
    }
    points.add(point("rigl", 0.83, 0.6));
    points.add(point("vanilla", 0.1, 0));
    AccuracyRange range = AccuracyRange.of(points);
    assertThat(range.lowest()).isBetween(0.0, 10.0);
    assertThat(range.note()).isEmpty();
  }

  @Test
  void equalPointsHaveARangeToo() {
    AccuracyRange range = AccuracyRange.of(List.of(point("static", 0.5, 0), point("set", 0.5, 0)));
    assertThat(range.lowest()).isLessThan(50);
    assertThat(range.highest()).isGreaterThan(50);
  }
}
