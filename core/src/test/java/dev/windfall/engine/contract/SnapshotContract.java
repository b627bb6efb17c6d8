package dev.windfall.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.engine.DenseTrace;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.engine.State;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.sparsity.Connectivity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

public abstract class SnapshotContract extends EngineContract {

  private static void requireEqual(State actual, State expected) {
    assertThat(actual.optimizerSteps()).isEqualTo(expected.optimizerSteps());
    assertThat(actual.tensors().keySet()).isEqualTo(expected.tensors().keySet());
    assertThat(actual.traces().keySet()).isEqualTo(expected.traces().keySet());
    expected
        .traces()
        .forEach((name, trace) -> assertThat(actual.traces().get(name)).as(name).isEqualTo(trace));
    expected
        .tensors()
        .forEach(
            (name, tensor) ->
                assertThat(actual.tensors().get(name))
                    .as(name)
                    .usingRecursiveComparison()
                    .isEqualTo(tensor));
  }

  /** The session that continues has other connections first: the state has all that counts. */
  @ParameterizedTest
  @ValueSource(doubles = {0.4, 0.8, 1})
  void aRestoredTrainingContinuesToTheSameBits(double density) {
    try (Session session = open();
        Session other = open(Sessions.NETWORK, density, 33, 2)) {
      for (int step = 0; step < 3; step++) {
        Sessions.train(session, step);
      }
      State state = session.snapshot();
      double[] losses = {Sessions.train(session, 3), Sessions.train(session, 4)};
      Sessions.train(other, 77);
      Sessions.accumulate(other, 78); // leaves gradients behind
      other.restore(state);
      requireEqual(other.snapshot(), state);
      assertThat(Sessions.train(other, 3)).isEqualTo(losses[0]);
      assertThat(Sessions.train(other, 4)).isEqualTo(losses[1]);
      requireEqual(other.snapshot(), session.snapshot());
    }
  }

  /** The bias correction of Adam needs the number of steps, and a session without variances. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRestoredTrainingWithAdamContinuesToTheSameBits(boolean otherHasVariances) {
    try (Session session = open();
        Session other = open(Sessions.NETWORK, 0.8, 33, 2)) {
      for (int step = 0; step < 3; step++) {
        Sessions.train(session, step, Sessions.ADAM);
      }
      State state = session.snapshot();
      assertThat(state.optimizerSteps()).isEqualTo(3);
      double[] losses = {
        Sessions.train(session, 3, Sessions.ADAM), Sessions.train(session, 4, Sessions.ADAM)
      };
      Sessions.train(other, 77, otherHasVariances ? Sessions.ADAM : Sessions.SGD);
      other.restore(state);
      requireEqual(other.snapshot(), state);
      assertThat(Sessions.train(other, 3, Sessions.ADAM)).isEqualTo(losses[0]);
      assertThat(Sessions.train(other, 4, Sessions.ADAM)).isEqualTo(losses[1]);
      requireEqual(other.snapshot(), session.snapshot());
    }
  }

  /** In one case the session that continues has averaged gradients before, in the other not. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRestoredAverageOfGradientsContinuesToTheSameBits(boolean otherAverages) {
    try (Session session = open();
        Session other = open(Sessions.NETWORK, 0.8, 33, 2)) {
      average(session);
      for (int step = 0; step < 3; step++) {
        Sessions.train(session, step);
      }
      State state = session.snapshot();
      assertThat(state.traces().keySet())
          .containsExactlyInAnyOrder("conv1.weight", "conv2.weight", "classifier.weight");
      if (otherAverages) {
        average(other);
      }
      Sessions.train(other, 77);
      Sessions.accumulate(other, 78);
      other.restore(state);
      requireEqual(other.snapshot(), state);
      average(other);
      Sessions.train(session, 3);
      Sessions.train(other, 3);
      requireEqual(other.snapshot(), session.snapshot());
    }
  }

  private static void average(Session session) {
    session.capability(DenseTrace.class).orElseThrow().keep(0.9);
  }

  @Test
  void anAverageOfAnotherSizeIsRefused() {
    try (Session session = open()) {
      Sessions.train(session, 1);
      State before = session.snapshot();
      for (Map<String, float[]> traces :
          List.of(Map.of("conv2.weight", new float[179]), Map.of("norm1.scale", new float[5]))) {
        State wrong = new State(1, before.tensors(), traces);
        assertThatThrownBy(() -> session.restore(wrong))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("averaged gradients of " + traces.keySet().iterator().next());
        requireEqual(session.snapshot(), before);
      }
    }
  }

  @Test
  void aStateWithoutVariancesLeavesNone() {
    try (Session session = open()) {
      State state = session.snapshot();
      Sessions.train(session, 1, Sessions.ADAM);
      session.restore(state);
      requireEqual(session.snapshot(), state);
    }
  }

  @Test
  void aSnapshotDoesNotChangeWithTheSession() {
    try (Session session = open()) {
      State state = session.snapshot();
      float before = tensor(state, "conv1.weight").values()[0];
      Sessions.train(session, 1);
      assertThat(tensor(state, "conv1.weight").values()[0]).isEqualTo(before);
      session.restore(state);
      tensor(state, "conv1.weight").values()[0] = 99;
      assertThat(tensor(session.snapshot(), "conv1.weight").values()[0]).isEqualTo(before);
    }
  }

  private static State.Tensor tensor(State state, String name) {
    State.Tensor found = state.tensors().get(name);
    return found == null ? Assertions.fail("no tensor " + name) : found;
  }

  @Test
  void aSnapshotHasVelocitiesOfWhatIsTrainedAndConnectionsOfWeights() {
    try (Session session = open()) {
      State state = session.snapshot();
      assertThat(state.tensors().keySet())
          .containsExactlyInAnyOrderElementsOf(
              Sessions.NETWORK.parameters().stream().map(parameter -> parameter.name()).toList());
      for (var parameter : Sessions.NETWORK.parameters()) {
        State.Tensor tensor = tensor(state, parameter.name());
        assertThat(tensor.connectivity() != null).isEqualTo(parameter.isPrunable());
        assertThat(tensor.momentum() != null).isEqualTo(parameter.role().isTrained());
      }
    }
  }

  /** They start with their constant, decay as weights do, and have no connections of their own. */
  @Test
  void weightsThatAreNeverSparseAreTrainedAndKeptWithoutConnections() {
    Network network = Sessions.withDenseBranch();
    try (Session session = open(network, 0.5, 20, 2);
        Session other = open(network, 0.9, 20, 2)) {
      assertThat(session.read("branch.weight", Slot.VALUE)).hasSize(20).containsOnly(1e-4f);
      assertThatThrownBy(() -> session.connectivity("branch.weight"))
          .hasMessageContaining("no prunable tensor 'branch.weight'");
      session.write("branch.weight", Slot.GRADIENT, new float[20]);
      session.apply(new OptimizerStep.Sgd(0.5, 0, false, 0.5, false));
      for (float value : session.read("branch.weight", Slot.VALUE)) {
        assertThat(value).isCloseTo(0.75e-4f, within(1e-10f));
      }
      train(session, network, 1);
      State state = session.snapshot();
      assertThat(tensor(state, "branch.weight").connectivity()).isNull();
      assertThat(tensor(state, "branch.weight").values()).isNotEqualTo(new float[20]);
      double loss = train(session, network, 2);
      other.restore(state);
      requireEqual(other.snapshot(), state);
      assertThat(train(other, network, 2)).isEqualTo(loss);
      requireEqual(other.snapshot(), session.snapshot());
    }
  }

