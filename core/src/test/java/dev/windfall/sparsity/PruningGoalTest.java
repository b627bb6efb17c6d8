package dev.windfall.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.LayerDensities.LayerDensity;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PruningGoalTest {

  private static final List<Parameter> LAYERS =
      new NetworkBuilder("net", Shape.features(4))
          .linear("one", 2)
          .linear("two", 3)
          .build()
          .prunable();

  private static final String ONE = "one.weight";
  private static final String TWO = "two.weight";

  private static LayerDensities densities(long one, long two) {
    return new LayerDensities(
        List.of(new LayerDensity(LAYERS.get(0), one), new LayerDensity(LAYERS.get(1), two)));
  }

  private static Map<String, float[]> values(float[] one, float[] two) {
    Map<String, float[]> values = new LinkedHashMap<>();
    values.put(ONE, one);
    values.put(TWO, two);
    return values;
  }

  /** Progress, and the published sparsities on the way to 0.8, 0.9 and 0.95. */
  @ParameterizedTest
  @CsvSource({
    "0,    0,      0,        0",
    "0.1,  0.2168, 0.2439,   0.25745",
    "0.25, 0.4625, 0.520312, 0.549219",
    "0.5,  0.7,    0.7875,   0.83125",
    "0.75, 0.7875, 0.885938, 0.935156",
    "0.9,  0.7992, 0.8991,   0.94905",
    "1,    0.8,    0.9,      0.95",
  })
  void theCubicScheduleIsThePublishedOne(double progress, double s80, double s90, double s95) {
    double share = PruningGoal.cubic(progress);
    assertThat(0.8 * share).isCloseTo(s80, within(1e-6));
    assertThat(0.9 * share).isCloseTo(s90, within(1e-6));
    assertThat(0.95 * share).isCloseTo(s95, within(1e-6));
  }

  @ParameterizedTest
  @CsvSource({
    "700, 65918, 0.9, 800, 0.004134",
    "700, 65918, 0.9, 1000, 0.012363",
    "700, 65918, 0.9, 10000, 0.332723",
    "700, 65918, 0.9, 33309, 0.7875",
    "700, 65918, 0.9, 50000, 0.886914",
    "10000, 25000, 0.8, 11000, 0.14957",
    "10000, 25000, 0.8, 12000, 0.27923",
    "10000, 25000, 0.8, 15000, 0.562963",
    "10000, 25000, 0.8, 20000, 0.77037",
    "10000, 25000, 0.8, 24000, 0.799763",
  })
  void stepsHaveThePublishedSparsity(
      long begin, long end, double sparsity, long step, double expected) {
    UpdateSchedule schedule = new UpdateSchedule(100, begin, end, new DropFraction.Constant(0.3));
    assertThat(sparsity * PruningGoal.cubic(schedule.progress(step)))
        .isCloseTo(expected, within(1e-6));
  }

  @Test
  void everyLayerGoesItsOwnWay() {
    PruningGoal goal = new PruningGoal(densities(2, 6), Set.of());
    Map<String, float[]> values =
        values(new float[] {8, -7, 6, 5, -4, 3, 2, 1}, new float[] {1, 2, 3, 4, 5, 6});
    Map<String, int[]> half = goal.dropped(values, 0.5);
    assertThat(half).containsOnlyKeys(ONE);
    assertThat(half.get(ONE)).containsExactly(5, 6, 7);
    assertThat(goal.dropped(values, 1).get(ONE)).containsExactly(2, 3, 4, 5, 6, 7);
    assertThat(goal.dropped(values(new float[] {8, -7}, new float[6]), 1)).isEmpty();
  }

  @Test
  void oneThresholdRanksAllLayersTogether() {
    PruningGoal goal = new PruningGoal(densities(4, 3), Set.of(ONE, TWO));
    Map<String, float[]> values =
        values(new float[] {9, -9, 9, 9, -9, 9, 0.5f, 9}, new float[] {1, 1, 0.5f, -1, 2, 3});
    Map<String, int[]> dropped = goal.dropped(values, 0.5);
    // Half of the seven that go in the end: the smallest, of equal ones the first layer's.
    assertThat(dropped.get(ONE)).containsExactly(6);
    assertThat(dropped.get(TWO)).containsExactly(0, 2);
    dropped = goal.dropped(values, 1);
    // The strongest of a layer stays, however weak it is.
    assertThat(dropped.get(TWO)).containsExactly(0, 1, 2, 3, 4);
    assertThat(dropped.get(ONE)).containsExactly(1, 6);
  }

  @Test
  void scoresBelowZeroGoFirst() {
    PruningGoal goal = new PruningGoal(densities(4, 3), Set.of(ONE, TWO));
    Map<String, float[]> scores =
        values(new float[] {-3, 2, -0f, 0, 1, -1, 5, Float.NaN}, new float[] {-9, 4, 3, -2, 6, 7});
    Map<String, int[]> dropped = goal.lowest(scores, 1);
    assertThat(dropped.get(ONE)).containsExactly(0, 2, 3, 4, 5);
    assertThat(dropped.get(TWO)).containsExactly(0, 3);
    // A layer whose best score is below 0 keeps that connection.
    scores = values(new float[] {1, 1, 1, 1, 1, 1, 1, 1}, new float[] {-9, -8, -3, -2, -6, -7});
    assertThat(goal.lowest(scores, 1).get(TWO)).containsExactly(0, 1, 2, 4, 5);
  }

  /** More than are sorted: their bits are counted. */
  @Test
  void manyScoresOfBothSignsAreRanked() {
    StatelessRandom random = StatelessRandom.of(7, "scores");
    float[] scores = new float[20_000];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = random.nextInt(3) == 0 ? random.nextInt(5) - 2 : (float) random.nextGaussian();
    }
    for (int count : new int[] {0, 1, 7_000, 13_000, 19_999, 20_000}) {
      int[] expected =
          IntStream.range(0, scores.length)
              .boxed()
              .sorted(Comparator.comparingDouble((Integer i) -> scores[i]))
              .limit(count)
              .mapToInt(Integer::intValue)
              .sorted()
              .toArray();
      assertThat(TopologyUpdate.lowest(scores, count)).isEqualTo(expected);
    }
  }

  @Test
  void noLayerLosesItsLastConnection() {
    PruningGoal goal = new PruningGoal(densities(1, 1), Set.of(ONE, TWO));
    Map<String, float[]> values =
        values(new float[] {0, 0, 0, 0, 0, 0, 0, 0}, new float[] {1, 2, 3, 4, 5, 6});
    Map<String, int[]> dropped = goal.dropped(values, 1);
    assertThat(dropped.get(ONE)).containsExactly(1, 2, 3, 4, 5, 6, 7);
    assertThat(dropped.get(TWO)).containsExactly(0, 1, 2, 3, 4);
    assertThatThrownBy(() -> goal.dropped(Map.of(), 1))
        .hasMessage("the connections of one.weight are missing");
  }
}
