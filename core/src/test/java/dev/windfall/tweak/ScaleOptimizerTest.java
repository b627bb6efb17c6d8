package dev.windfall.tweak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.tweak.ScaleOptimizer.Goal;
import org.junit.jupiter.api.Test;

final class ScaleOptimizerTest {

  /** The first step of each goal is corrected to its own derivative; the deviation is common. */
  @Test
  void goalsHaveTheirOwnMeanAndACommonDeviation() {
    ScaleOptimizer scale = new ScaleOptimizer(0.1, 0, 1);
    scale.step(Goal.LOWER_LOSS, 0.5);
    // mean .5, variance .25: a whole step down.
    assertThat(scale.scale()).isCloseTo(0.9, within(1e-7));
    scale.step(Goal.SHORTER_GRADIENT, -0.25);
    // The mean of the other goal is −.25; the variance (.999 · .25 + .0625) / 1.999.
    double variance = (0.999 * 0.25 + 0.0625) / 1.999;
    double second = 0.9 + 0.1 * 0.25 / Math.sqrt(variance);
    assertThat(scale.scale()).isCloseTo(second, within(1e-7));
    scale.step(Goal.LOWER_LOSS, 0.5);
    double third = (0.999 * (0.999 * 0.25 + 0.0625) + 0.25) / (1 + 0.999 + 0.999 * 0.999);
    assertThat(scale.scale()).isCloseTo(second - 0.1 * 0.5 / Math.sqrt(third), within(1e-7));
  }

  @Test
  void derivativesAreCutAndTheScaleHasAFloor() {
    ScaleOptimizer cut = new ScaleOptimizer(0.01, 0.01, 1);
    ScaleOptimizer one = new ScaleOptimizer(0.01, 0.01, 1);
    for (int i = 0; i < 300; i++) {
      cut.step(Goal.LOWER_LOSS, 50 + i);
      one.step(Goal.LOWER_LOSS, 1);
      assertThat(cut.scale()).isEqualTo(one.scale()).isGreaterThanOrEqualTo(0.01);
    }
    assertThat(cut.scale()).isEqualTo(0.01);
    cut.step(Goal.LOWER_LOSS, -1e9);
    assertThat(cut.scale()).isGreaterThanOrEqualTo(0.01);
  }
}
