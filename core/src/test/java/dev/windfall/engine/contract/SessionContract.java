package dev.windfall.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.engine.Batch;
import dev.windfall.engine.BatchResult;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.engine.Slot;
import dev.windfall.network.Initialization;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Rewiring;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a session promises besides numbers. */
public abstract class SessionContract extends EngineContract {

  private static BatchResult accumulate(Session session, Batch batch, Mode mode) {
    return session.accumulate(batch, Agreement.OBJECTIVE, mode, 0.1, Growth.NONE);
  }

  private static Map<String, float[]> slots(Session session, Slot slot) {
    Map<String, float[]> result = new LinkedHashMap<>();
    for (Parameter parameter : Sessions.NETWORK.parameters()) {
      if (slot == Slot.VALUE || parameter.role().isTrained()) {
        result.put(parameter.name(), session.read(parameter.name(), slot));
      }
    }
    return result;
  }

  private static void requireSame(Map<String, float[]> actual, Map<String, float[]> expected) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach((name, values) -> assertThat(actual.get(name)).as(name).isEqualTo(values));
  }

  /** Equal numbers; a zero may have either sign. */
  private static void requireEqual(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i] == expected[i]).as("%s at %s", actual[i], i).isTrue();
    }
  }

  private static void requireNotZero(float[] values) {
    assertThat(values).isNotEqualTo(new float[values.length]);
  }

  @Test
  void aSparseSessionStartsWithTheDenseOnesWeights() {
    try (Session session = open()) {
      for (Parameter parameter : Sessions.NETWORK.parameters()) {
        Initialization.Values initial = Initialization.HE_FAN_IN.values(1, parameter);
        float[] values = session.read(parameter.name(), Slot.VALUE);
        for (int i = 0; i < values.length; i++) {
          long position =
              parameter.isPrunable() ? session.connectivity(parameter.name()).position(i) : i;
          assertThat(values[i]).isEqualTo(initial.at(position, 1));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.02, 0.5, 1})
  void connectionsAreThoseItWasOpenedWith(double density) {
    Map<String, Connectivity> connectivity = TestData.connections(Sessions.NETWORK, density, 1);
    try (Session session = open(Sessions.NETWORK, density, 4, 1)) {
      connectivity.forEach(
          (name, expected) -> assertThat(session.connectivity(name)).isEqualTo(expected));
    }
  }

  @Test
  void evaluationUsesRunningStatisticsAndLeavesEverythingAsItIs() {
    try (Session session = open()) {
      Sessions.train(session, 1);
      Map<String, float[]> values = slots(session, Slot.VALUE);
      BatchResult first = accumulate(session, Sessions.batch(2), Mode.EVALUATE);
      slots(session, Slot.GRADIENT)
          .forEach((name, gradient) -> assertThat(gradient).as(name).containsOnly(0));
      requireSame(slots(session, Slot.VALUE), values);
      // Without batch statistics, samples do not depend on each other.
      Batch batch = Sessions.batch(2);
      float[] all = session.logits(batch, Mode.EVALUATE);
      Batch alone = new Batch(batch.input(), batch.labels(), batch.sampleIds(), 1, 0);
      assertThat(session.logits(alone, Mode.EVALUATE))
          .containsExactly(Arrays.copyOf(all, 3), within(1e-5f));
      assertThat(accumulate(session, batch, Mode.EVALUATE)).isEqualTo(first);
    }
  }

  @Test
  void scoringLeavesRunningStatisticsAsTheyAre() {
    try (Session session = open()) {
      Sessions.train(session, 1);
      Map<String, float[]> values = slots(session, Slot.VALUE);
      BatchResult scored = accumulate(session, Sessions.batch(2), Mode.SCORE);
      requireSame(slots(session, Slot.VALUE), values);
      requireNotZero(session.read("conv1.weight", Slot.GRADIENT));
      BatchResult trained = accumulate(session, Sessions.batch(2), Mode.TRAIN);
      assertThat(trained.loss()).isNotEqualTo(scored.loss()); // dropout
      assertThat(session.read("norm1.running-mean", Slot.VALUE))
          .isNotEqualTo(values.get("norm1.running-mean"));
    }
  }

  @Test
  void gradientsAddUpUntilTheyAreCleared() {
    try (Session session = open()) {
      Batch batch = Sessions.batch(2);
      accumulate(session, batch, Mode.SCORE);
      Map<String, float[]> once = slots(session, Slot.GRADIENT);
      requireNotZero(session.read("conv1.weight", Slot.GRADIENT));
      accumulate(session, batch, Mode.SCORE);
      once.forEach(
          (name, gradient) -> {
            float[] twice = session.read(name, Slot.GRADIENT);
            for (int i = 0; i < gradient.length; i++) {
              assertThat(twice[i]).as(name).isEqualTo(2 * gradient[i]);
            }
          });
      session.clearGradient();
      slots(session, Slot.GRADIENT)
          .forEach((name, gradient) -> assertThat(gradient).as(name).containsOnly(0));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.4, 1})
  void whatIsDroppedAndGrownAgainStartsAnew(double density) {
    String tensor = "conv2.weight";
    for (boolean all : new boolean[] {false, true}) {
      try (Session session = open(Sessions.NETWORK, density, 20, 1)) {
        Sessions.train(session, 1, Sessions.ADAM);
        Connectivity connections = session.connectivity(tensor);
        float[] values = session.read(tensor, Slot.VALUE);
        float[] momenta = session.read(tensor, Slot.MOMENTUM);
        float[] variances = session.read(tensor, Slot.VARIANCE);
        requireNotZero(momenta);
        long[] positions =
            Arrays.stream(connections.toPositions()).filter(at -> all || at % 3 == 0).toArray();
        float[] anew = new float[positions.length];
        Arrays.fill(anew, 0.5f);
        session.rewire(List.of(new Rewiring(tensor, positions, new long[0], new float[0])));
        assertThat(session.connectivity(tensor).count())
            .isEqualTo(connections.count() - positions.length);
        session.rewire(List.of(new Rewiring(tensor, new long[0], positions, anew)));
        assertThat(session.connectivity(tensor)).isEqualTo(connections);
        for (long position : positions) {
          int index = (int) connections.indexOf(position);
          values[index] = 0.5f;
          momenta[index] = 0;
          variances[index] = 0;
        }
        assertThat(session.read(tensor, Slot.VALUE)).isEqualTo(values);
        requireEqual(session.read(tensor, Slot.MOMENTUM), momenta);
        if (!all) {
          // Where nothing was left, there may be no variance before the next step, which begins at
          // 0.
          requireEqual(session.read(tensor, Slot.VARIANCE), variances);
        }
        assertThat(Sessions.train(session, 2, Sessions.ADAM)).isFinite();
      }
    }
  }

  @Test
  void arraysMayBeLongerThanTheBatch() {
    try (Session session = open()) {
      Batch whole = TestData.batch(Sessions.NETWORK, 20, 5);
      Batch part = new Batch(whole.input(), whole.labels(), whole.sampleIds(), 7, 0);
      Batch same =
          new Batch(
              Arrays.copyOf(whole.input(), 7 * 60),
              Arrays.copyOf(whole.labels(), 7),
              Arrays.copyOf(whole.sampleIds(), 7),
              7,
              0);
      assertThat(accumulate(session, part, Mode.SCORE))
          .isEqualTo(accumulate(session, same, Mode.SCORE));
    }
  }

  private static void requireRefused(ThrowingCallable call, String... words) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(words).doesNotContain("\n"));
  }

  @Test
  void batchesThatDoNotFitAreRefused() {
    try (Session session = open()) {
      Batch large = TestData.batch(Sessions.NETWORK, 21, 1);
      requireRefused(() -> accumulate(session, large, Mode.TRAIN), "21 samples", "up to 20");
      requireRefused(() -> session.logits(large, Mode.SCORE), "21 samples", "up to 20");
      Batch shortInput = new Batch(new float[119], new int[2], new long[2], 2, 0);
      requireRefused(
          () -> accumulate(session, shortInput, Mode.TRAIN), "2×5×6", "120 values, not 119");
      for (int label : new int[] {-1, 3}) {
        Batch mislabelled = new Batch(new float[120], new int[] {0, label}, new long[2], 2, 0);
        requireRefused(
            () -> accumulate(session, mislabelled, Mode.TRAIN),
            "sample 1 has label " + label,
            "classes 0 to 2");
      }
      Growth unknown = new Growth(Map.of("classifier.bias", 3));
      requireRefused(
          () -> session.accumulate(Sessions.batch(1), Agreement.OBJECTIVE, Mode.TRAIN, 1, unknown),
          "'classifier.bias'",
          "conv1.weight conv2.weight classifier.weight");
    }
  }

  @Test
  void tensorsAndSlotsThatDoNotExistAreRefused() {
    try (Session session = open()) {
      requireRefused(() -> session.read("conv9.weight", Slot.VALUE), "'conv9.weight'");
      requireRefused(() -> session.connectivity("norm1.scale"), "prunable", "'norm1.scale'");
      requireRefused(() -> session.candidates("norm1.scale"), "prunable", "'norm1.scale'");
      requireRefused(() -> session.read("norm1.running-mean", Slot.GRADIENT), "norm1.running-mean");
      requireRefused(
          () -> session.write("norm1.running-variance", Slot.MOMENTUM, new float[5]),
          "norm1.running-variance");
      requireRefused(
          () -> session.write("classifier.bias", Slot.VALUE, new float[4]),
          "classifier.bias has 3 values, not 4");
    }
  }

  @Test
  void connectionsThatDoNotFitAreRefused() {
    Map<String, Connectivity> connectivity =
        new HashMap<>(TestData.connections(Sessions.NETWORK, 0.5, 1));
    SessionOptions options = new SessionOptions(4, 1, 1, Initialization.HE_FAN_IN);
    Connectivity removed = connectivity.remove("conv2.weight");
    assertThat(removed).isNotNull();
    requireRefused(
        () -> engine().open(Sessions.NETWORK, connectivity, options).close(),
        "no connectivity for conv2.weight");
    connectivity.put("conv2.weight", Connectivity.dense(4, 46));
    requireRefused(
        () -> engine().open(Sessions.NETWORK, connectivity, options).close(),
        "conv2.weight is 4×45",
        "4×46");
  }
}
