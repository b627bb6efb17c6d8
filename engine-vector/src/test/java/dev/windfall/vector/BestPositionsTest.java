package dev.windfall.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.Candidates;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BestPositionsTest {

  /** Few different scores, so that most of them tie. */
  private static float[] scores(int count, int different, long seed) {
    StatelessRandom random = StatelessRandom.of(seed, "scores");
    float[] scores = new float[count];
    for (int i = 0; i < count; i++) {
      scores[i] = (random.nextInt(different) - different / 2) * 0.25f;
    }
    return scores;
  }

  private static List<Integer> sorted(float[] scores, int wanted) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(
            Comparator.comparingDouble((Integer i) -> -Math.abs(scores[i]))
                .thenComparing(Comparator.naturalOrder()))
        .limit(wanted)
        .toList();
  }

  private static void requireBest(Candidates found, float[] scores, int wanted) {
    List<Integer> expected = sorted(scores, wanted);
    assertThat(found.positions())
        .containsExactly(expected.stream().mapToLong(i -> 3L * i).toArray());
    for (int i = 0; i < expected.size(); i++) {
      assertThat(found.scores()[i]).isEqualTo(scores[expected.get(i)]);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "10, 1, 5",
    "10, 10, 3",
    "10, 100, 3",
    "5000, 7, 3",
    "5000, 700, 5",
    "5000, 700, 4000",
    "5000, 2600, 100000",
    "5000, 4999, 9",
    "5000, 1, 2",
    "5000, 600, 1",
    "3000, 1500, 1000000"
  })
  void areThoseOfAFullSortInAnyOrderOfTheStream(int count, int wanted, int different) {
    for (long seed = 0; seed < 5; seed++) {
      float[] scores = scores(count, different, seed);
      BestPositions ascending = new BestPositions(wanted);
      BestPositions shuffled = new BestPositions(wanted);
      for (int i = 0; i < count; i++) {
        ascending.offer(scores[i], 3L * i);
      }
      for (int i : StatelessRandom.of(seed, "order").nextPermutation(count)) {
        shuffled.offer(scores[i], 3L * i);
      }
      requireBest(ascending.sorted(), scores, wanted);
      requireBest(shuffled.sorted(), scores, wanted);
    }
  }

  @Test
  void ofPartsAreThoseOfTheWhole() {
    float[] scores = scores(4000, 40, 7);
    BestPositions[] parts = {
      new BestPositions(300), new BestPositions(300), new BestPositions(300)
    };
    for (int i = 0; i < scores.length; i++) {
      parts[i * 7 % 11 % 3].offer(scores[i], 3L * i);
    }
    BestPositions whole = new BestPositions(300);
    for (BestPositions part : parts) {
      whole.offerAll(part);
    }
    requireBest(whole.sorted(), scores, 300);
  }

  @Test
  void whatIsNoNumberIsWorseThanZero() {
    BestPositions best = new BestPositions(3);
    best.offer(Float.NaN, 1);
    best.offer(-0f, 2);
    best.offer(Float.NEGATIVE_INFINITY, 3);
    best.offer(1e-30f, 4);
    assertThat(best.sorted().positions()).containsExactly(3, 4, 2);
  }
}
