package dev.windfall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LearningRateTest {

  private static final LearningRateSchedule REPORT =
      new LearningRateSchedule.Step(List.of(0.31, 0.61, 0.92), 0.2);

  @ParameterizedTest
  @CsvSource({
    "0, 0.1",
    "309, 0.1",
    "310, 0.02",
    "609, 0.02",
    "610, 0.004",
    "919, 0.004",
    "920, 0.0008",
    "999, 0.0008"
  })
  void stepsFallExactlyAtTheirAnchors(long step, double rate) {
    assertThat(new LearningRate(0.1, REPORT, 0, 1000).at(step)).isCloseTo(rate, within(1e-15));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 5})
  void anchorsScaleWithTheTraining(long multiplier) {
    LearningRate once = new LearningRate(0.1, REPORT, 0, 1000);
    LearningRate longer = new LearningRate(0.1, REPORT, 0, 1000 * multiplier);
    for (long step = 0; step < 1000; step++) {
      assertThat(longer.at(step * multiplier)).isEqualTo(once.at(step));
    }
  }

  @Test
  void warmUpRisesInEqualPartsToTheWholeRate() {
    LearningRate rate = new LearningRate(0.8, new LearningRateSchedule.Constant(), 4, 100);
    assertThat(List.of(rate.at(0), rate.at(1), rate.at(2), rate.at(3), rate.at(4), rate.at(99)))
        .containsExactly(0.2, 0.4, 0.8 * 3 / 4, 0.8, 0.8, 0.8);
  }

  @Test
  void cosineSpansWhatTheWarmUpLeaves() {
    LearningRate rate = new LearningRate(1, new LearningRateSchedule.Cosine(), 20, 120);
    assertThat(rate.at(20)).isEqualTo(1);
    assertThat(rate.at(45)).isCloseTo(0.8535533905932737, within(1e-15));
    assertThat(rate.at(70)).isCloseTo(0.5, within(1e-15));
    assertThat(rate.at(95)).isCloseTo(0.14644660940672624, within(1e-15));
    assertThat(rate.at(119)).isPositive().isLessThan(3e-4);
  }

  @Test
  void aLineFallsFromTheWarmUpToTheEnd() {
    LearningRate rate = new LearningRate(0.5, new LearningRateSchedule.Linear(), 20, 120);
    assertThat(rate.at(9)).isEqualTo(0.25);
    assertThat(rate.at(20)).isEqualTo(0.5);
    assertThat(rate.at(45)).isCloseTo(0.375, within(1e-15));
    assertThat(rate.at(70)).isEqualTo(0.25);
    assertThat(rate.at(119)).isCloseTo(0.005, within(1e-15));
  }

  /** Periods of 10, 20 and 40 steps, as Loshchilov and Hutter's T_0 = 10, T_mult = 2. */
  @ParameterizedTest
  @CsvSource({
    "5, 1",
    "10, 0.5",
    "15, 1",
    "20, 0.8535533905932737",
    "25, 0.5",
    "34, 0.00615582970243117",
    "35, 1",
    "55, 0.5",
    "74, 0.0015413331334360182"
  })
  void cosinesRestartInPeriodsThatFillTheTraining(long step, double factor) {
    LearningRateSchedule restarts = new LearningRateSchedule.CosineRestarts(2, 2);
    assertThat(new LearningRate(3, restarts, 5, 75).at(step)).isCloseTo(3 * factor, within(1e-6));
  }

  @Test
  void withoutRestartsItIsTheCosine() {
    LearningRate none =
        new LearningRate(0.1, new LearningRateSchedule.CosineRestarts(0, 2), 7, 100);
    LearningRate cosine = new LearningRate(0.1, new LearningRateSchedule.Cosine(), 7, 100);
    for (long step = 0; step < 100; step++) {
      assertThat(none.at(step)).isEqualTo(cosine.at(step));
    }
  }

  @Test
  void moreRestartsThanStepsAreNoHarm() {
    LearningRate rate =
        new LearningRate(1, new LearningRateSchedule.CosineRestarts(100, 10), 0, 50);
    for (long step = 0; step < 50; step++) {
      assertThat(rate.at(step)).isBetween(0.0, 1.0);
    }
  }

  static List<LearningRateSchedule> schedules() {
    return List.of(
        REPORT,
        new LearningRateSchedule.Cosine(),
        new LearningRateSchedule.CosineRestarts(2, 2),
        new LearningRateSchedule.CosineRestarts(3, 1),
        new LearningRateSchedule.Linear(),
        new LearningRateSchedule.HeldFrom(new LearningRateSchedule.Cosine(), 0.7, 0.25),
        new LearningRateSchedule.Constant());
  }

  @Test
  void aRateMayBeHeldFromAMomentOn() {
    LearningRateSchedule cosine = new LearningRateSchedule.Cosine();
    LearningRate falling = new LearningRate(0.1, cosine, 7, 100);
    LearningRate held =
        new LearningRate(0.1, new LearningRateSchedule.HeldFrom(cosine, 0.705, 0.5), 7, 100);
    for (long step = 0; step < 100; step++) {
      assertThat(held.at(step)).isEqualTo(step < 71 ? falling.at(step) : 0.1 * 0.5);
    }
    assertThatThrownBy(() -> new LearningRateSchedule.HeldFrom(cosine, 1, 0.5))
        .hasMessageContaining("not from 1.0 at 0.5");
    assertThatThrownBy(() -> new LearningRateSchedule.HeldFrom(cosine, 0.5, 0))
        .hasMessageContaining("not from 0.5 at 0.0");
  }

  /** Behind the warm-up, a training M times as long has the same rate at M times the step. */
  @ParameterizedTest
  @MethodSource("schedules")
  void everyScheduleStretchesWithTheTraining(LearningRateSchedule schedule) {
    LearningRate once = new LearningRate(0.1, schedule, 20, 160);
    for (long multiplier : new long[] {2, 5}) {
      LearningRate longer = new LearningRate(0.1, schedule, 20 * multiplier, 160 * multiplier);
      for (long step = 20; step < 160; step++) {
        assertThat(longer.at(step * multiplier)).isCloseTo(once.at(step), within(1e-15));
      }
    }
  }

  @Test
  void impossibleSettingsAreRefused() {
    assertThatThrownBy(() -> new LearningRateSchedule.Step(List.of(0.6, 0.3), 0.2))
        .hasMessageContaining("[0.6, 0.3]");
    assertThatThrownBy(() -> new LearningRateSchedule.Step(List.of(1.0), 0.2))
        .hasMessageContaining("between 0 and 1");
    assertThatThrownBy(() -> new LearningRateSchedule.Step(List.of(), Double.NaN))
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> new LearningRateSchedule.CosineRestarts(-1, 2))
        .hasMessageContaining("not -1 and 2.0");
    assertThatThrownBy(() -> new LearningRateSchedule.CosineRestarts(1, Double.NaN))
        .hasMessageContaining("not 1 and NaN");
    LearningRateSchedule constant = new LearningRateSchedule.Constant();
    assertThatThrownBy(() -> new LearningRate(0, constant, 0, 1)).hasMessageContaining("above 0");
    assertThatThrownBy(() -> new LearningRate(Double.POSITIVE_INFINITY, constant, 0, 1))
        .hasMessageContaining("Infinity");
    assertThatThrownBy(() -> new LearningRate(0.1, constant, 10, 10))
        .hasMessageContaining("warm-up of 10 steps")
        .hasMessageContaining("training of 10");
  }
}
