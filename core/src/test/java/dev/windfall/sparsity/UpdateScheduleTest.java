package dev.windfall.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpdateScheduleTest {

  private static UpdateSchedule authors(String fraction, long end) {
    return new UpdateSchedule(1, 0, end, DropFraction.named(fraction, 0.3, 3));
  }

  private static List<Long> updates(UpdateSchedule schedule, long steps) {
    return LongStream.range(0, steps).filter(schedule::updatesAt).boxed().toList();
  }

  @ParameterizedTest
  @CsvSource({
    "75000,     0, 0.3",
    "75000,   100, 0.29999868",
    "75000, 25000, 0.225",
    "75000, 37500, 0.15",
    "75000, 50000, 0.075",
    "75000, 56250, 0.04393398",
    "75000, 74900, 0.00000132",
    "75000, 75000, 0",
    "25000,   100, 0.29998816",
    "25000,  6250, 0.25606602",
    "25000, 18750, 0.04393398",
    "25000, 24900, 0.00001184",
    "65918,    99, 0.29999833",
    "65918, 16479, 0.25606854",
    "65918, 32959, 0.15",
  })
  void cosineVectors(long end, long step, double expected) {
    assertThat(authors("cosine", end).dropFraction(step)).isCloseTo(expected, within(1e-8));
  }

  @ParameterizedTest
  @CsvSource({
    "inverse-power, 25000, 0.08888889",
    "inverse-power, 37500, 0.0375",
    "inverse-power, 50000, 0.01111111",
    "linear, 25000, 0.2",
    "linear, 37500, 0.15",
    "linear, 50000, 0.1",
    "linear, 75000, 0",
    "constant, 0, 0.3",
    "constant, 75000, 0.3",
  })
  void otherVectors(String label, long step, double expected) {
    assertThat(authors(label, 75000).dropFraction(step)).isCloseTo(expected, within(1e-8));
  }

  @Test
  void updatesFollowTheFirstAtTheirDistanceUntilTheEnd() {
    DropFraction constant = new DropFraction.Constant(0.3);
    assertThat(updates(new UpdateSchedule(2, 1, 4, constant), 10)).containsExactly(1L, 3L);
    assertThat(updates(new UpdateSchedule(2, 1, 5, constant), 10)).containsExactly(1L, 3L, 5L);
    assertThat(updates(new UpdateSchedule(100, 0, 300, constant), 1000))
        .containsExactly(0L, 100L, 200L, 300L);
    assertThat(updates(new UpdateSchedule(1, 4, 6, constant), 10)).containsExactly(4L, 5L, 6L);
    assertThat(updates(new UpdateSchedule(5, 0, -1, constant), 10)).isEmpty();
    assertThat(new UpdateSchedule(3, 1, Long.MAX_VALUE, constant).updatesAt(Long.MAX_VALUE))
        .isTrue();
  }

  @Test
  void fractionFallsFromTheFirstUpdateOn() {
    UpdateSchedule schedule = new UpdateSchedule(10, 100, 200, new DropFraction.Cosine(0.3));
    assertThat(schedule.dropFraction(100)).isEqualTo(0.3);
    assertThat(schedule.dropFraction(150)).isCloseTo(0.15, within(1e-15));
    assertThat(schedule.dropFraction(200)).isZero();
    assertThat(schedule.dropFraction(155)).as("no update").isZero();
    assertThat(schedule.dropFraction(90)).as("before the first").isZero();
    assertThat(schedule.dropFraction(210)).as("after the last").isZero();
  }

  @Test
  void singleUpdateDropsTheInitialFraction() {
    UpdateSchedule schedule = new UpdateSchedule(10, 100, 100, new DropFraction.Cosine(0.3));
    assertThat(updates(schedule, 1000)).containsExactly(100L);
    assertThat(schedule.dropFraction(100)).isEqualTo(0.3);
  }

  @Test
  void endIsAShareOfTheTraining() {
    DropFraction cosine = new DropFraction.Cosine(0.3);
    assertThat(UpdateSchedule.over(100, 0, 0.75, 97_656, cosine, UpdateRule.AUTHORS))
        .isEqualTo(new UpdateSchedule(100, 0, 73_242, cosine));
    assertThat(UpdateSchedule.over(100, 0, 0.29, 100, cosine, UpdateRule.AUTHORS).end())
        .isEqualTo(29);
    assertThat(UpdateSchedule.over(100, 0, 1, 500, cosine, UpdateRule.AUTHORS).end())
        .isEqualTo(500);
    assertThat(updates(UpdateSchedule.over(100, 0, 0, 1000, cosine, UpdateRule.AUTHORS), 1000))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"constant", "cosine", "linear", "inverse-power"})
  void everyScheduleFallsAndKeepsItsLabel(String label) {
    DropFraction fraction = DropFraction.named(label, 0.5, 3);
    assertThat(fraction.label()).isEqualTo(label);
    assertThat(fraction.initial()).isEqualTo(0.5);
    assertThat(fraction.at(0)).isEqualTo(0.5);
    double previous = 0.5;
    for (int percent = 0; percent <= 100; percent++) {
      double value = fraction.at(percent / 100.0);
      assertThat(value).isBetween(0.0, previous);
      previous = value;
    }
  }

  @Test
  void badValuesAreRefused() {
    DropFraction constant = new DropFraction.Constant(0.3);
    assertThatThrownBy(() -> new UpdateSchedule(0, 0, 10, constant))
        .hasMessage("updates of connections must be at least 1 step apart, not 0");
    assertThatThrownBy(() -> new UpdateSchedule(1, -1, 10, constant))
        .hasMessageContaining("not at -1");
    assertThatThrownBy(() -> UpdateSchedule.over(1, 0, 1.5, 10, constant, UpdateRule.AUTHORS))
        .hasMessageContaining("from 0 to 1, not from 0.0 to 1.5");
    assertThatThrownBy(
            () -> UpdateSchedule.over(1, 0, Double.NaN, 10, constant, UpdateRule.AUTHORS))
        .hasMessageContaining("to NaN");
    assertThatThrownBy(() -> DropFraction.named("exponential", 0.3, 3))
        .hasMessage(
            "unknown update schedule 'exponential'; known: constant cosine linear inverse-power");
    for (String label : DropFraction.LABELS) {
      for (double initial : new double[] {-0.1, 1.1, Double.NaN}) {
        assertThatThrownBy(() -> DropFraction.named(label, initial, 3))
            .hasMessage("drop fraction must be from 0 to 1, not " + initial);
      }
    }
    assertThatThrownBy(() -> new DropFraction.InversePower(0.3, 0))
        .hasMessageContaining("power must be above 0, not 0.0");
  }

  @Test
  void theReportUpdatesWhereTheNextStepIsAMultiple() {
    DropFraction constant = new DropFraction.Constant(0.3);
    UpdateSchedule schedule = new UpdateSchedule(100, 0, 65_918, constant, UpdateRule.REPORT);
    List<Long> steps = updates(schedule, 80_000);
    assertThat(steps).startsWith(99L, 199L, 299L).endsWith(65_899L).hasSize(659);
    assertThat(updates(new UpdateSchedule(3, 0, 5, constant, UpdateRule.REPORT), 20))
        .containsExactly(2L);
    assertThat(updates(new UpdateSchedule(3, 4, 9, constant, UpdateRule.REPORT), 20))
        .containsExactly(5L, 8L);
    UpdateSchedule cosine =
        new UpdateSchedule(100, 0, 65_918, new DropFraction.Cosine(0.3), UpdateRule.REPORT);
    assertThat(cosine.dropFraction(99)).isCloseTo(0.29999833, within(1e-8));
    assertThat(cosine.dropFraction(100)).isZero();
  }

  @Test
  void updatesMayBeginLater() {
    DropFraction cosine = new DropFraction.Cosine(0.3);
    UpdateSchedule schedule = UpdateSchedule.over(10, 0.25, 0.75, 400, cosine, UpdateRule.AUTHORS);
    assertThat(updates(schedule, 400)).startsWith(100L, 110L).endsWith(290L, 300L).hasSize(21);
    assertThat(schedule.dropFraction(200)).isCloseTo(0.15, within(1e-15));
    assertThat(schedule.within(250).end()).isEqualTo(249);
    assertThatThrownBy(() -> UpdateSchedule.over(1, 0.8, 0.75, 9, cosine, UpdateRule.AUTHORS))
        .hasMessageContaining("from 0.8 to 0.75");
  }

  @Test
  void anyPowerCanBeTaken() {
    DropFraction square = DropFraction.named("inverse-power", 0.4, 2);
    assertThat(square.at(0.5)).isEqualTo(0.1);
  }
}
