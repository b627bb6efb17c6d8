package dev.windfall.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
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
import dev.windfall.engine.contract.Agreement;
import dev.windfall.engine.contract.DenseConvolution;
import dev.windfall.engine.contract.DenseMaps;
import dev.windfall.engine.contract.DenseNetwork;
import dev.windfall.engine.contract.TestData;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Initialization;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.Candidates;
import dev.windfall.sparsity.Connectivity;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GrowthSearchTest {

  /**
   * A layer whose inputs and output gradients are small whole numbers: all sums are exact, and most
   * of them tie.
   */
  private record Case(Layer layer, Shape input, int samples, double density) {

    Parameter weight() {
      return layer.parameters("layer", input).getFirst();
    }

    Shape output() {
      return layer.output(List.of(input));
    }

    DenseConvolution dense() {
      double[] weights = new double[(int) weight().elements()];
      return layer instanceof Layer.Conv2d conv
          ? DenseConvolution.of(conv, weights)
          : DenseConvolution.linear(weights);
    }
  }

  static List<Case> cases() {
    return List.of(
        new Case(new Layer.Conv2d(5, 3, 1, 1, false), new Shape(2, 7, 9), 17, 0.3),
        new Case(new Layer.Conv2d(4, 3, 2, 1, false), new Shape(3, 9, 8), 16, 0.1),
        new Case(new Layer.Conv2d(7, 2, 2, 0, false), new Shape(1, 4, 5), 33, 0.5),
        new Case(new Layer.Conv2d(1, 5, 1, 2, false), new Shape(1, 1, 3), 1, 0.2),
        new Case(new Layer.Conv2d(3, 1, 1, 0, false), new Shape(4, 3, 17), 15, 0.6),
        new Case(new Layer.Conv2d(130, 5, 1, 2, false), new Shape(3, 2, 2), 3, 0.05),
        new Case(new Layer.Conv2d(6, 3, 1, 1, 2, false), new Shape(4, 5, 9), 17, 0.3),
        new Case(new Layer.Conv2d(7, 3, 2, 1, 7, false), new Shape(7, 8, 6), 33, 0.5),
        new Case(new Layer.Conv2d(10, 3, 1, 1, 5, false), new Shape(5, 4, 4), 15, 0.4),
        new Case(new Layer.Linear(6, false), Shape.features(3001), 5, 0.01),
        new Case(new Layer.Linear(1300, false), Shape.features(8), 130, 0.2),
        new Case(new Layer.Linear(7, false), Shape.features(1), 129, 0.4),
        new Case(new Layer.Linear(5, false), Shape.features(2046), 2, 0.05),
        new Case(new Layer.Linear(9, false), Shape.features(2047), 2, 0.9),
        new Case(new Layer.Linear(3, false), Shape.features(10), 20, 0));
  }

  private static DenseMaps wholeNumbers(Shape shape, int samples, String name) {
    DenseMaps maps = DenseMaps.zeros(samples, shape);
    StatelessRandom random = StatelessRandom.of(7, name);
    for (int i = 0; i < maps.values().length; i++) {
      maps.values()[i] = random.nextInt(5) - 2;
    }
    return maps;
  }

  private static void fill(MemorySegment memory, Buffer buffer, DenseMaps maps) {
    boolean vector = buffer.geometry().vector();
    for (int sample = 0; sample < maps.samples(); sample++) {
      int inBlock = sample % buffer.geometry().samplesPerBlock();
      for (int channel = 0; channel < maps.shape().channels(); channel++) {
        for (int row = 0; row < maps.shape().height(); row++) {
          for (int column = 0; column < maps.shape().width(); column++) {
            long pixel =
                buffer.at(
                    sample / buffer.geometry().samplesPerBlock(),
                    row,
                    channel,
                    vector ? inBlock / Geometry.LANES : column);
            float value = (float) maps.values()[maps.index(sample, channel, row, column)];
            memory.set(JAVA_FLOAT, pixel + 4L * (inBlock % Geometry.LANES), value);
          }
        }
      }
    }
  }

  private static Candidates search(
      Case layer, Connectivity connectivity, int wanted, int threads, Kernels kernels) {
    int halo = layer.layer() instanceof Layer.Conv2d conv ? conv.padding() : 0;
    Buffer in = new Buffer(Geometry.of(layer.input(), halo), false);
    Buffer gradient = new Buffer(Geometry.of(layer.output(), 1), false);
    in.use(0);
    gradient.use(0);
    MemoryPlan plan = new MemoryPlan(layer.samples());
    plan.place(List.of(in, gradient));
    long scratchBytes = (DenseGradient.PANEL + 64L) * Geometry.PIXEL_BYTES;
    long scratch = plan.reserve(threads * scratchBytes);
    try (Arena arena = Arena.ofShared();
        Crew crew = new Crew(threads)) {
      MemorySegment memory = arena.allocate(plan.bytes(), 64);
      Machine machine =
          new Machine(memory, kernels, crew, new Stopwatch(), 0, scratch, scratchBytes);
      Pass pass = new Pass(machine, layer.samples(), Mode.TRAIN, 0, new long[0], Growth.NONE);
      fill(memory, in, wholeNumbers(layer.input(), layer.samples(), "in"));
      fill(memory, gradient, wholeNumbers(layer.output(), layer.samples(), "gradient"));
      InputWindow window =
          layer.layer() instanceof Layer.Conv2d conv
              ? InputWindow.of(conv, in.geometry())
              : InputWindow.ofLinear(in.geometry());
      SparseWeights weights =
          new SparseWeights(layer.weight(), window, gradient.geometry(), connectivity);
      GrowthSearch search = new GrowthSearch(new DenseGradient(weights, in));
      search.run(pass, gradient, wanted);
      Candidates found = search.found();
      if (found == null) {
        throw new AssertionError("the search has found nothing");
      }
      return found;
    }
  }

  private static double[] denseGradient(Case layer) {
    return layer
        .dense()
        .weightGradient(
            wholeNumbers(layer.input(), layer.samples(), "in"),
            wholeNumbers(layer.output(), layer.samples(), "gradient"));
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

  private static void requireBest(Case layer, int wanted, int threads, Kernels kernels) {
    Connectivity connectivity = TestData.connections(layer.weight(), layer.density(), 11);
    double[] gradient = denseGradient(layer);
    Candidates found = search(layer, connectivity, wanted, threads, kernels);
    assertThat(found.positions())
        .as("%d of %s with %d threads", wanted, layer, threads)
        .isEqualTo(best(gradient, connectivity, wanted));
    for (int i = 0; i < found.count(); i++) {
      assertThat((double) found.scores()[i]).isEqualTo(gradient[(int) found.positions()[i]]);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void findsTheLargestGradientsThatAFullSortFinds(Case layer) {
    for (int wanted : new int[] {1, 3, 100, 1500, Integer.MAX_VALUE}) {
      requireBest(layer, wanted, 1, new VectorKernels());
    }
    for (int threads = 2; threads <= 3; threads++) {
      requireBest(layer, 37, threads, new VectorKernels());
    }
    requireBest(layer, 20, 2, new ScalarKernels());
  }

  @Test
  void aDenseTensorHasNoCandidates() {
    Case layer = new Case(new Layer.Linear(3, false), Shape.features(10), 20, 1);
    Connectivity dense = Connectivity.dense(3, 10);
    assertThat(search(layer, dense, 5, 1, new VectorKernels()).count()).isZero();
  }

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
  private static Session openDense(Network network, Session sparse) {
    Map<String, Connectivity> dense = new LinkedHashMap<>();
    for (Parameter weight : network.prunable()) {
      dense.put(weight.name(), Connectivity.dense(weight.rows(), weight.rowLength()));
    }
    Session session = new VectorEngine().open(network, dense, options());
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
    try (Session sparse =
            new VectorEngine().open(network, TestData.connections(network, 0.3, 3), options());
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
        new VectorEngine().open(network, TestData.connections(network, 0.3, 3), options())) {
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
    try (Session sparse =
            new VectorEngine().open(network, TestData.connections(network, 0.3, 3), options);
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
        new VectorEngine().open(network, TestData.connections(network, 0.3, 3), options())) {
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
