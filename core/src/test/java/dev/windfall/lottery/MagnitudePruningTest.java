package dev.windfall.lottery;

import static dev.windfall.lottery.Tickets.at;
import static dev.windfall.lottery.Tickets.connections;
import static dev.windfall.lottery.Tickets.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.engine.State;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MagnitudePruningTest {

  private record Weight(int layer, long position, float magnitude) {}

  private static Set<Weight> weights(State state) {
    Set<Weight> all = new HashSet<>();
    List<Parameter> prunable = Tickets.NETWORK.prunable();
    for (int layer = 0; layer < prunable.size(); layer++) {
      String name = prunable.get(layer).name();
      for (long position : connections(state, name).toPositions()) {
        Float value = at(state, name, position);
        all.add(new Weight(layer, position, Math.abs(value == null ? Float.NaN : value)));
      }
    }
    return all;
  }

  /** Against a sort of all weights, which here leaves no layer without a connection. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void theLargestWeightsOfAllLayersAreLeft(long seed) {
    State trained = Tickets.state(seed, 4, Tickets.SGD);
    List<Weight> sorted = new ArrayList<>(weights(trained));
    sorted.sort(
        Comparator.comparing(Weight::magnitude)
            .thenComparing(Weight::layer)
            .thenComparing(Weight::position));
    State pruned =
        MagnitudePruning.restricted(
            trained, MagnitudePruning.connections(trained, Tickets.goal(0.5)));
    assertThat(weights(pruned))
        .containsExactlyInAnyOrderElementsOf(sorted.subList(Tickets.WEIGHTS / 2, Tickets.WEIGHTS));
  }

  /** Down a ladder of twelve rounds, trained anew in each by another seed. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void connectionsAreAmongThoseOfTheRoundBeforeAndTheirNumberIsExact(boolean together) {
    PruningLadder ladder = PruningLadder.of(0.2, 12);
    State before = Tickets.state(1, 3, Tickets.SGD);
    for (int round = 1; round <= 12; round++) {
      double sparsity = ladder.sparsity(round);
      var goal = together ? Tickets.goal(sparsity) : Tickets.goalByLayer(sparsity);
      Map<String, Connectivity> left = MagnitudePruning.connections(before, goal);
      assertThat(left.values().stream().mapToLong(Connectivity::count).sum())
          .isEqualTo(goal.layers().connections());
      for (Parameter weight : Tickets.NETWORK.prunable()) {
        Connectivity own = connections(new Ticket(Tickets.ORIGIN, before).state(), weight.name());
        Connectivity now = left.getOrDefault(weight.name(), own);
        assertThat(now.count()).isPositive();
        assertThat(LongStream.of(now.toPositions())).allMatch(own::contains);
        if (!together) {
          assertThat(now.count()).isEqualTo(goal.layers().of(weight.name()).connections());
        }
      }
      before = MagnitudePruning.restricted(Tickets.state(round + 1, 3, Tickets.SGD), left);
    }
  }

  @Test
  void aRestrictedStateHasTheSameBitsWhereItHasConnections() {
    State trained = Tickets.state(1, 4, Tickets.ADAM);
    State early = Tickets.state(1, 2, Tickets.ADAM);
    Map<String, Connectivity> left = MagnitudePruning.connections(trained, Tickets.goal(0.7));
    State restricted = MagnitudePruning.restricted(early, left);
    assertThat(restricted.optimizerSteps()).isEqualTo(2);
    left.forEach(
        (name, connections) -> {
          assertThat(connections(restricted, name)).isEqualTo(connections);
          State.Tensor own = tensor(restricted, name);
          State.Tensor dense = tensor(early, name);
          for (int i = 0; i < connections.count(); i++) {
            int position = (int) connections.position(i);
            assertThat(own.values()[i]).isEqualTo(dense.values()[position]);
            assertThat(value(own.momentum(), i)).isEqualTo(value(dense.momentum(), position));
            assertThat(value(own.variance(), i)).isEqualTo(value(dense.variance(), position));
          }
        });
    assertThat(tensor(restricted, "norm1.running-mean"))
        .usingRecursiveComparison()
        .isEqualTo(tensor(early, "norm1.running-mean"));
  }

  private static float value(float @Nullable [] slot, int index) {
    return slot == null ? Float.NaN : slot[index];
  }

  @Test
  void connectionsThatAreNotThereAreNamed() {
    State early = Tickets.state(1, 2, Tickets.SGD);
    State sparse =
        MagnitudePruning.restricted(early, MagnitudePruning.connections(early, Tickets.goal(0.5)));
    assertThatThrownBy(
            () ->
                MagnitudePruning.restricted(
                    sparse, Map.of("linear1.weight", Connectivity.dense(8, 4))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("linear1.weight: position \\d+ is none of \\d+ of 8×4");
  }
}
