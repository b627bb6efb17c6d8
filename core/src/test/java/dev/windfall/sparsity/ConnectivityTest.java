package dev.windfall.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.random.StatelessRandom;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectivityTest {

  /** Row 0: columns 1 and 4; row 1: none; row 2: 0, 2 and 3. */
  private static Connectivity example() {
    return Connectivity.of(3, 5, new long[] {0, 2, 2, 5}, new int[] {1, 4, 0, 2, 3});
  }

  @Test
  void countsAndPositions() {
    Connectivity example = example();
    assertThat(example.rows()).isEqualTo(3);
    assertThat(example.rowLength()).isEqualTo(5);
    assertThat(example.positions()).isEqualTo(15);
    assertThat(example.count()).isEqualTo(5);
    assertThat(example.density()).isEqualTo(1.0 / 3);
    assertThat(example.isDense()).isFalse();
    assertThat(example.toPositions()).containsExactly(1, 4, 10, 12, 13);
    assertThat(example).hasToString("5 of 3×5");
    assertThat(example.rowStart(1)).isEqualTo(2);
    assertThat(example.column(3)).isEqualTo(2);
  }

  @Test
  void rowsAreCopied() {
    int[] row = {-1, -1, -1, -1};
    assertThat(example().copyRow(2, row, 1)).isEqualTo(3);
    assertThat(row).containsExactly(-1, 0, 2, 3);
    assertThat(example().copyRow(1, row, 0)).isZero();
    int[] whole = new int[5];
    assertThat(Connectivity.dense(2, 5).copyRow(1, whole, 0)).isEqualTo(5);
    assertThat(whole).containsExactly(0, 1, 2, 3, 4);
  }

  @Test
  void absentConnectionsTellWhereTheyWouldStand() {
    assertThat(example().indexOf(12)).isEqualTo(3);
    assertThat(example().contains(12)).isTrue();
    assertThat(example().indexOf(0)).isEqualTo(-1);
    assertThat(example().indexOf(7)).as("in the empty row").isEqualTo(-3);
    assertThat(example().indexOf(14)).isEqualTo(-6);
    assertThat(example().contains(14)).isFalse();
    assertThatThrownBy(() -> example().indexOf(15)).hasMessage("position 15 of a tensor of 3×5");
    assertThatThrownBy(() -> example().indexOf(-1)).hasMessage("position -1 of a tensor of 3×5");
    assertThatThrownBy(() -> example().position(5)).hasMessage("connection 5 of 5");
  }

  @Test
  void denseHoldsEverything() {
    Connectivity dense = Connectivity.dense(2, 3);
    assertThat(dense.isDense()).isTrue();
    assertThat(dense.toPositions()).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(dense.indexOf(4)).isEqualTo(4);
    assertThat(dense.column(4)).isEqualTo(1);
    assertThat(dense.position(4)).isEqualTo(4);
    assertThat(dense.density()).isEqualTo(1);
    assertThat(Connectivity.dense(90_000, 90_000).count()).isEqualTo(8_100_000_000L);
  }

  @Test
  void everyConnectionListedIsDense() {
    Connectivity listed = Connectivity.of(2, 3, new long[] {0, 3, 6}, new int[] {0, 1, 2, 0, 1, 2});
    assertThat(listed).isEqualTo(Connectivity.dense(2, 3)).hasSameHashCodeAs(listed);
    assertThat(listed.isDense()).isTrue();
    assertThat(Connectivity.ofPositions(2, 3, new long[] {0, 1, 2, 3, 4, 5})).isEqualTo(listed);
  }

  @Test
  void noConnectionAtAllIsSparse() {
    Connectivity empty = Connectivity.ofPositions(2, 3, new long[0]);
    assertThat(empty.count()).isZero();
    assertThat(empty.isDense()).isFalse();
    assertThat(empty.toPositions()).isEmpty();
    assertThat(empty.contains(3)).isFalse();
    assertThat(empty.inactivePosition(5)).isEqualTo(5);
  }

  @Test
  void equalityIsThatOfTheConnections() {
    assertThat(example())
        .isEqualTo(Connectivity.ofPositions(3, 5, example().toPositions()))
        .hasSameHashCodeAs(Connectivity.ofPositions(3, 5, example().toPositions()))
        .isNotEqualTo(Connectivity.ofPositions(3, 5, new long[] {1, 4, 10, 12, 14}))
        .isNotEqualTo(Connectivity.ofPositions(3, 5, new long[] {1, 5, 10, 12, 13}))
        .isNotEqualTo(Connectivity.ofPositions(5, 3, example().toPositions()))
        .isNotEqualTo(Connectivity.dense(3, 5));
  }

  @Test
  void keepsNoArrayOfTheCaller() {
    long[] starts = {0, 1};
    int[] columns = {1};
    Connectivity connectivity = Connectivity.of(1, 2, starts, columns);
    columns[0] = 0;
    starts[1] = 0;
    assertThat(connectivity.toPositions()).containsExactly(1);
  }

  /** Against plain searches, over random tensors of awkward extents and every density. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void lookupsAgreeWithPlainSearches(long seed) {
    StatelessRandom random = StatelessRandom.of(seed, "connectivity test");
    for (int round = 0; round < 200; round++) {
      int rows = 1 + random.nextInt(9);
      int rowLength = 1 + random.nextInt(17);
      double density = random.nextDouble();
      long[] active =
          LongStream.range(0, (long) rows * rowLength)
              .filter(_ -> random.nextDouble() < density)
              .toArray();
      Connectivity connectivity = Connectivity.ofPositions(rows, rowLength, active);
      assertThat(connectivity.toPositions()).isEqualTo(active);
      int inactive = 0;
      for (long position = 0; position < connectivity.positions(); position++) {
        int index = Arrays.binarySearch(active, position);
        assertThat(connectivity.indexOf(position)).isEqualTo(index);
        if (index >= 0) {
          assertThat(connectivity.position(index)).isEqualTo(position);
        } else {
          assertThat(connectivity.inactivePosition(inactive++)).isEqualTo(position);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void someOfThemAreFoundAgainAmongAll(long seed) {
    StatelessRandom random = StatelessRandom.of(seed, "dropped connections");
    for (int round = 0; round < 200; round++) {
      int rows = 1 + random.nextInt(9);
      int rowLength = 1 + random.nextInt(17);
      double density = round % 4 == 0 ? 1 : random.nextDouble();
      Connectivity all =
          Connectivity.ofPositions(
              rows,
              rowLength,
              LongStream.range(0, (long) rows * rowLength)
                  .filter(_ -> random.nextDouble() < density)
                  .toArray());
      int[] dropped =
          IntStream.range(0, (int) all.count()).filter(_ -> random.nextInt(3) == 0).toArray();
      int[] kept =
          IntStream.range(0, (int) all.count())
              .filter(index -> Arrays.binarySearch(dropped, index) < 0)
              .toArray();
      Connectivity left = all.without(dropped);
      assertThat(left.toPositions())
          .containsExactly(Arrays.stream(kept).mapToLong(all::position).toArray());
      assertThat(left.indicesIn(all)).containsExactly(kept);
    }
  }

  @Test
  void whatIsNotThereIsNeitherDroppedNorFound() {
    assertThatThrownBy(() -> example().without(new int[] {0, 5}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("dropped connection 5 is none of 5 of 3×5");
    assertThatThrownBy(() -> example().without(new int[] {2, 1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("out of order");
    assertThatThrownBy(() -> Connectivity.dense(3, 5).indicesIn(example()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("position 0 is none of 5 of 3×5");
    assertThatThrownBy(() -> Connectivity.dense(5, 3).indicesIn(example()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void inconsistentListsAreRefused() {
    assertThatThrownBy(() -> Connectivity.of(2, 3, new long[] {0, 1}, new int[] {0}))
        .hasMessageContaining("row starts must be 3, from 0 to 1");
    assertThatThrownBy(() -> Connectivity.of(2, 3, new long[] {1, 1, 1}, new int[] {0}))
        .hasMessageContaining("row starts must be 3, from 0 to 1");
    assertThatThrownBy(() -> Connectivity.of(2, 3, new long[] {0, 5, 1}, new int[] {0}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("connectivity: row 1 ends before it starts");
    assertThatThrownBy(() -> Connectivity.of(3, 3, new long[] {0, -5, 7, 1}, new int[] {0}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("connectivity: row 0 ends before it starts");
    assertThatThrownBy(() -> Connectivity.of(1, 3, new long[] {0, 2}, new int[] {1, 1}))
        .hasMessage("connectivity: row 0 has column 1 after 1; columns ascend from 0 to 2");
    assertThatThrownBy(() -> Connectivity.of(1, 3, new long[] {0, 1}, new int[] {3}))
        .hasMessageContaining("row 0 has column 3");
    assertThatThrownBy(() -> Connectivity.of(1, 3, new long[] {0, 1}, new int[] {-2}))
        .hasMessageContaining("row 0 has column -2");
  }

  @Test
  void impossibleExtentsAreRefused() {
    assertThatThrownBy(() -> Connectivity.dense(0, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("connectivity of 0 rows of 3 columns");
    assertThatThrownBy(() -> Connectivity.of(-1, 3, new long[0], new int[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Connectivity.ofPositions(-2, 3, new long[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Connectivity.ofPositions(2, 0, new long[] {0}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Connectivity.dense(1, 1L << 31))
        .hasMessageContaining("2147483648 columns");
  }

  @Test
  void positionsMustAscendInRange() {
    assertThatThrownBy(() -> Connectivity.ofPositions(2, 3, new long[] {2, 2}))
        .hasMessage("position 2 of a tensor of 2×3 is out of range or not in ascending order");
    assertThatThrownBy(() -> Connectivity.ofPositions(2, 3, new long[] {6}))
        .hasMessageContaining("position 6");
    assertThatThrownBy(() -> Connectivity.ofPositions(2, 3, new long[] {-1}))
        .hasMessageContaining("position -1");
  }

  @Test
  void changesAreConsistent() {
    assertThatThrownBy(() -> new Rewiring("t", new long[0], new long[] {1}, new float[0]))
        .hasMessage("t: 1 grown connections with 0 values");
    assertThatThrownBy(() -> new Rewiring("t", new long[] {3, 3}, new long[0], new float[0]))
        .hasMessage("t: positions 3 and 3 are not in ascending order");
    assertThatThrownBy(() -> new Candidates(new long[] {1}, new float[0]))
        .hasMessage("1 positions with 0 scores");
  }

  @Test
  void aUnionHasWhatExistsHereOrThere() {
    Connectivity one = Connectivity.ofPositions(4, 3, new long[] {0, 4, 5, 11});
    Connectivity other = Connectivity.ofPositions(4, 3, new long[] {1, 4, 6});
    assertThat(one.union(other).toPositions()).containsExactly(0, 1, 4, 5, 6, 11);
    assertThat(other.union(one)).isEqualTo(one.union(other));
    assertThat(one.union(one)).isEqualTo(one);
    assertThat(one.union(Connectivity.dense(4, 3)).isDense()).isTrue();
    long[] others = LongStream.range(0, 12).filter(i -> !one.contains(i)).toArray();
    assertThat(one.union(Connectivity.ofPositions(4, 3, others)).isDense()).isTrue();
    assertThatThrownBy(() -> one.union(Connectivity.dense(3, 4)))
        .hasMessageContaining("a union of 4 of 4×3 and 12 of 3×4");
  }
}
