package dev.windfall.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ObjectiveTest {

  @ParameterizedTest
  @CsvSource({
    "10, OTHERS, 0.9, 0.0111111",
    "10, ALL, 0.91, 0.01",
    "100, OTHERS, 0.9, 0.00101010",
    "100, ALL, 0.901, 0.001",
    "1000, OTHERS, 0.9, 0.00010010",
    "1000, ALL, 0.9001, 0.0001"
  })
  void smoothedTargetsAreThoseOfTheTwoConventions(
      int classes, Objective.SmoothingOver over, double onLabel, double offLabel) {
    Objective.CrossEntropy entropy = new Objective.CrossEntropy(0.1, over);
    assertThat(entropy.onLabel(classes)).isCloseTo(onLabel, within(1e-12));
    assertThat(entropy.offLabel(classes)).isCloseTo(offLabel, within(5e-8));
    assertThat(entropy.onLabel(classes) + (classes - 1) * entropy.offLabel(classes))
        .isCloseTo(1, within(1e-12));
  }

  @Test
  void withoutSmoothingTheLabelHasAll() {
    for (Objective.SmoothingOver over : Objective.SmoothingOver.values()) {
      Objective.CrossEntropy entropy = new Objective.CrossEntropy(0, over);
      assertThat(entropy.onLabel(7)).isEqualTo(1);
      assertThat(entropy.offLabel(7)).isZero();
      assertThat(entropy.offLabel(1)).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-0.1, 1, weight of a teacher must be from 0 to 1",
    "1.5, 1, weight of a teacher must be from 0 to 1",
    "NaN, 1, weight of a teacher must be from 0 to 1",
    "0.5, 0, temperature of a teacher must be above 0",
    "0.5, NaN, temperature of a teacher must be above 0",
    "0.5, Infinity, temperature of a teacher must be above 0",
  })
  void teachersOutOfRangeAreRefused(double weight, double temperature, String message) {
    Objective.CrossEntropy labels = new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL);
    assertThatThrownBy(() -> new Objective.Distillation(labels, weight, temperature))
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1, Double.NaN})
  void smoothingOutOfRangeIsRefused(double smoothing) {
    assertThatThrownBy(() -> new Objective.CrossEntropy(smoothing, Objective.SmoothingOver.ALL))
        .hasMessageContaining("not " + smoothing);
  }
}
