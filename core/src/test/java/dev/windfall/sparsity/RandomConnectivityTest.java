package dev.windfall.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.network.Zoo;
import dev.windfall.random.StatelessRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RandomConnectivityTest {

  private static Parameter linear(int outputs, int inputs) {
    return new NetworkBuilder("net", Shape.features(inputs))
        .linear("linear", outputs)
        .build()
        .prunable()
        .getFirst();
  }

  /** That all sets are equally likely: chi-square, five standard deviations above its mean. */
  private static void requireUniform(int sets, int draws, Function<Long, String> draw) {
    Map<String, Integer> seen = new HashMap<>();
    for (long seed = 0; seed < draws; seed++) {
      seen.merge(draw.apply(seed), 1, Integer::sum);
    }
    assertThat(seen).hasSize(sets);
    double expected = (double) draws / sets;
    double chiSquare =
        seen.values().stream()
            .mapToDouble(count -> (count - expected) * (count - expected) / expected)
            .sum();
    assertThat(chiSquare).isLessThanOrEqualTo(sets - 1 + 5 * Math.sqrt(2.0 * (sets - 1)));
  }

  @ParameterizedTest
  @CsvSource({"7, 1, 7", "7, 2, 21", "7, 3, 35", "7, 4, 35", "7, 6, 7", "7, 7, 1", "7, 0, 1"})
  void everySetOfNumbersIsEquallyLikely(int bound, int count, int sets) {
    requireUniform(
        sets,
        400 * sets,
        seed ->
            Arrays.toString(
                DistinctNumbers.draw(StatelessRandom.of(seed, "numbers test"), bound, count)));
  }

  @ParameterizedTest
  @CsvSource({
    "2, 3, 2, 15",
    "2, 3, 3, 20",
    "2, 3, 4, 15",
    "3, 2, 5, 6",
    "1, 6, 3, 20",
    "6, 1, 3, 20"
  })
  void everySetOfConnectionsIsEquallyLikely(int rows, int columns, int count, int sets) {
    Parameter weight = linear(rows, columns);
    requireUniform(
        sets,
        400 * sets,
        seed -> Arrays.toString(RandomConnectivity.draw(weight, count, seed).toPositions()));
  }

  @Test
  void everyGrowthIsEquallyLikely() {
    Connectivity connectivity = Connectivity.ofPositions(2, 4, new long[] {0, 2, 3, 5});
    // Kept: 0 and 5. Two of the other six grow, 2 and 3 (just dropped) among them.
    requireUniform(
        15,
        6000,
        step -> {
          Replacement change =
              TopologyUpdate.growAtRandom("t", connectivity, new int[] {1, 2}, 2, 3, step);
          return Arrays.toString(change.dropped()) + Arrays.toString(change.grown());
        });
  }

  @Test
  void numbersAscendAndDiffer() {
    StatelessRandom random = StatelessRandom.of(5, "numbers test");
    for (int count = 0; count <= 1000; count += 37) {
      long[] numbers = DistinctNumbers.draw(random, 1000, count);
      assertThat(numbers).hasSize(count).isSorted().doesNotHaveDuplicates();
      assertThat(Arrays.stream(numbers)).allMatch(number -> number >= 0 && number < 1000);
    }
    assertThat(DistinctNumbers.draw(random, 1L << 62, 1000)).isSorted().doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "1, 50, 1", "50, 1, 49", "7, 13, 45", "7, 13, 46", "64, 576, 3686"})
  void countsAreExact(int rows, int columns, int count) {
    for (long seed = 0; seed < 50; seed++) {
      Connectivity drawn = RandomConnectivity.draw(linear(rows, columns), count, seed);
      assertThat(drawn.count()).isEqualTo(count);
      assertThat(drawn.rows()).isEqualTo(rows);
      assertThat(drawn.rowLength()).isEqualTo(columns);
    }
  }

  @Test
  void allConnectionsAreDense() {
    assertThat(RandomConnectivity.draw(linear(4, 9), 36, 1)).isEqualTo(Connectivity.dense(4, 9));
  }

  @Test
  void connectionsAreAFunctionOfSeedAndTensor() {
    List<Parameter> weights =
        new NetworkBuilder("net", Shape.features(30))
            .linear("one", 30)
            .linear("two", 30)
            .build()
            .prunable();
    Connectivity drawn = RandomConnectivity.draw(weights.getFirst(), 90, 1);
    assertThat(RandomConnectivity.draw(weights.getFirst(), 90, 1)).isEqualTo(drawn);
    assertThat(RandomConnectivity.draw(weights.getFirst(), 90, 2)).isNotEqualTo(drawn);
    assertThat(RandomConnectivity.draw(weights.getLast(), 90, 1)).isNotEqualTo(drawn);
  }

  /** Runs of other versions must continue with these connections. */
  @Test
  void connectionsAreFrozen() {
    assertThat(RandomConnectivity.draw(linear(3, 5), 4, 1).toPositions())
        .containsExactly(6, 8, 9, 12);
    assertThat(RandomConnectivity.draw(linear(3, 5), 11, 1).toPositions())
        .containsExactly(0, 1, 2, 3, 4, 5, 7, 10, 11, 13, 14);
    assertThat(
            TopologyUpdate.growAtRandom(
                    "t",
                    Connectivity.ofPositions(3, 5, new long[] {1, 2, 7, 8}),
                    new int[] {0, 2},
                    2,
                    1,
                    100)
                .grown())
        .containsExactly(5, 10);
  }

  @Test
  void wholeNetworkIsDrawnInItsOrder() {
    List<Parameter> prunable =
        Zoo.build("wrn-22-2", Zoo.Options.of(new Shape(3, 32, 32), 10)).prunable();
    LayerDensities densities =
        new Distribution.ErdosRenyiKernel().densities(prunable, 0.9, Set.of());
    Map<String, Connectivity> drawn = RandomConnectivity.draw(densities, 1);
    assertThat(drawn.keySet())
        .containsExactlyElementsOf(prunable.stream().map(Parameter::name).toList());
    assertThat(drawn.values())
        .extracting(Connectivity::count)
        .containsExactlyElementsOf(
            densities.layers().stream().map(layer -> layer.connections()).toList());
    assertThat(drawn.get("conv1.weight")).isEqualTo(Connectivity.dense(16, 27));
  }

  /** 8.1 billion positions: only work by connection can end. */
  @Test
  void hugeTensorsCostWhatTheirConnectionsCost() {
    Parameter huge = linear(90_000, 90_000);
    Connectivity drawn = RandomConnectivity.draw(huge, 1_000_000, 1);
    assertThat(drawn.count()).isEqualTo(1_000_000);
    long emptyRows =
        LongStream.range(0, 90_000)
            .filter(row -> drawn.rowStart((int) row) == drawn.rowStart((int) row + 1))
            .count();
    assertThat(emptyRows).as("about 90000 · e^-11").isBetween(0L, 8L);
    int[] dropped = new int[300_000];
    Arrays.setAll(dropped, i -> 3 * i);
    Replacement change = TopologyUpdate.growAtRandom("t", drawn, dropped, dropped.length, 1, 100);
    assertThat(change.grown()).hasSameSizeAs(change.dropped()).hasSizeGreaterThan(299_900);
    assertThat(Arrays.stream(change.grown())).noneMatch(drawn::contains);
  }

  @Test
  void impossibleCountsAreRefused() {
    assertThatThrownBy(() -> RandomConnectivity.draw(linear(4, 9), 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("linear.weight: connections must be from 1 to 36, not 0");
    assertThatThrownBy(() -> RandomConnectivity.draw(linear(4, 9), 37, 1))
        .hasMessageContaining("from 1 to 36, not 37");
    assertThatThrownBy(() -> RandomConnectivity.draw(linear(90_000, 90_000), 3_000_000_000L, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3000000000 connections; a tensor that is not dense can have");
  }
}
