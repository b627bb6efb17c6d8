package dev.windfall.lottery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Network;
import dev.windfall.network.Shape;
import dev.windfall.network.Stem;
import dev.windfall.network.Zoo;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.SparsityBudget;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PruningLadderTest {

  /** The published ladder of 16 rounds of 20 %. */
  private static final List<Double> PUBLISHED =
      List.of(
          20.0, 36.0, 48.8, 59.04, 67.232, 73.786, 79.029, 83.223, 86.578, 89.263, 91.410, 93.128,
          94.502, 95.602, 96.482, 97.185);

  @Test
  void everyRoundDropsAFifthOfWhatIsLeft() {
    PruningLadder ladder = PruningLadder.of(0.2, 16);
    assertThat(ladder.rounds()).isEqualTo(16);
    for (int round = 1; round <= 16; round++) {
      assertThat(100 * ladder.sparsity(round)).isCloseTo(PUBLISHED.get(round - 1), within(0.001));
    }
    assertThat(ladder.sparsities().subList(0, 5))
        .containsExactly(0.2, 0.36, 0.488, 0.5904, 0.67232);
  }

  /**
   * The connections that are left of ResNet-18's 11,159,232 weights in convolutions: ⌈N · 0.8^r⌉.
   * The implementation of "Spending Your Winning Lottery Better" drops one more a round, and all
   * ties with the last: 8,927,385, 7,141,907, 5,713,525, 4,570,819.
   */
  @Test
  void countsAreExactAfterEveryRound() {
    Network network =
        Zoo.build(
            "resnet-18",
            new Zoo.Options(
                new Shape(3, 32, 32), 100, 0, ActivationFunction.RELU, 1, Stem.AUTO, false));
    String last = network.prunable().getLast().name();
    long dense = network.prunable().getLast().elements();
    PruningLadder ladder = PruningLadder.of(0.2, 4);
    assertThat(ladder.sparsities())
        .map(
            sparsity ->
                new Distribution.Global()
                        .densities(
                            network.prunable(),
                            new SparsityBudget(sparsity, Set.of(last), false, Map.of()))
                        .connections()
                    - dense)
        .containsExactly(8_927_386L, 7_141_909L, 5_713_527L, 4_570_822L);
  }

  @Test
  void sparsitiesAscendWithinTheirRange() {
    assertThat(new PruningLadder(List.of(0.5, 0.9)).sparsity(2)).isEqualTo(0.9);
    assertThatThrownBy(() -> new PruningLadder(List.of(0.5, 0.5)))
        .hasMessage("sparsities must ascend between 0 and 1, not [0.5, 0.5]");
    assertThatThrownBy(() -> new PruningLadder(List.of(0.5, 1.0))).hasMessageContaining("0 and 1");
    assertThatThrownBy(() -> new PruningLadder(List.of())).hasMessageContaining("1 to 100 rounds");
    assertThatThrownBy(() -> PruningLadder.of(1, 3)).hasMessageContaining("rate must be above 0");
    assertThatThrownBy(() -> PruningLadder.of(0.2, 101)).hasMessageContaining("1 to 100");
  }

  @Test
  void rewindPointsAreStepsOfATraining() {
    assertThat(RewindPoint.usual().step(180 * 352, 352)).isEqualTo(33 * 352);
    assertThat(new RewindPoint.Epoch(2).step(100, 10)).isEqualTo(20);
    assertThat(new RewindPoint.Step(7).step(100, 10)).isEqualTo(7);
    assertThat(new RewindPoint.Share(0.5).step(101, 10)).isEqualTo(51);
    assertThatThrownBy(() -> new RewindPoint.Epoch(10).step(100, 10))
        .hasMessage("a training of 100 steps cannot be rewound to the end of step 100");
    assertThatThrownBy(() -> new RewindPoint.Share(1)).hasMessageContaining("from 0 to below 1");
    assertThatThrownBy(() -> new RewindPoint.Step(-1)).hasMessageContaining("a step, from 0");
  }

  @Test
  void halfTheRateIsExact() {
    PruningLadder ladder = PruningLadder.of(0.2, 3);
    assertThat(ladder.sparsityAtHalfTheRate(1)).isEqualTo(0.1);
    assertThat(ladder.sparsityAtHalfTheRate(2)).isEqualTo(0.19);
    assertThat(ladder.sparsityAtHalfTheRate(3)).isEqualTo(0.271);
    // Half of the weights, then four fifths of the others: a quarter, then two fifths.
    assertThat(new PruningLadder(List.of(0.5, 0.9)).sparsityAtHalfTheRate(2)).isEqualTo(0.55);
  }
}
