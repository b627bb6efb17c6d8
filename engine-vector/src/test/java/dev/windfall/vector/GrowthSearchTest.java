package dev.windfall.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.contract.DenseConvolution;
import dev.windfall.engine.contract.DenseMaps;
import dev.windfall.engine.contract.TestData;
import dev.windfall.network.Layer;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.Candidates;
import dev.windfall.sparsity.Connectivity;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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
}
