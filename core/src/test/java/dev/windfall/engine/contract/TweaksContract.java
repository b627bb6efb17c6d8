package dev.windfall.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.network.Zoo;
import dev.windfall.tweak.ActivationReplacement;
import dev.windfall.tweak.SkipInjection;
import dev.windfall.tweak.Skips;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rewritten networks of the zoo, very narrow ones. */
public abstract class TweaksContract extends EngineContract {

  private static Network network(String name, int extent) {
    return Zoo.build(
        name,
        new Zoo.Options(new Shape(2, extent, extent), 3, 0, ActivationFunction.RELU, 1.0 / 32));
  }

  @ParameterizedTest
  @CsvSource({
    "resnet-18, 16, PLAIN, MISH",
    "resnet-18, 18, LEARNED, SWISH",
    "resnet-50, 16, PLAIN, GELU",
    "resnet-50, 16, LEARNED, ELU",
    "vgg-16, 32, PLAIN, PSWISH",
    "vgg-16, 32, LEARNED, LISHT",
    "mobilenet-v1, 32, PLAIN, SOFTPLUS",
    "mobilenet-v1, 32, LEARNED, MISH",
    "wrn-10-16, 12, PLAIN, SWISH",
    "wrn-10-16, 10, LEARNED, SWISH",
    "lenet-5, 28, PLAIN, SWISH",
  })
  void rewrittenNetworksAgree(String name, int extent, Skips skips, ActivationFunction function) {
    Network rewritten =
        ActivationReplacement.in(SkipInjection.into(network(name, extent), skips), function);
    Agreement.require(engine(), new Agreement.Scenario(rewritten, 0.6, 20, 17, extent));
  }

  @ParameterizedTest
  @ValueSource(strings = {"resnet-18", "resnet-50", "vgg-16", "mobilenet-v1", "wrn-10-16"})
  void aNetworkWithSkipsOfScaleZeroIsTheOneWithout(String name) {
    Network plain = network(name, 32);
    Network skipping = SkipInjection.into(plain, Skips.LEARNED);
    try (Session expected = open(plain, 0.6, 20, 1);
        Session session = open(skipping, 0.6, 20, 1)) {
      Batch batch = TestData.batch(plain, 17, 5);
      assertThat(session.logits(batch, Mode.SCORE))
          .isNotEqualTo(expected.logits(batch, Mode.SCORE));
      for (Parameter parameter : skipping.parameters()) {
        if (parameter.name().endsWith(".skip-norm.scale")) {
          float[] zeros = new float[Math.toIntExact(parameter.elements())];
          session.write(parameter.name(), Slot.VALUE, zeros);
        }
      }
      for (Mode mode : new Mode[] {Mode.SCORE, Mode.TRAIN, Mode.EVALUATE}) {
        assertThat(session.logits(batch, mode))
            .containsExactly(expected.logits(batch, mode), within(2e-5f));
      }
    }
  }
}