  private static double train(Session session, Network network, long seed) {
    double loss =
        session
            .accumulate(
                TestData.batch(network, 18, seed),
                Agreement.OBJECTIVE,
                Mode.TRAIN,
                1.0 / 18,
                Growth.NONE)
            .loss();
    session.apply(Sessions.SGD);
    return loss;
  }

  private void requireRefused(String tensor, UnaryOperator<State.Tensor> damage, String... words) {
    try (Session session = open()) {
      Sessions.train(session, 1);
      State before = session.snapshot();
      Map<String, State.Tensor> tensors = new LinkedHashMap<>(before.tensors());
      tensors.replaceAll(
          (name, saved) ->
              new State.Tensor(
                  saved.connectivity(), new float[saved.values().length], saved.momentum(), null));
      tensors.compute(tensor, (name, saved) -> saved == null ? null : damage.apply(saved));
      assertThatThrownBy(() -> session.restore(new State(1, tensors)))
          .isInstanceOf(IllegalArgumentException.class)
          .satisfies(e -> assertThat(e.getMessage()).contains(words).contains(tensor));
      requireEqual(session.snapshot(), before);
    }
  }

  @Test
  void aStateThatDoesNotFitIsRefusedAndChangesNothing() {
    requireRefused("norm2.shift", saved -> dropped(), "has no tensor");
    requireRefused(
        "classifier.weight",
        saved -> new State.Tensor(null, saved.values(), saved.momentum(), null),
        "connections",
        "3×36");
    requireRefused(
        "classifier.weight",
        saved ->
            new State.Tensor(Connectivity.dense(3, 35), saved.values(), saved.momentum(), null),
        "3×36");
    requireRefused(
        "conv2.weight",
        saved -> new State.Tensor(saved.connectivity(), new float[3], saved.momentum(), null),
        "3 values");
    requireRefused(
        "conv2.weight",
        saved -> new State.Tensor(saved.connectivity(), saved.values(), null, null),
        "0 velocities");
    requireRefused(
        "norm1.running-mean",
        saved -> new State.Tensor(null, saved.values(), saved.values(), null),
        "5 velocities");
    requireRefused(
        "conv2.weight",
        saved ->
            new State.Tensor(saved.connectivity(), saved.values(), saved.momentum(), new float[2]),
        "2 variances");
    requireRefused(
        "norm1.scale",
        saved -> new State.Tensor(null, new float[6], new float[6], null),
        "6 values");
  }

  @SuppressWarnings("NullAway") // Map.compute removes an entry that becomes null.
  private static State.Tensor dropped() {
    return null;
  }

  @Test
  void aStateOfAnotherNetworkIsRefused() {
    Network other =
        new NetworkBuilder("other", Sessions.NETWORK.input())
            .conv("conv1", 6, 3, 1)
            .flatten("flatten")
            .linear("classifier", 3)
            .build();
    try (Session session = open();
        Session foreign = open(other, 0.4, 4, 1)) {
      assertThatThrownBy(() -> session.restore(foreign.snapshot()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("conv1.weight");
    }
  }
}
