package dev.windfall.sparsity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.random.StatelessRandom;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Over ten thousand updates, no count drifts and no position stands twice. */
class ConnectionCountsTest {

  private static final double[] FRACTIONS = {0, 0.05, 0.1, 0.3, 0.5, 0.9, 1};

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void countsNeverDrift(long seed) {
    StatelessRandom random = StatelessRandom.of(seed, "counts test");
    for (int layer = 0; layer < 100; layer++) {
      // Among them layers of one weight and dense ones.
      int rows = 1 + random.nextInt(6);
      int columns = 1 + random.nextInt(12);
      int count = 1 + random.nextInt(rows * columns);
      Connectivity connectivity =
          RandomConnectivity.draw(Updates.linear(rows, columns), count, seed);
      for (int step = 0; step < 20; step++) {
        connectivity = updatedByGradient(connectivity, random, 0);
        assertThat(connectivity.count()).isEqualTo(count);
        connectivity = updatedAtRandom(connectivity, random, seed, step, 0);
        assertThat(connectivity.count()).isEqualTo(count);
      }
    }
  }

  /** Where connections wander between layers, as many more or fewer grow as are asked for. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void asManyMoreGrowAsAreAskedFor(long seed) {
    StatelessRandom random = StatelessRandom.of(seed, "wandering counts test");
    for (int layer = 0; layer < 100; layer++) {
      int rows = 1 + random.nextInt(6);
      int columns = 1 + random.nextInt(12);
      int positions = rows * columns;
      long count = 1L + random.nextInt(positions);
      Connectivity connectivity =
          RandomConnectivity.draw(Updates.linear(rows, columns), count, seed);
      for (int step = 0; step < 20; step++) {
        int more = (int) (1 + random.nextInt(positions) - count);
        connectivity = updatedByGradient(connectivity, random, more);
        assertThat(connectivity.count()).isBetween(0L, (long) positions);
        count = connectivity.count();
        more = (int) (1 + random.nextInt(positions) - count);
        connectivity = updatedAtRandom(connectivity, random, seed, step, more);
        count = connectivity.count();
      }
    }
  }

  private static int grown(int dropped, int more, Connectivity before) {
    long room = before.positions() - before.count() + dropped;
    return (int) Math.max(0, Math.min(room, dropped + more));
  }

  private static Connectivity updatedByGradient(
      Connectivity before, StatelessRandom random, int more) {
    int[] dropped = dropped(before, random);
    float[] gradients = values((int) before.positions(), random);
    float[] droppedGradients = new float[dropped.length];
    for (int i = 0; i < dropped.length; i++) {
      droppedGradients[i] = gradients[(int) before.position(dropped[i])];
    }
    int count = grown(dropped.length, more, before);
    Replacement change =
        TopologyUpdate.growByGradient(
            "t",
            before,
            dropped,
            droppedGradients,
            Updates.candidates(before, count, gradients),
            count);
    Connectivity after = Updates.apply(before, change);
    assertThat(after).isEqualTo(Updates.byDefinition(before, dropped, gradients, count));
    assertThat(after.count()).isEqualTo(before.count() - dropped.length + count);
    return after;
  }

  private static Connectivity updatedAtRandom(
      Connectivity before, StatelessRandom random, long seed, long step, int more) {
    int[] dropped = dropped(before, random);
    int count = grown(dropped.length, more, before);
    Replacement change = TopologyUpdate.growAtRandom("t", before, dropped, count, seed, step);
    assertThat(change.dropped()).hasSizeLessThanOrEqualTo(dropped.length);
    assertThat(Arrays.stream(change.dropped()))
        .allMatch(position -> isAmong(dropped, before.indexOf(position)));
    Connectivity after = Updates.apply(before, change);
    assertThat(after.count()).isEqualTo(before.count() - dropped.length + count);
    return after;
  }

  private static boolean isAmong(int[] sorted, long index) {
    return Arrays.binarySearch(sorted, (int) index) >= 0;
  }

  private static int[] dropped(Connectivity before, StatelessRandom random) {
    double fraction = FRACTIONS[random.nextInt(FRACTIONS.length)];
    UpdateRule rule = random.nextInt(2) == 0 ? UpdateRule.AUTHORS : UpdateRule.REPORT;
    int count = TopologyUpdate.dropCount(fraction, before, rule);
    double share = before.isDense() ? 0 : fraction * before.count();
    assertThat(count)
        .isEqualTo((int) (rule == UpdateRule.AUTHORS ? share + 1e-9 : Math.ceil(share - 1e-9)));
    int[] dropped = TopologyUpdate.weakest(values((int) before.count(), random), count);
    assertThat(dropped).hasSize(count).isSorted().doesNotHaveDuplicates();
    return dropped;
  }

  /** All zero, full of ties, not all numbers, or all different. */
  private static float[] values(int count, StatelessRandom random) {
    int kind = random.nextInt(4);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (kind) {
            case 0 -> 0;
            case 1 -> random.nextInt(3) - 1;
            case 2 -> random.nextInt(3) == 0 ? Float.NaN : random.nextInt(2);
            default -> (float) random.nextGaussian();
          };
    }
    return values;
  }
}
