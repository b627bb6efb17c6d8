package dev.windfall.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.engine.Growth;
import dev.windfall.engine.MemoryUse;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.engine.Slot;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Rewiring;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dropping and growing connections of a session. */
public abstract class RewiringContract extends EngineContract {

  private static final String CONV = "conv1.weight";

  /** A network of one linear layer of 3×4 with six connections; the second row is empty. */
  private Session openLinear() {
    Network network =
        new NetworkBuilder("linear", Shape.features(4)).linear("classifier", 3).build();
    Connectivity connectivity = Connectivity.ofPositions(3, 4, new long[] {0, 1, 3, 8, 9, 11});
    Session session =
        engine()
            .open(
                network,
                Map.of("classifier.weight", connectivity),
                new SessionOptions(4, 1, 1, Initialization.HE_FAN_IN));
    session.write("classifier.weight", Slot.VALUE, new float[] {1, 2, 3, 4, 5, 6});
    session.write("classifier.weight", Slot.MOMENTUM, new float[] {10, 20, 30, 40, 50, 60});
    return session;
  }

  private static Rewiring change(long[] dropped, long[] grown) {
    float[] values = new float[grown.length];
    for (int i = 0; i < grown.length; i++) {
      values[i] = 0.5f + grown[i];
    }
    return new Rewiring("classifier.weight", dropped, grown, values);
  }

  private static void requireTensor(
      Session session, long[] positions, float[] values, float[] velocities) {
    assertThat(session.connectivity("classifier.weight").toPositions()).isEqualTo(positions);
    assertThat(session.read("classifier.weight", Slot.VALUE)).isEqualTo(values);
    assertThat(session.read("classifier.weight", Slot.MOMENTUM)).isEqualTo(velocities);
    assertThat(session.read("classifier.weight", Slot.GRADIENT))
        .isEqualTo(new float[positions.length]);
  }

  @Test
  void firstAndLastPositionsAreDroppedAndGrown() {
    try (Session session = openLinear()) {
      session.rewire(List.of(change(new long[] {0, 11}, new long[] {2, 10})));
      requireTensor(
          session,
          new long[] {1, 2, 3, 8, 9, 10},
          new float[] {2, 2.5f, 3, 4, 5, 10.5f},
          new float[] {20, 0, 30, 40, 50, 0});
      session.rewire(List.of(change(new long[] {1, 9}, new long[] {0, 11})));
      requireTensor(
          session,
          new long[] {0, 2, 3, 8, 10, 11},
          new float[] {0.5f, 2.5f, 3, 4, 10.5f, 11.5f},
          new float[] {0, 0, 30, 40, 0, 0});
    }
  }

  @Test
  void newConnectionsHaveNoMomentsAndTheOthersKeepTheirs() {
    try (Session session = openLinear()) {
      session.apply(Sessions.ADAM);
      session.write("classifier.weight", Slot.VARIANCE, new float[] {1, 2, 3, 4, 5, 6});
      session.write("classifier.weight", Slot.MOMENTUM, new float[] {10, 20, 30, 40, 50, 60});
      session.rewire(List.of(change(new long[] {0, 9}, new long[] {2, 10})));
      assertThat(session.read("classifier.weight", Slot.VARIANCE))
          .containsExactly(2, 0, 3, 4, 0, 6);
      assertThat(session.read("classifier.weight", Slot.MOMENTUM))
          .containsExactly(20, 0, 30, 40, 0, 60);
    }
  }

  @Test
  void wholeRowsAreEmptiedAndFilled() {
    try (Session session = openLinear()) {
      session.rewire(List.of(change(new long[] {0, 1, 3}, new long[] {4, 5, 6, 7})));
      requireTensor(
          session,
          new long[] {4, 5, 6, 7, 8, 9, 11},
          new float[] {4.5f, 5.5f, 6.5f, 7.5f, 4, 5, 6},
          new float[] {0, 0, 0, 0, 40, 50, 60});
      session.rewire(List.of(change(new long[] {4, 5, 6, 7, 8, 9, 11}, new long[0])));
      requireTensor(session, new long[0], new float[0], new float[0]);
      long[] all = LongStream.range(0, 12).toArray();
      session.rewire(List.of(change(new long[0], all)));
      assertThat(session.connectivity("classifier.weight").isDense()).isTrue();
      assertThat(session.read("classifier.weight", Slot.VALUE)).hasSize(12).startsWith(0.5f, 1.5f);
    }
  }

  @Test
  void whatCannotBeIsRefusedAndChangesNothing() {
    try (Session session = openLinear()) {
      requireRefused(session, change(new long[] {2}, new long[] {4}), "dropped connection 2");
      requireRefused(session, change(new long[] {0, 5, 9}, new long[0]), "dropped connection 5");
      requireRefused(
          session, change(new long[] {4}, new long[] {6, 7, 10}), "dropped connection 4");
      requireRefused(session, change(new long[0], new long[] {2, 3}), "grown connection 3 exists");
      requireRefused(session, change(new long[] {3}, new long[] {3}), "grown connection 3 exists");
      requireRefused(session, change(new long[0], new long[] {-1}), "positions 0 to 11, not -1");
      requireRefused(session, change(new long[0], new long[] {12}), "positions 0 to 11, not 12");
      requireRefused(session, change(new long[] {12}, new long[0]), "positions 0 to 11, not 12");
      long[] tooMany = LongStream.range(0, 12).toArray();
      requireRefused(session, change(tooMany, new long[0]), "dropped connection 2");
      requireTensor(
          session,
          new long[] {0, 1, 3, 8, 9, 11},
          new float[] {1, 2, 3, 4, 5, 6},
          new float[] {10, 20, 30, 40, 50, 60});
    }
  }

