package dev.windfall.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.SecondOrder;
import dev.windfall.engine.SecondOrder.Precision;
import dev.windfall.engine.SecondOrder.Problem;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.engine.Slot;
import dev.windfall.engine.State;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.network.Zoo;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.RandomConnectivity;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Second derivatives against central differences of the first ones, in double precision. The values
 * of a session are single-precision numbers; here they are multiples of a power of two, so that
 * they move by exactly what is meant.
 */
final class SecondOrderTest {

  private static final int SAMPLES = 6;
  private static final int CLASSES = 3;
  private static final double STEP = 0x1p-17;
  private static final double GRID = 0x1p-18;
  private static final Objective OBJECTIVE =
      new Objective.CrossEntropy(0.1, Objective.SmoothingOver.ALL);

  /** A network in a session, with what is differentiated. */
  private record Bench(Network network, Session session, SecondOrder order, Problem problem)
      implements AutoCloseable {

    static Bench of(Network network, Mode mode, Precision precision) {
      Session session =
          new TorchEngine()
              .open(
                  network,
                  RandomConnectivity.draw(
                      Distribution.named("uniform").densities(network.prunable(), 0.5, Set.of()),
                      1),
                  new SessionOptions(SAMPLES, 1, 1, Initialization.HE_FAN_IN));
      SecondOrder order = session.capability(SecondOrder.class).orElseThrow();
      Bench bench = new Bench(network, session, order, problem(network, mode, precision));
      bench.session.accumulate(
          bench.problem.batch(), OBJECTIVE, Mode.TRAIN, 1, Growth.NONE); // running statistics
      session.clearGradient();
      for (String tensor : bench.zeros().keySet()) {
        float[] values = session.read(tensor, Slot.VALUE);
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (GRID * Math.round(values[i] / GRID));
        }
        session.write(tensor, Slot.VALUE, values);
      }
      return bench;
    }

    private static Problem problem(Network network, Mode mode, Precision precision) {
      StatelessRandom random = StatelessRandom.of(3, "batch");
      float[] input = new float[Math.toIntExact(SAMPLES * network.input().elements())];
      for (int i = 0; i < input.length; i++) {
        input[i] = (float) random.nextGaussian();
      }
      long[] ids = {5, 6, 7, 8, 9, 1};
      Batch batch = new Batch(input, new int[] {0, 1, 2, 2, 1, 0}, ids, SAMPLES, 4);
      return new Problem(batch, OBJECTIVE, mode, 1.0 / SAMPLES, precision);
    }

    /** A vector of zeros over all trained values. */
    Map<String, double[]> zeros() {
      Map<String, double[]> result = new LinkedHashMap<>();
      for (Parameter parameter : network.parameters()) {
        if (parameter.role().isTrained()) {
          int count = session.read(parameter.name(), Slot.VALUE).length;
          result.put(parameter.name(), new double[count]);
        }
      }
      return result;
    }

    /** A vector of ±1 and ±1/2. */
    Map<String, double[]> direction(long seed) {
      Map<String, double[]> result = zeros();
      result.forEach(
          (tensor, numbers) -> {
            StatelessRandom random = StatelessRandom.of(seed, tensor);
            for (int i = 0; i < numbers.length; i++) {
              numbers[i] = (random.nextInt(2) == 0 ? 1 : -1) / (1.0 + random.nextInt(2));
            }
          });
      return result;
    }

    /** The slope of the gradient along a direction, by central differences. */
    Map<String, double[]> slopeAlong(Map<String, double[]> direction) {
      Map<String, double[]> above = at(direction, STEP, () -> order.gradient(problem));
      Map<String, double[]> below = at(direction, -STEP, () -> order.gradient(problem));
      above.forEach(
          (tensor, numbers) -> {
            double[] others = numbers(below, tensor);
            for (int i = 0; i < numbers.length; i++) {
              numbers[i] = (numbers[i] - others[i]) / (2 * STEP);
            }
          });
      return above;
    }

