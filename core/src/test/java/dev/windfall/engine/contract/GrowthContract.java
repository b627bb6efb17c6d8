package dev.windfall.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.engine.Slot;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.sparsity.Candidates;
import dev.windfall.sparsity.Connectivity;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which connections a session offers to grow. */
public abstract class GrowthContract extends EngineContract {

  private static Network network() {
    return new NetworkBuilder("growing", new Shape(2, 9, 10))
        .conv("conv1", 5, 3, 1)
        .batchNorm("norm1")
        .relu("relu1")
        .conv("conv2", 6, 3, 2)
        .activation("tanh", ActivationFunction.TANH)
        .flatten("flatten")
        .linear("hidden", 13)
        .relu("relu2")
        .linear("classifier", 4)
        .build();
  }

  /** The session of the sparse network's equal: dense, with zeros where there is no connection. */
  private Session openDense(Network network, Session sparse) {
    Map<String, Connectivity> dense = new LinkedHashMap<>();
    for (Parameter weight : network.prunable()) {
      dense.put(weight.name(), Connectivity.dense(weight.rows(), weight.rowLength()));
    }
    Session session = engine().open(network, dense, options());
    for (Parameter weight : network.prunable()) {
      double[] values = DenseNetwork.dense(weight, sparse, Slot.VALUE);
      float[] floats = new float[values.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) values[i];
      }
      session.write(weight.name(), Slot.VALUE, floats);
    }
    return session;
  }

  private static SessionOptions options() {
    return new SessionOptions(40, 2, 3, Initialization.HE_FAN_IN);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 17, 33})
  void aSessionsCandidatesAreTheLargestGradientsOfItsDenseEqual(int samples) {
    Network network = network();
    Batch batch = TestData.batch(network, samples, 5);
    Map<String, Integer> wanted = new LinkedHashMap<>();
    network.prunable().forEach(weight -> wanted.put(weight.name(), 12));
    try (Session sparse = engine().open(network, TestData.connections(network, 0.3, 3), options());
        Session dense = openDense(network, sparse)) {
      sparse.accumulate(batch, Agreement.OBJECTIVE, Mode.TRAIN, 0.1, new Growth(wanted));
      dense.accumulate(batch, Agreement.OBJECTIVE, Mode.TRAIN, 0.1, Growth.NONE);
      for (Parameter weight : network.prunable()) {
        requireLargest(
            sparse.candidates(weight.name()),
            dense.read(weight.name(), Slot.GRADIENT),
            sparse.connectivity(weight.name()));
      }
    }
  }

  private static long[] best(double[] gradient, Connectivity connectivity, int wanted) {
    return LongStream.range(0, gradient.length)
        .filter(position -> !connectivity.contains(position))
        .boxed()
        .sorted(
            Comparator.<Long>comparingDouble(position -> -Math.abs(gradient[position.intValue()]))
                .thenComparing(Comparator.naturalOrder()))
        .limit(wanted)
        .mapToLong(Long::longValue)
        .toArray();
  }

  /** Sums are taken in another order, so that scores differ in their last bits. */
  private static void requireLargest(
      Candidates found, float[] gradient, Connectivity connectivity) {
    double largest = 0;
    for (float value : gradient) {
      largest = Math.max(largest, Math.abs(value));
    }
    double tolerance = 1e-5 * largest;
    long[] expected = best(doubles(gradient), connectivity, 12);
    assertThat(found.positions()).hasSameSizeAs(expected);
    double previous = Double.POSITIVE_INFINITY;
    for (int i = 0; i < expected.length; i++) {
      double score = found.scores()[i];
      assertThat(connectivity.contains(found.positions()[i])).isFalse();
      assertThat(score).isCloseTo(gradient[(int) found.positions()[i]], within(tolerance));
      assertThat(Math.abs(score))
          .isLessThanOrEqualTo(previous)
          .isCloseTo(Math.abs(gradient[(int) expected[i]]), within(tolerance));
      previous = Math.abs(score);
    }
  }

  private static double[] doubles(float[] values) {
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = values[i];
    }
    return result;
  }

  @Test
  void candidatesAreThoseOfTheLastBatchThatAskedForThem() {
    Network network = network();
    try (Session session =
        engine().open(network, TestData.connections(network, 0.3, 3), options())) {
      Batch batch = TestData.batch(network, 9, 5);
      Growth growth = new Growth(Map.of("hidden.weight", 4, "conv1.weight", 0));
      List<Runnable> withoutAny =
          List.of(
              () -> session.accumulate(batch, Agreement.OBJECTIVE, Mode.TRAIN, 1, Growth.NONE),
              () -> session.accumulate(batch, Agreement.OBJECTIVE, Mode.EVALUATE, 1, growth));
      for (Runnable run : withoutAny) {
        session.accumulate(batch, Agreement.OBJECTIVE, Mode.TRAIN, 1, growth);
        assertThat(session.candidates("hidden.weight").count()).isEqualTo(4);
        requireNone(session, "conv1.weight");
        run.run();
        requireNone(session, "hidden.weight");
      }
    }
  }

  /** The best of a sum, exactly, although they need not be among the best of any batch. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aCollectionSumsTheGradientsOfItsBatches(int threads) {
    Network network = network();
    Map<String, Integer> wanted = new LinkedHashMap<>();
    network.prunable().forEach(weight -> wanted.put(weight.name(), 12));
    Growth growth = new Growth(wanted);
    SessionOptions options = new SessionOptions(40, threads, 3, Initialization.HE_FAN_IN);
    try (Session sparse = engine().open(network, TestData.connections(network, 0.3, 3), options);
        Session dense = openDense(network, sparse)) {
      for (int batch = 0; batch < 3; batch++) {
        Batch samples = TestData.batch(network, 20 - batch, batch);
        Growth asked = batch < 2 ? growth.continued() : growth;
        sparse.accumulate(samples, Agreement.OBJECTIVE, Mode.TRAIN, 0.1, asked);
        dense.accumulate(samples, Agreement.OBJECTIVE, Mode.TRAIN, 0.1, Growth.NONE);
        if (batch < 2) {
          requireNone(sparse, "hidden.weight");
        }
      }
      for (Parameter weight : network.prunable()) {
        requireLargest(
            sparse.candidates(weight.name()),
            dense.read(weight.name(), Slot.GRADIENT),
            sparse.connectivity(weight.name()));
      }
    }
  }

  @Test
  void sumsOfACollectionGoWithIt() {
    Network network = network();
    Growth growth = new Growth(Map.of("hidden.weight", 4));
    Batch batch = TestData.batch(network, 9, 5);
    try (Session session =
        engine().open(network, TestData.connections(network, 0.3, 3), options())) {
      session.accumulate(batch, Agreement.OBJECTIVE, Mode.SCORE, 1, growth);
      long before = session.memory().weightsAndState();
      Candidates alone = session.candidates("hidden.weight");
      List<Runnable> ends =
          List.of(
              session::clearGradient,
              () -> session.apply(new OptimizerStep.Sgd(0, 0, false, 0, false)),
              () -> session.restore(session.snapshot()),
              () -> session.accumulate(batch, Agreement.OBJECTIVE, Mode.SCORE, 1, Growth.NONE));
      for (Runnable end : ends) {
        session.accumulate(batch, Agreement.OBJECTIVE, Mode.SCORE, 1, growth.continued());
        long positions = network.prunable().get(2).elements();
        assertThat(session.memory().weightsAndState())
            .isGreaterThanOrEqualTo(before + 4 * positions);
        assertThat(session.memory().peak()).isGreaterThanOrEqualTo(before + 4 * positions);
        end.run();
        assertThat(session.memory().weightsAndState()).isEqualTo(before);
        session.accumulate(batch, Agreement.OBJECTIVE, Mode.SCORE, 1, growth);
        assertThat(session.candidates("hidden.weight")).usingRecursiveComparison().isEqualTo(alone);
      }
    }
  }

  private static void requireNone(Session session, String tensor) {
    assertThatThrownBy(() -> session.candidates(tensor))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no growth candidates for " + tensor);
  }
}
