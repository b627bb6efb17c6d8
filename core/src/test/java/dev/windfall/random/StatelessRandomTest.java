package dev.windfall.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class StatelessRandomTest {
  /** Five standard deviations above the mean of a chi-square with this many degrees of freedom. */
  private static double chiSquareLimit(int degreesOfFreedom) {
    return degreesOfFreedom + 5 * Math.sqrt(2.0 * degreesOfFreedom);
  }

  private static double chiSquare(long[] observed, double expected) {
    return Arrays.stream(observed)
        .mapToDouble(count -> (count - expected) * (count - expected) / expected)
        .sum();
  }

  @Test
  void sequenceOfKeyZeroIsThePublishedSplitMix64One() {
    assertThat(StatelessRandom.longAt(0, 0)).isEqualTo(0xE220A8397B1DCDAFL);
    assertThat(StatelessRandom.longAt(0, 1)).isEqualTo(0x6E789E6AA1B965F4L);
    assertThat(StatelessRandom.longAt(0, 2)).isEqualTo(0x06C45D188009454FL);
  }

  @Test
  void valuesAreFrozen() {
    assertThat(StatelessRandom.hash(0, "")).isEqualTo(0x9B83DA7D9A524CA6L);
    assertThat(StatelessRandom.hash(1, "initial-weights", 2, 3)).isEqualTo(0x516B1BA97829347DL);
    assertThat(StatelessRandom.hash(-7, "größe", Long.MIN_VALUE)).isEqualTo(0x64E705BF3F37ACF1L);
    StatelessRandom random = StatelessRandom.of(1, "frozen");
    assertThat(random.nextLong()).isEqualTo(0xD253CC17064A267DL);
    assertThat(random.nextDouble()).isEqualTo(0.3440568203378085);
    assertThat(random.nextInt(1000)).isEqualTo(397);
    assertThat(random.nextLong(1L << 40)).isEqualTo(1096048643943L);
    assertThat(random.nextGaussian()).isEqualTo(0.8375912369454438);
    assertThat(random.nextPermutation(8)).containsExactly(1, 3, 0, 2, 5, 6, 7, 4);
    assertThat(StatelessRandom.gaussianAt(StatelessRandom.hash(1, "frozen"), 1L << 40))
        .isEqualTo(1.9073185f);
  }

  @Test
  void positionsAreThoseOfTheSequence() {
    long key = StatelessRandom.hash(5, "position", 9);
    StatelessRandom bits = StatelessRandom.of(5, "position", 9);
    StatelessRandom gaussians = StatelessRandom.of(5, "position", 9);
    for (int position = 0; position < 1000; position++) {
      assertThat(bits.nextLong()).isEqualTo(StatelessRandom.longAt(key, position));
      assertThat((float) gaussians.nextGaussian())
          .isEqualTo(StatelessRandom.gaussianAt(key, position));
    }
  }

  @Test
  void everyPartOfTheKeyCounts() {
    Set<Long> keys = new HashSet<>();
    int made = 0;
    for (long seed = -3; seed <= 3; seed++) {
      for (String stream : new String[] {"", "a", "b", "ab", "ba"}) {
        keys.add(StatelessRandom.hash(seed, stream));
        made++;
        for (long first = -3; first <= 3; first++) {
          keys.add(StatelessRandom.hash(seed, stream, first));
          made++;
          for (long second = -3; second <= 3; second++) {
            keys.add(StatelessRandom.hash(seed, stream, first, second));
            made++;
          }
        }
      }
    }
    assertThat(keys).hasSize(made);
  }

  @Test
  void oneChangedBitOfSeedOrCounterChangesHalfOfTheKey() {
    for (int bit = 0; bit < 64; bit++) {
      int seedFlips = 0;
      int counterFlips = 0;
      for (long trial = 0; trial < 256; trial++) {
        long key = StatelessRandom.hash(trial, "avalanche", trial);
        seedFlips +=
            Long.bitCount(key ^ StatelessRandom.hash(trial ^ 1L << bit, "avalanche", trial));
        counterFlips +=
            Long.bitCount(key ^ StatelessRandom.hash(trial, "avalanche", trial ^ 1L << bit));
      }
      assertThat(seedFlips / 256.0).isCloseTo(32, Offset.offset(1.25));
      assertThat(counterFlips / 256.0).isCloseTo(32, Offset.offset(1.25));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 10, 97, 1000})
  void integersBelowABoundAreUniform(int bound) {
    StatelessRandom random = StatelessRandom.of(11, "uniform", bound);
    long[] observed = new long[bound];
    int draws = 200 * bound;
    for (int i = 0; i < draws; i++) {
      observed[random.nextInt(bound)]++;
    }
    assertThat(chiSquare(observed, 200)).isLessThan(chiSquareLimit(bound));
  }

  /** Plain scaling or a remainder would draw from one third of this range twice as often. */
  @Test
  void aHugeBoundIsUnbiased() {
    long third = 1L << 61;
    StatelessRandom random = StatelessRandom.of(12, "huge");
    long[] observed = new long[3];
    for (int i = 0; i < 30_000; i++) {
      observed[(int) (random.nextLong(3 * third) / third)]++;
    }
    assertThat(chiSquare(observed, 10_000)).isLessThan(chiSquareLimit(2));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void aBoundBelowOneIsRefused(long bound) {
    StatelessRandom random = StatelessRandom.of(1, "bound");
    assertThatThrownBy(() -> random.nextLong(bound))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bound of a random integer: " + bound + ", at least 1");
  }

  @Test
  void doublesAreUniformInTheUnitInterval() {
    StatelessRandom random = StatelessRandom.of(13, "double");
    long[] observed = new long[100];
    for (int i = 0; i < 100_000; i++) {
      double draw = random.nextDouble();
      assertThat(draw).isBetween(0.0, Math.nextDown(1.0));
      observed[(int) (draw * 100)]++;
    }
    assertThat(chiSquare(observed, 1000)).isLessThan(chiSquareLimit(99));
  }

  /** Cells of equal probability, bounded by the normal distribution's deciles. */
  @ParameterizedTest
  @CsvSource({"1, 0", "2, 1000000000000", "3, -5"})
  void gaussiansAreStandardNormal(long seed, long firstPosition) {
    double[] deciles = {
      -1.2815515655446004,
      -0.8416212335729143,
      -0.5244005127080409,
      -0.2533471031357997,
      0,
      0.2533471031357997,
      0.5244005127080407,
      0.8416212335729143,
      1.2815515655446004
    };
    long key = StatelessRandom.hash(seed, "gaussian");
    long[] observed = new long[10];
    double sum = 0;
    double sumOfSquares = 0;
    double sumOfProducts = 0;
    double previous = 0;
    int draws = 100_000;
    for (int i = 0; i < draws; i++) {
      double draw = StatelessRandom.gaussianAt(key, firstPosition + i);
      sum += draw;
      sumOfSquares += draw * draw;
      sumOfProducts += draw * previous;
      previous = draw;
      int cell = Arrays.binarySearch(deciles, draw);
      observed[cell < 0 ? -cell - 1 : cell]++;
    }
    assertThat(chiSquare(observed, draws / 10.0)).isLessThan(chiSquareLimit(9));
    assertThat(sum / draws).isCloseTo(0, Offset.offset(0.015));
    assertThat(sumOfSquares / draws).isCloseTo(1, Offset.offset(0.02));
    assertThat(sumOfProducts / draws).isCloseTo(0, Offset.offset(0.015));
  }

  @Test
  void permutationsHoldEachNumberOnceAndAreEquallyLikely() {
    long[] observed = new long[24];
    for (int i = 0; i < 24_000; i++) {
      int[] order = StatelessRandom.of(14, "permutation", i).nextPermutation(4);
      assertThat(IntStream.of(order).sorted()).containsExactly(0, 1, 2, 3);
      observed[rank(order)]++;
    }
    assertThat(chiSquare(observed, 1000)).isLessThan(chiSquareLimit(23));
    assertThat(StatelessRandom.of(14, "permutation").nextPermutation(0)).isEmpty();
  }

  /** The number of an order of four among all 24. */
  private static int rank(int[] order) {
    int rank = 0;
    for (int i = 0; i < order.length; i++) {
      int smaller = 0;
      for (int j = i + 1; j < order.length; j++) {
        smaller += order[j] < order[i] ? 1 : 0;
      }
      rank = rank * (order.length - i) + smaller;
    }
    return rank;
  }
}
