package dev.windfall.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.engine.Slot;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.network.Zoo;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.RandomConnectivity;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks of the zoo, narrow ones, on the engine. */
class ZooNetworksTest {

  private static final int SAMPLES = 4;
  private static final int CLASSES = 3;

  private static Network network(String name, int extent) {
    return Zoo.build(
        name,
        new Zoo.Options(new Shape(3, extent, extent), CLASSES, 0, ActivationFunction.RELU, 0.125));
  }

  private static Session open(Network network, double sparsity) {
    return new VectorEngine()
        .open(
            network,
            RandomConnectivity.draw(
                Distribution.named("erk")
                    .densities(network.prunable(), sparsity, network.denseByDefault()),
                1),
            new SessionOptions(SAMPLES, 1, 1, Initialization.HE_FAN_IN));
  }

  private static Batch batch(Network network) {
    float[] pixels = new float[Math.toIntExact(SAMPLES * network.input().elements())];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = StatelessRandom.gaussianAt(1, i);
    }
    return new Batch(pixels, new int[] {0, 1, 2, 0}, new long[] {0, 1, 2, 3}, SAMPLES, 0);
  }

  private static double train(Session session, Network network, double rate) {
    Objective objective = new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL);
    double loss =
        session
            .accumulate(batch(network), objective, Mode.TRAIN, 1.0 / SAMPLES, Growth.NONE)
            .loss();
    session.apply(new OptimizerStep.Sgd(rate, 0.9, true, 0, false));
    return loss;
  }

  @ParameterizedTest
  @CsvSource({
    "resnet-50, 32, 0.05, 12",
    "resnet-18, 96, 0.05, 12",
    "vgg-16, 32, 0.05, 12",
    "vgg-16, 64, 0.05, 12",
    "mobilenet-v1, 64, 0.01, 40",
  })
  void learnABatchByHeart(String name, int extent, double rate, int steps) {
    Network network = network(name, extent);
    try (Session session = open(network, 0.5)) {
      double first = train(session, network, rate);
      double last = first;
      for (int step = 1; step < steps; step++) {
        last = train(session, network, rate);
      }
      assertThat(last).isFinite().isLessThan(0.5 * first);
    }
  }

  /** As small as CIFAR's, Tiny ImageNet's and ImageNet's images are. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "lenet-300-100",
        "lenet-5",
        "mlp-64-32",
        "wrn-22-2",
        "wrn-10-1",
        "resnet-18",
        "resnet-34",
        "resnet-50",
        "vgg-16",
        "mobilenet-v1"
      })
  void everyNetworkTrainsAtNinetyPercentOnImagesOfAllSizes(String name) {
    for (int extent : new int[] {32, 64, 224}) {
      Network network = network(name, extent);
      try (Session session = open(network, 0.9)) {
        String last = network.prunable().getLast().name();
        float[] before = session.read(last, Slot.VALUE);
        assertThat(train(session, network, 0.05)).as("%s on %d pixels", name, extent).isFinite();
        assertThat(train(session, network, 0.05)).as("%s on %d pixels", name, extent).isFinite();
        assertThat(session.read(last, Slot.VALUE)).isNotEqualTo(before);
        for (Parameter parameter : network.parameters()) {
          for (float value : session.read(parameter.name(), Slot.VALUE)) {
            assertThat(value).as(parameter.name()).isFinite();
          }
        }
      }
    }
  }
}
