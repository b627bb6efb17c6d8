package dev.windfall.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.LayerShares.Rounding;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerSharesTest {

  private static final long[] WEIGHTS = {100, 200, 400};
  private static final long[] CONNECTIONS = {50, 60, 40};

  private static LayerShares shares(double... statistics) {
    return new LayerShares(WEIGHTS, CONNECTIONS, statistics);
  }

  @ParameterizedTest
  @CsvSource({
    "EXACT,    23, 11, 11, 150",
    "REPORT,   22, 11, 11, 149",
    "DETTMERS, 23, 12, 12, 152"
  })
  void theKnownVectors(Rounding rounding, long first, long second, long third, long after) {
    LayerShares shares = shares(0.2, 0.1, 0.1);
    long[] removed = shares.removed(0.3, UpdateRule.AUTHORS);
    assertThat(removed).containsExactly(15, 18, 12);
    assertThat(shares.removed(0.3, UpdateRule.REPORT)).containsExactly(15, 18, 12);
    long[] grown = shares.grown(removed, 0, rounding);
    assertThat(grown).containsExactly(first, second, third);
    assertThat(150 - 45 + LongStream.of(grown).sum()).isEqualTo(after);
  }

  @Test
  void whatRoundingLostGrowsAtTheNextUpdate() {
    LayerShares shares = shares(0.2, 0.1, 0.1);
    long[] removed = {15, 18, 12};
    assertThat(LongStream.of(shares.grown(removed, 1, Rounding.REPORT)).sum()).isEqualTo(47);
    assertThat(LongStream.of(shares.grown(removed, -5, Rounding.DETTMERS)).sum()).isEqualTo(40);
  }

  @Test
  void sharesGoByTheStatistics() {
    long[] removed = {15, 18, 12};
    assertThat(shares(0, 1, 0).grown(removed, 0, Rounding.EXACT)).containsExactly(0, 45, 0);
    assertThat(shares(0, 0, 0).grown(removed, 0, Rounding.EXACT)).containsExactly(removed);
    assertThat(shares(Double.NaN, 1, 2).grown(removed, 0, Rounding.EXACT))
        .containsExactly(0, 15, 30);
    assertThat(shares(1e-30, 1e-30, 1e-30).grown(removed, 0, Rounding.EXACT))
        .containsExactly(15, 15, 15);
  }

  @Test
  void aFullLayerPassesOnWhatItCannotTake() {
    LayerShares shares =
        new LayerShares(
            new long[] {20, 1000, 1000}, new long[] {10, 300, 300}, new double[] {8, 1, 1});
    long[] removed = {3, 90, 90};
    // 99 % of the 13 that the first lacks are 12; the other 171 are shared by the rest alike.
    assertThat(shares.grown(removed, 0, Rounding.EXACT)).containsExactly(12, 86, 85);
  }

  @Test
  void whereOnePercentLessIsTooLittleLayersAreFilled() {
    LayerShares shares =
        new LayerShares(new long[] {10, 10}, new long[] {10, 9}, new double[] {1, 1});
    assertThat(shares.grown(new long[] {5, 5}, 0, Rounding.EXACT)).containsExactly(5, 5);
  }

  @Test
  void importantLayersThatAreNearlyDenseDropLess() {
    LayerShares shares =
        new LayerShares(
            new long[] {100, 100, 1000}, new long[] {90, 90, 100}, new double[] {8, 1, 1});
    assertThat(shares.removed(0.3, UpdateRule.AUTHORS)).containsExactly(9, 27, 30);
  }

  @Test
  void aConnectionStaysInEveryLayer() {
    LayerShares shares =
        new LayerShares(new long[] {5, 50}, new long[] {1, 7}, new double[] {1, 1});
    assertThat(shares.removed(1, UpdateRule.REPORT)).containsExactly(0, 6);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void theSumIsExactForAnyLayers(long seed) {
    StatelessRandom random = StatelessRandom.of(seed, "shares test");
    for (int round = 0; round < 2000; round++) {
      int layers = 1 + random.nextInt(12);
      long[] weights = new long[layers];
      long[] connections = new long[layers];
      double[] statistics = new double[layers];
      for (int i = 0; i < layers; i++) {
        weights[i] = 1L + random.nextInt(random.nextInt(2) == 0 ? 10 : 100_000);
        connections[i] = 1 + random.nextLong(weights[i]);
        statistics[i] =
            switch (random.nextInt(4)) {
              case 0 -> 0;
              case 1 -> Double.NaN;
              case 2 -> random.nextDouble() * 1e-8;
              default -> random.nextDouble();
            };
      }
      LayerShares shares = new LayerShares(weights, connections, statistics);
      long[] removed =
          shares.removed(
              random.nextInt(11) / 10.0,
              random.nextInt(2) == 0 ? UpdateRule.AUTHORS : UpdateRule.REPORT);
      long[] grown = shares.grown(removed, 0, Rounding.EXACT);
      assertThat(LongStream.of(grown).sum()).isEqualTo(LongStream.of(removed).sum());
      for (int i = 0; i < layers; i++) {
        assertThat(connections[i] - removed[i]).isPositive();
        assertThat(connections[i] - removed[i] + grown[i]).isLessThanOrEqualTo(weights[i]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Rounding.class)
  void roundingsHaveNames(Rounding rounding) {
    assertThat(Rounding.named(rounding.label())).isEqualTo(rounding);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> shares(1, 2)).hasMessage("3 layers with 3 counts and 2 statistics");
    assertThatThrownBy(() -> Rounding.named("up"))
        .hasMessage("unknown rounding 'up'; known: exact report dettmers");
    assertThatThrownBy(() -> Redistribution.named("weights"))
        .hasMessage("unknown redistribution 'weights'; known: none momentum gradient");
    assertThatThrownBy(() -> UpdateRule.named("other"))
        .hasMessage("unknown update rule 'other'; known: authors report");
    assertThatThrownBy(() -> UpdateTiming.named("never"))
        .hasMessage("unknown timing 'never' of updates; known: instead-of-step after-step");
  }
}
