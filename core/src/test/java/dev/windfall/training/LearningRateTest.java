package dev.windfall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
  void impossibleSettingsAreRefused() {
    assertThatThrownBy(() -> new LearningRateSchedule.Step(List.of(0.6, 0.3), 0.2))
        .hasMessageContaining("[0.6, 0.3]");
    assertThatThrownBy(() -> new LearningRateSchedule.Step(List.of(1.0), 0.2))
        .hasMessageContaining("between 0 and 1");
    assertThatThrownBy(() -> new LearningRateSchedule.Step(List.of(), Double.NaN))
        .hasMessageContaining("NaN");
    LearningRateSchedule constant = new LearningRateSchedule.Constant();
    assertThatThrownBy(() -> new LearningRate(0, constant, 0, 1)).hasMessageContaining("above 0");
    assertThatThrownBy(() -> new LearningRate(Double.POSITIVE_INFINITY, constant, 0, 1))
        .hasMessageContaining("Infinity");
    assertThatThrownBy(() -> new LearningRate(0.1, constant, 10, 10))
        .hasMessageContaining("warm-up of 10 steps")
        .hasMessageContaining("training of 10");
  }
}