  private static void requireRefused(Session session, Rewiring change, String words) {
    assertThatThrownBy(() -> session.rewire(List.of(change)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("classifier.weight")
        .hasMessageContaining(words);
  }

  @Test
  void ofSeveralChangesNoneIsMadeIfOneCannotBe() {
    try (Session session = open()) {
      Connectivity conv = session.connectivity(CONV);
      Connectivity classifier = session.connectivity("classifier.weight");
      List<Rewiring> changes =
          List.of(
              new Rewiring(CONV, new long[] {conv.position(0)}, new long[0], new float[0]),
              new Rewiring(
                  "classifier.weight",
                  new long[0],
                  new long[] {classifier.position(0)},
                  new float[1]));
      assertThatThrownBy(() -> session.rewire(changes)).hasMessageContaining("classifier.weight");
      assertThat(session.connectivity(CONV)).isEqualTo(conv);
      Rewiring unknown = new Rewiring("conv9.weight", new long[0], new long[0], new float[0]);
      assertThatThrownBy(() -> session.rewire(List.of(unknown)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'conv9.weight'")
          .hasMessageContaining("conv1.weight conv2.weight classifier.weight");
    }
  }

  /** As many connections as were dropped grow elsewhere. */
  private static List<Rewiring> swap(Session session, long seed) {
    List<Rewiring> changes = new ArrayList<>();
    for (Parameter weight : Sessions.NETWORK.prunable()) {
      Connectivity connectivity = session.connectivity(weight.name());
      StatelessRandom random = StatelessRandom.of(seed, weight.name());
      long[] free =
          LongStream.range(0, weight.elements())
              .filter(position -> !connectivity.contains(position))
              .toArray();
      int first = random.nextInt((int) connectivity.count() - 2);
      long[] dropped = {connectivity.position(first), connectivity.position(first + 2)};
      int other = random.nextInt(free.length - 2);
      changes.add(
          new Rewiring(
              weight.name(), dropped, new long[] {free[other], free[other + 1]}, new float[2]));
    }
    return changes;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void memoryDoesNotGrowWithStepsAndRewirings(int threads) {
    try (Session session = open(Sessions.NETWORK, 0.4, 20, threads)) {
      Sessions.train(session, 0);
      session.rewire(swap(session, 0));
      MemoryUse before = session.memory();
      assertThat(before.weightsAndState()).isPositive();
      assertThat(before.activations()).isPositive();
      assertThat(before.peak())
          .isGreaterThanOrEqualTo(before.weightsAndState() + before.activations());
      long connections = connections(session);
      for (int round = 1; round <= 200; round++) {
        if (round % 10 == 0) {
          Sessions.train(session, round);
        }
        session.rewire(swap(session, round));
      }
      assertThat(connections(session)).isEqualTo(connections);
      assertThat(session.memory()).isEqualTo(before);
    }
  }

  private static long connections(Session session) {
    return Sessions.NETWORK.prunable().stream()
        .mapToLong(weight -> session.connectivity(weight.name()).count())
        .sum();
  }

  /** What the engine computes after a change is what it computes on the new connections alone. */
  @Test
  void aRewiredSessionComputesWhatANewOneDoes() {
    try (Session session = open()) {
      for (int step = 0; step < 3; step++) {
        Sessions.train(session, step);
        session.rewire(swap(session, step));
      }
      try (Session fresh = open()) {
        fresh.restore(session.snapshot());
        double expected = Sessions.accumulate(fresh, 9).loss();
        assertThat(Sessions.accumulate(session, 9).loss()).isEqualTo(expected);
        for (Parameter weight : Sessions.NETWORK.prunable()) {
          assertThat(session.read(weight.name(), Slot.GRADIENT))
              .isEqualTo(fresh.read(weight.name(), Slot.GRADIENT));
        }
      }
    }
  }

  @Test
  void droppedConnectionsHaveNoInfluence() {
    try (Session session = open()) {
      Connectivity classifier = session.connectivity("classifier.weight");
      session.rewire(
          List.of(
              new Rewiring(
                  "classifier.weight", classifier.toPositions(), new long[0], new float[0])));
      session.write("classifier.bias", Slot.VALUE, new float[] {1, 2, 3});
      float[] logits = session.logits(Sessions.batch(1), Mode.SCORE);
      assertThat(logits).startsWith(1, 2, 3, 1, 2, 3);
      session.accumulate(
          Sessions.batch(1), Agreement.OBJECTIVE, Mode.TRAIN, 1, new Growth(Map.of(CONV, 3)));
      assertThat(session.read(CONV, Slot.GRADIENT)).containsOnly(0);
      assertThat(session.candidates(CONV).scores()).containsOnly(0);
    }
  }
}
