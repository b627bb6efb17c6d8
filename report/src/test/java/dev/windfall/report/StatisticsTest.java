package dev.windfall.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class StatisticsTest {

  private static PairedDifference difference(Map<Long, Double> values, Map<Long, Double> other) {
    return Objects.requireNonNull(PairedDifference.of(values, other));
  }

  @Test
  void aDeviationIsThatOfTheSample() {
    SeedStatistics statistics =
        Objects.requireNonNull(SeedStatistics.of(List.of(0.90, 0.92, 0.97)));
    assertThat(statistics.mean()).isCloseTo(0.93, within(1e-12));
    // (0.03² + 0.01² + 0.04²) / 2 = 0.0013
    assertThat(statistics.standardDeviation()).isCloseTo(Math.sqrt(0.0013), within(1e-12));
    assertThat(statistics.seeds()).isEqualTo(3);
  }

  @Test
  void oneSeedTellsNothingOfTheSpread() {
    assertThat(SeedStatistics.of(List.of(0.9))).isEqualTo(new SeedStatistics(0.9, null, 1));
    assertThat(SeedStatistics.of(List.of())).isNull();
    assertThat(difference(Map.of(1L, 0.75), Map.of(1L, 0.5)))
        .isEqualTo(new PairedDifference(0.25, null, null, 1));
  }

  @Test
  void aDifferenceIsPairedBySeed() {
    // Differences 0.01, 0.02, 0.03; seeds 4 and 5 have no partner.
    PairedDifference difference =
        difference(
            Map.of(1L, 0.90, 2L, 0.92, 3L, 0.94, 4L, 0.1),
            Map.of(3L, 0.91, 2L, 0.90, 1L, 0.89, 5L, 0.2));
    assertThat(difference.pairs()).isEqualTo(3);
    assertThat(difference.mean()).isCloseTo(0.02, within(1e-12));
    // t of 2 degrees of freedom at 0.975 is 4.302653; times 0.01 / √3.
    assertThat(difference.low()).isCloseTo(0.02 - 0.0248414, within(1e-7));
    assertThat(difference.high()).isCloseTo(0.02 + 0.0248414, within(1e-7));
  }

  @Test
  void twoPairsHaveTheWidestInterval() {
    // t of 1 degree of freedom at 0.975 is 12.706205; the differences 0 and 0.02 deviate by
    // 0.0141421.
    PairedDifference difference = difference(Map.of(1L, 0.5, 2L, 0.52), Map.of(1L, 0.5, 2L, 0.5));
    assertThat(difference.low()).isCloseTo(0.01 - 12.706205 * 0.01, within(1e-7));
    assertThat(difference.high()).isCloseTo(0.01 + 12.706205 * 0.01, within(1e-7));
  }

  @Test
  void withoutCommonSeedsThereIsNoDifference() {
    assertThat(PairedDifference.of(Map.of(1L, 0.5), Map.of(2L, 0.5))).isNull();
  }
}