    /** Computes with moved values, and puts them back. */
    <T> T at(Map<String, double[]> direction, double step, Supplier<T> work) {
      State state = session.snapshot();
      direction.forEach(
          (tensor, numbers) -> {
            float[] values = session.read(tensor, Slot.VALUE);
            for (int i = 0; i < values.length; i++) {
              values[i] += (float) (step * numbers[i]);
            }
            session.write(tensor, Slot.VALUE, values);
          });
      T result = work.get();
      session.restore(state);
      return result;
    }

    @Override
    public void close() {
      session.close();
    }
  }

  private static Network small(ActivationFunction function) {
    return new NetworkBuilder("small", new Shape(2, 4, 5))
        .conv("conv1", 3, 3, 1)
        .batchNorm("norm1")
        .activation("activation1", function)
        .conv("conv2", 3, 3, 2)
        .activation("activation2", function)
        .add("sum", "conv2")
        .dropout("dropout", 0.2)
        .globalAveragePool("pool")
        .linear("classifier", CLASSES)
        .build();
  }

  private static double[] numbers(Map<String, double[]> vector, String tensor) {
    double[] found = vector.get(tensor);
    if (found == null) {
      throw new AssertionError("nothing for " + tensor);
    }
    return found;
  }

  private static double norm(Map<String, double[]> vector) {
    return Math.sqrt(dot(vector, vector));
  }

  private static double dot(Map<String, double[]> one, Map<String, double[]> other) {
    double sum = 0;
    for (Map.Entry<String, double[]> entry : one.entrySet()) {
      double[] numbers = numbers(other, entry.getKey());
      for (int i = 0; i < numbers.length; i++) {
        sum += entry.getValue()[i] * numbers[i];
      }
    }
    return sum;
  }

  /** Requires that two vectors' distance is small against their length. */
  private static void requireClose(
      Map<String, double[]> actual, Map<String, double[]> expected, double share) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    double squares = 0;
    for (Map.Entry<String, double[]> entry : expected.entrySet()) {
      double[] numbers = numbers(actual, entry.getKey());
      assertThat(numbers).as(entry.getKey()).hasSameSizeAs(entry.getValue());
      for (int i = 0; i < numbers.length; i++) {
        squares += Math.pow(numbers[i] - entry.getValue()[i], 2);
      }
    }
    assertThat(norm(expected)).isPositive();
    assertThat(Math.sqrt(squares)).isLessThanOrEqualTo(share * norm(expected));
  }

  @ParameterizedTest
  @CsvSource({"TANH, TRAIN", "SWISH, SCORE", "MISH, EVALUATE", "SIGMOID, SCORE"})
  void productsAreSlopesOfTheGradient(ActivationFunction function, Mode mode) {
    try (Bench bench = Bench.of(small(function), mode, Precision.DOUBLE)) {
      State before = bench.session().snapshot();
      Map<String, double[]> along = bench.direction(5);
      Map<String, double[]> product = bench.order().hessianVector(bench.problem(), along);
      requireClose(product, bench.slopeAlong(along), 1e-6);
      assertThat(bench.session().snapshot()).usingRecursiveComparison().isEqualTo(before);
      assertThat(bench.session().gradientNorm()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "lenet-300-100, 0.1",
    "lenet-5, 0.5",
    "wrn-10-1, 0.25",
    "resnet-18, 0.05",
    "resnet-50, 0.03",
    "vgg-16, 0.05",
    "mobilenet-v1, 0.05"
  })
  void productsAreSlopesOfTheGradientInTheWholeZoo(String name, double width) {
    Shape input = name.startsWith("lenet") ? new Shape(1, 28, 28) : new Shape(3, 32, 32);
    Network network =
        Zoo.build(name, new Zoo.Options(input, CLASSES, 0, ActivationFunction.SWISH, width));
    try (Bench bench = Bench.of(network, Mode.EVALUATE, Precision.DOUBLE)) {
      Map<String, double[]> along = bench.direction(6);
      requireClose(
          bench.order().hessianVector(bench.problem(), along), bench.slopeAlong(along), 1e-6);
    }
  }

  /** Column by column from differences: the whole matrix, symmetric, with nothing outside. */
  @ParameterizedTest
  @EnumSource(
      value = ActivationFunction.class,
      names = {"TANH", "SWISH"})
  void productsAreThoseOfTheWholeMatrix(ActivationFunction function) {
    try (Bench bench = Bench.of(small(function), Mode.SCORE, Precision.DOUBLE)) {
      Map<String, double[]> along = bench.direction(7);
      Map<String, double[]> expected = bench.zeros();
      along.forEach(
          (tensor, numbers) -> {
            for (int i = 0; i < numbers.length; i++) {
              Map<String, double[]> unit = bench.zeros();
              numbers(unit, tensor)[i] = 1;
              Map<String, double[]> column = bench.slopeAlong(unit);
              assertThat(dot(column, along))
                  .isCloseTo(
                      numbers(bench.order().hessianVector(bench.problem(), along), tensor)[i],
                      within(1e-6));
              double factor = numbers[i];
              expected.forEach(
                  (name, sums) -> {
                    double[] more = numbers(column, name);
                    for (int k = 0; k < sums.length; k++) {
                      sums[k] += factor * more[k];
                    }
                  });
            }
          });
      requireClose(bench.order().hessianVector(bench.problem(), along), expected, 1e-6);
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void theNormOfTheGradientAndItsDerivatives(Mode mode) {
    try (Bench bench = Bench.of(small(ActivationFunction.TANH), mode, Precision.DOUBLE)) {
      SecondOrder order = bench.order();
      Problem problem = bench.problem();
      Map<String, double[]> gradient = order.gradient(problem);
      SecondOrder.GradientNorm found = order.gradientNorm(problem);
      assertThat(found.norm()).isCloseTo(norm(gradient), within(1e-12));
      Map<String, double[]> product = order.hessianVector(problem, gradient);
      product.replaceAll(
          (tensor, numbers) -> {
            double[] scaled = numbers.clone();
            for (int i = 0; i < scaled.length; i++) {
              scaled[i] /= found.norm();
            }
            return scaled;
          });
      requireClose(found.gradient(), product, 1e-10);
      Map<String, double[]> along = bench.direction(8);
      double above = bench.at(along, STEP, () -> norm(order.gradient(problem)));
      double below = bench.at(along, -STEP, () -> norm(order.gradient(problem)));
      double slope = (above - below) / (2 * STEP);
      assertThat(dot(found.gradient(), along)).isCloseTo(slope, within(1e-6 * Math.abs(slope)));
    }
  }

  @Test
  void singlePrecisionIsNearDouble() {
    Network network = small(ActivationFunction.TANH);
    try (Bench exact = Bench.of(network, Mode.SCORE, Precision.DOUBLE);
        Bench single = Bench.of(network, Mode.SCORE, Precision.SINGLE)) {
      Map<String, double[]> along = exact.direction(9);
      requireClose(
          single.order().hessianVector(single.problem(), along),
          exact.order().hessianVector(exact.problem(), along),
          1e-4);
      requireClose(
          single.order().gradient(single.problem()), exact.order().gradient(exact.problem()), 1e-5);
    }
  }

  @Test
  void anAbsentTensorCountsAsZeroAndAWrongOneIsRefused() {
    try (Bench bench = Bench.of(small(ActivationFunction.TANH), Mode.SCORE, Precision.DOUBLE)) {
      Map<String, double[]> along = bench.zeros();
      double[] numbers = bench.direction(1).getOrDefault("conv1.weight", new double[0]);
      along.put("conv1.weight", numbers);
      SecondOrder order = bench.order();
      Problem problem = bench.problem();
      requireClose(
          order.hessianVector(problem, Map.of("conv1.weight", numbers)),
          order.hessianVector(problem, along),
          1e-14);
      assertThat(order.hessianVector(problem, Map.of()))
          .allSatisfy((tensor, zeros) -> assertThat(zeros).containsOnly(0));
      assertThatThrownBy(() -> order.hessianVector(problem, Map.of("conv1.weight", new double[2])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("conv1.weight: a vector of 2 numbers for 54");
      assertThatThrownBy(() -> order.hessianVector(problem, Map.of("conv9", new double[2])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'conv9'");
    }
  }
}
