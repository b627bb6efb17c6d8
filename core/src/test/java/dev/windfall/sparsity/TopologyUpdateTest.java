package dev.windfall.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.random.StatelessRandom;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopologyUpdateTest {

  private static final float[] WEIGHTS = {0.5f, -0.1f, 0.3f, -0.05f, 0.2f, -0.4f};
  private static final float[] GRADIENTS = {
    0.01f, 0.9f, 0.02f, 0.8f, 0.03f, 0.04f, 0.5f, -0.7f, 0.1f, 0.85f
  };

  /** Connections at positions 0 to 5 of ten. */
  private static final Connectivity SIX =
      Connectivity.ofPositions(1, 10, new long[] {0, 1, 2, 3, 4, 5});

  private static Replacement rigl(Connectivity connectivity, int[] dropped, float[] gradients) {
    float[] droppedGradients = new float[dropped.length];
    for (int i = 0; i < dropped.length; i++) {
      droppedGradients[i] = gradients[(int) connectivity.position(dropped[i])];
    }
    return TopologyUpdate.growByGradient(
        "t",
        connectivity,
        dropped,
        droppedGradients,
        Updates.candidates(connectivity, dropped.length, gradients),
        dropped.length);
  }

  @Test
  void halfIsDroppedAndTheLargestGradientsGrow() {
    int count = TopologyUpdate.dropCount(0.5, SIX, UpdateRule.AUTHORS);
    assertThat(count).isEqualTo(3);
    int[] dropped = TopologyUpdate.weakest(WEIGHTS, count);
    assertThat(dropped).containsExactly(1, 3, 4);
    Replacement change = rigl(SIX, dropped, GRADIENTS);
    // 1 and 3 grow again, so they never ceased to exist; 9 is new, 4 is gone.
    assertThat(change.tensor()).isEqualTo("t");
    assertThat(change.dropped()).containsExactly(4);
    assertThat(change.grown()).containsExactly(9);
    assertThat(change.regrown()).containsExactly(1, 3);
    assertThat(change.grownScores()).containsExactly(0.85f);
    assertThat(change.regrownScores()).containsExactly(0.9f, 0.8f);
    assertThat(change.with(new float[] {0.5f}).grownValues()).containsExactly(0.5f);
  }

  @Test
  void fractionOfThreeTenthsDropsOneOfSix() {
    int count = TopologyUpdate.dropCount(0.3, SIX, UpdateRule.AUTHORS);
    assertThat(count).isEqualTo(1);
    int[] dropped = TopologyUpdate.weakest(WEIGHTS, count);
    assertThat(dropped).containsExactly(3);
    Replacement change = rigl(SIX, dropped, GRADIENTS);
    assertThat(change.dropped()).containsExactly(3);
    assertThat(change.grown()).containsExactly(9);
  }

  @Test
  void nothingDroppedChangesNothing() {
    assertThat(TopologyUpdate.weakest(WEIGHTS, 0)).isEmpty();
    Replacement byGradient = rigl(SIX, new int[0], GRADIENTS);
    assertThat(byGradient.dropped()).isEmpty();
    assertThat(byGradient.grown()).isEmpty();
    Replacement atRandom = TopologyUpdate.growAtRandom("t", SIX, new int[0], 0, 1, 1);
    assertThat(atRandom.dropped()).isEmpty();
    assertThat(atRandom.grown()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0.16, 0", "0.17, 1", "0.5, 3", "0.99, 5", "1, 6"})
  void countsAreFloors(double fraction, int expected) {
    assertThat(TopologyUpdate.dropCount(fraction, SIX, UpdateRule.AUTHORS)).isEqualTo(expected);
  }

  @Test
  void denseTensorsAreSkipped() {
    assertThat(TopologyUpdate.dropCount(0.3, Connectivity.dense(10, 10), UpdateRule.AUTHORS))
        .isZero();
    assertThat(TopologyUpdate.dropCount(1, Connectivity.dense(90_000, 90_000), UpdateRule.AUTHORS))
        .isZero();
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
  void fractionsOutOfRangeAreRefused(double fraction) {
    assertThatThrownBy(() -> TopologyUpdate.dropCount(fraction, SIX, UpdateRule.AUTHORS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("drop fraction must be from 0 to 1, not " + fraction);
  }

  @Test
  void equalMagnitudesGoByPosition() {
    float[] weights = {0.1f, -0.1f, 0.0f, 0.1f, -0.0f, 0.1f};
    assertThat(TopologyUpdate.weakest(weights, 1)).containsExactly(2);
    assertThat(TopologyUpdate.weakest(weights, 2)).containsExactly(2, 4);
    assertThat(TopologyUpdate.weakest(weights, 4)).containsExactly(0, 1, 2, 4);
    float[] gradients = {7, 7, 7, 1, -1, 7, 1, -1, 1, 1};
    Replacement change = rigl(SIX, new int[] {3, 4}, gradients);
    assertThat(change.grown()).as("3 and 4 come before 6 to 9").isEmpty();
    gradients[3] = 0.5f;
    assertThat(rigl(SIX, new int[] {3, 4}, gradients).dropped()).containsExactly(3);
    assertThat(rigl(SIX, new int[] {3, 4}, gradients).grown()).containsExactly(6);
  }

  @Test
  void allZeroGradientsKeepWhatStandsFirst() {
    Connectivity last = Connectivity.ofPositions(1, 10, new long[] {4, 5, 6, 7, 8, 9});
    Replacement change = rigl(last, new int[] {0, 3}, new float[10]);
    assertThat(change.dropped()).containsExactly(4, 7);
    assertThat(change.grown()).containsExactly(0, 1);
  }

  @Test
  void notANumberGoesLast() {
    float nan = Float.NaN;
    float infinity = Float.POSITIVE_INFINITY;
    float[] weights = {nan, infinity, 3, -infinity, nan, 2};
    assertThat(TopologyUpdate.weakest(weights, 4)).containsExactly(1, 2, 3, 5);
    assertThat(TopologyUpdate.weakest(weights, 5)).containsExactly(0, 1, 2, 3, 5);
    float otherNan = Float.intBitsToFloat(0xFFC00001);
    assertThat(TopologyUpdate.weakest(new float[] {otherNan, nan, otherNan}, 2))
        .as("all NaN are equal")
        .containsExactly(0, 1);
    float[] gradients = {0, 0, 0, nan, nan, 0, nan, 0, nan, infinity};
    Replacement change = rigl(SIX, new int[] {3, 4}, gradients);
    assertThat(change.grown()).containsExactly(7, 9);
    gradients[7] = nan;
    assertThat(rigl(SIX, new int[] {3, 4}, gradients).grown()).containsExactly(9);
    assertThat(rigl(SIX, new int[] {3, 4}, gradients).dropped()).containsExactly(4);
  }

  @Test
  void candidatesMayStandInAnyOrderAndBeMoreThanNeeded() {
    Candidates candidates =
        new Candidates(new long[] {8, 9, 6, 7}, new float[] {0.1f, 0.85f, 0.5f, -0.7f});
    Replacement change =
        TopologyUpdate.growByGradient(
            "t", SIX, new int[] {2, 4}, new float[] {0.02f, 0.03f}, candidates, 2);
    assertThat(change.dropped()).containsExactly(2, 4);
    assertThat(change.grown()).containsExactly(7, 9);
  }

  @Test
  void randomGrowthIsAFunctionOfSeedTensorAndStep() {
    Connectivity many = RandomConnectivity.draw(Updates.linear(40, 40), 400, 1);
    int[] dropped = IntStream.range(0, 100).toArray();
    Replacement change = TopologyUpdate.growAtRandom("t", many, dropped, 100, 1, 100);
    assertThat(TopologyUpdate.growAtRandom("t", many, dropped, 100, 1, 100))
        .usingRecursiveComparison()
        .isEqualTo(change);
    for (Replacement other :
        List.of(
            TopologyUpdate.growAtRandom("t", many, dropped, 100, 2, 100),
            TopologyUpdate.growAtRandom("t", many, dropped, 100, 1, 200),
            TopologyUpdate.growAtRandom("u", many, dropped, 100, 1, 100))) {
      assertThat(other.grown()).isNotEqualTo(change.grown());
    }
  }

  @Test
  void smallestAreThoseOfAFullSort() {
    StatelessRandom random = StatelessRandom.of(1, "selection test");
    for (int round = 0; round < 300; round++) {
      // Few are sorted, many are counted.
      float[] values = new float[1 + random.nextInt(round % 30 == 0 ? 12_000 : 300)];
      // Few different values on some rounds, bits of every size on others.
      int kind = random.nextInt(3);
      for (int i = 0; i < values.length; i++) {
        values[i] =
            switch (kind) {
              case 0 -> random.nextInt(4) - 2;
              case 1 -> (float) random.nextGaussian();
              default -> Float.intBitsToFloat(random.nextInt(Integer.MAX_VALUE));
            };
      }
      int count = random.nextInt(values.length + 1);
      int[] expected =
          IntStream.range(0, values.length)
              .boxed()
              .sorted(
                  Comparator.<Integer>comparingDouble(i -> Math.abs(values[i]))
                      .thenComparing(Comparator.naturalOrder()))
              .limit(count)
              .mapToInt(Integer::intValue)
              .sorted()
              .toArray();
      assertThat(TopologyUpdate.weakest(values, count)).isEqualTo(expected);
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Candidates two = new Candidates(new long[] {9, 6}, new float[] {2, 1});
    float[] one = {1};
    assertThatThrownBy(() -> TopologyUpdate.weakest(WEIGHTS, 7))
        .hasMessage("7 connections to drop of 6");
    assertThatThrownBy(() -> TopologyUpdate.weakest(WEIGHTS, -1))
        .hasMessage("-1 connections to drop of 6");
    assertThatThrownBy(() -> TopologyUpdate.growByGradient("t", SIX, new int[] {6}, one, two, 1))
        .hasMessage("t: dropped connection 6 after -1; indices ascend from 0 to 5");
    assertThatThrownBy(() -> TopologyUpdate.growAtRandom("t", SIX, new int[] {2, 2}, 2, 1, 1))
        .hasMessage("t: dropped connection 2 after 2; indices ascend from 0 to 5");
    assertThatThrownBy(() -> TopologyUpdate.growByGradient("t", SIX, new int[] {1, 2}, one, two, 2))
        .hasMessage("t: 2 dropped connections with 1 gradients");
    assertThatThrownBy(
            () ->
                TopologyUpdate.growByGradient("t", SIX, new int[] {1, 2, 3}, new float[3], two, 3))
        .hasMessage("t: 2 growth candidates; 3 connections shall grow, so there must be 3");
    assertThatThrownBy(
            () ->
                TopologyUpdate.growByGradient(
                    "t", SIX, new int[] {1}, one, new Candidates(new long[] {3}, one), 1))
        .hasMessage("t: the growth candidate 3 exists already");
    assertThatThrownBy(
            () ->
                TopologyUpdate.growByGradient(
                    "t",
                    SIX,
                    new int[] {1, 2},
                    new float[2],
                    new Candidates(new long[] {7, 7}, new float[] {1, 1}),
                    2))
        .hasMessage("t: positions 7 and 7 are not in ascending order");
  }

  @Test
  void fewerInactiveConnectionsThanDroppedOnesAreEnough() {
    Connectivity nine = Connectivity.ofPositions(1, 10, new long[] {0, 1, 2, 3, 4, 5, 6, 7, 8});
    Replacement change = rigl(nine, new int[] {0, 2, 4, 6}, GRADIENTS);
    assertThat(change.dropped()).containsExactly(0);
    assertThat(change.grown()).containsExactly(9);
  }

  @Test
  void theReportsRuleDropsTheCeiling() {
    assertThat(TopologyUpdate.dropCount(0.3, SIX, UpdateRule.REPORT)).isEqualTo(2);
    int[] dropped = TopologyUpdate.weakest(WEIGHTS, 2);
    assertThat(dropped).containsExactly(1, 3);
    Replacement change = rigl(SIX, dropped, GRADIENTS);
    assertThat(change.dropped()).containsExactly(3);
    assertThat(change.regrown()).containsExactly(1);
    assertThat(change.grown()).containsExactly(9);
    assertThat(TopologyUpdate.dropCount(0.5, SIX, UpdateRule.REPORT)).isEqualTo(3);
    assertThat(TopologyUpdate.dropCount(0, SIX, UpdateRule.REPORT)).isZero();
    assertThat(TopologyUpdate.dropCount(1e-9, SIX, UpdateRule.REPORT)).isOne();
    assertThat(TopologyUpdate.dropCount(0.3, Connectivity.dense(3, 3), UpdateRule.REPORT)).isZero();
  }

  @Test
  void moreOrFewerMayGrowThanWereDropped() {
    int[] dropped = {1, 3};
    float[] gradients = {0.9f, 0.8f};
    Candidates all = Updates.candidates(SIX, 4, GRADIENTS);
    Replacement more = TopologyUpdate.growByGradient("t", SIX, dropped, gradients, all, 5);
    assertThat(more.dropped()).isEmpty();
    assertThat(more.regrown()).containsExactly(1, 3);
    assertThat(more.grown()).containsExactly(6, 7, 9);
    Replacement fewer = TopologyUpdate.growByGradient("t", SIX, dropped, gradients, all, 1);
    assertThat(fewer.dropped()).containsExactly(3);
    assertThat(fewer.regrown()).containsExactly(1);
    assertThat(fewer.grown()).isEmpty();
    assertThat(TopologyUpdate.growAtRandom("t", SIX, dropped, 6, 1, 1).grown())
        .containsExactly(6, 7, 8, 9);
    assertThat(TopologyUpdate.growAtRandom("t", SIX, dropped, 0, 1, 1).dropped())
        .containsExactly(1, 3);
    assertThat(TopologyUpdate.prune("t", SIX, dropped).dropped()).containsExactly(1, 3);
    assertThatThrownBy(() -> TopologyUpdate.growAtRandom("t", SIX, dropped, 7, 1, 1))
        .hasMessage("t: 7 connections shall grow where there is room for 6");
  }
}
