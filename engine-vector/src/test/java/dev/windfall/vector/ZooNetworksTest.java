package dev.windfall.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.Shape;
import dev.windfall.network.Zoo;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.RandomConnectivity;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks of the zoo, narrow ones, on the engine. */
class ZooNetworksTest {

  private static final int SAMPLES = 4;
  private static final int CLASSES = 3;
  private static final OptimizerStep SGD = new OptimizerStep.Sgd(0.05, 0.9, true, 0, false);

  private static Network network(String name, int extent) {
    return Zoo.build(
        name,
        new Zoo.Options(new Shape(3, extent, extent), CLASSES, 0, ActivationFunction.RELU, 0.125));
  }

  private static Session open(Network network) {
    return new VectorEngine()
        .open(
            network,
            RandomConnectivity.draw(
                Distribution.named("erk").densities(network.prunable(), 0.5, Set.of()), 1),
            new SessionOptions(SAMPLES, 1, 1, Initialization.HE_FAN_IN));
  }

  private static Batch batch(Network network) {
    float[] pixels = new float[Math.toIntExact(SAMPLES * network.input().elements())];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = StatelessRandom.gaussianAt(1, i);
    }
    return new Batch(pixels, new int[] {0, 1, 2, 0}, new long[] {0, 1, 2, 3}, SAMPLES, 0);
  }

  @ParameterizedTest
  @CsvSource({"resnet-50, 32", "resnet-18, 96", "vgg-16, 32", "vgg-16, 64", "mobilenet-v1, 32"})
  void learnABatchByHeart(String name, int extent) {
    Network network = network(name, extent);
    Objective objective = new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL);
    try (Session session = open(network)) {
      double first = 0;
      double last = 0;
      for (int step = 0; step < 12; step++) {
        last =
            session
                .accumulate(batch(network), objective, Mode.TRAIN, 1.0 / SAMPLES, Growth.NONE)
                .loss();
        first = step == 0 ? last : first;
        session.apply(SGD);
      }
      assertThat(last).isFinite().isLessThan(0.5 * first);
    }
  }
}
