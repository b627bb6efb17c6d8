package dev.windfall.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.network.Zoo;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.Connectivity;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Times the engine's dense step beside the same step in plain libtorch, in turns, and prints both.
 * Its name is not a test's: it runs only where it is asked for by name.
 */
final class PlainLibtorchBenchmark {

  private static final int SAMPLES = 128;
  private static final int CLASSES = 10;
  private static final int WARM_UP = 4;
  private static final int STEPS = 20;
  private static final double RATE = 0.01;
  private static final Initialization INITIALIZATION = Initialization.HE_FAN_IN;

  @ParameterizedTest
  @ValueSource(strings = {"wrn-22-2", "resnet-18"})
  void stepsOfTheEngineAndOfPlainLibtorch(String model) {
    Network network = Zoo.build(model, Zoo.Options.of(new Shape(3, 32, 32), CLASSES));
    Map<String, Connectivity> dense = new LinkedHashMap<>();
    for (Parameter weight : network.prunable()) {
      dense.put(weight.name(), Connectivity.dense(weight.rows(), weight.rowLength()));
    }
    Batch batch = batch(network);
    long[] labels = Arrays.stream(batch.labels()).asLongStream().toArray();
    int threads = Runtime.getRuntime().availableProcessors();
    double[] engine = new double[STEPS];
    double[] plain = new double[STEPS];
    try (Session session =
            new TorchEngine()
                .open(network, dense, new SessionOptions(SAMPLES, threads, 1, INITIALIZATION));
        PlainLibtorch libtorch = new PlainLibtorch(network, INITIALIZATION, 1, RATE)) {
      for (int step = -WARM_UP; step < STEPS; step++) {
        long start = System.nanoTime();
        double one = step(session, batch);
        long middle = System.nanoTime();
        double other = libtorch.step(batch.input(), labels);
        long end = System.nanoTime();
        if (step < 0) { // Later, rounding has grown.
          assertThat(one).isCloseTo(other, within(1e-3 * other));
        } else {
          engine[step] = (middle - start) / 1e6;
          plain[step] = (end - middle) / 1e6;
        }
      }
    }
    System.out.printf(
        "%s, batch %d, %d threads: engine %.1f ms, plain libtorch %.1f ms; the engine's speed is"
            + " %.3f of the plain one's%n",
        model, SAMPLES, threads, median(engine), median(plain), median(plain) / median(engine));
  }

  private static Batch batch(Network network) {
    float[] input = new float[Math.toIntExact(SAMPLES * network.input().elements())];
    for (int i = 0; i < input.length; i++) {
      input[i] = StatelessRandom.gaussianAt(1, i);
    }
    int[] labels = new int[SAMPLES];
    Arrays.setAll(labels, i -> i % CLASSES);
    return new Batch(input, labels, new long[SAMPLES], SAMPLES, 0);
  }

  private static double step(Session session, Batch batch) {
    double loss =
        session
            .accumulate(
                batch,
                new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL),
                Mode.TRAIN,
                1.0 / SAMPLES,
                Growth.NONE)
            .loss();
    session.apply(
        new OptimizerStep.Sgd(
            RATE, PlainLibtorch.MOMENTUM, true, PlainLibtorch.WEIGHT_DECAY, true));
    return loss / SAMPLES;
  }

  private static double median(double[] numbers) {
    double[] sorted = numbers.clone();
    Arrays.sort(sorted);
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }
}
