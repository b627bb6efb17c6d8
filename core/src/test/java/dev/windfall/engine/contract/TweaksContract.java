package dev.windfall.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
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

  /** A few layers: in deep narrow networks roundings grow beyond any useful tolerance. */
  private static NetworkBuilder begun(String form, int extent) {
    return new NetworkBuilder(form, new Shape(2, extent, extent))
        .conv("conv0", 4, 3, 1)
        .batchNorm("norm0")
        .relu("relu0");
  }

  private static Network block(String form, int extent) {
    NetworkBuilder builder = begun(form, extent);
    switch (form) {
      case "basic" ->
          builder
              .conv("conv1", 6, 3, 2)
              .batchNorm("norm1")
              .relu("relu1")
              .conv("conv2", 6, 3, 1)
              .batchNorm("norm2")
              .from("relu0")
              .conv("shortcut", 6, 1, 2)
              .batchNorm("shortcut-norm")
              .add("sum", "norm2")
              .relu("relu2");
      case "bottleneck" ->
          builder
              .conv("conv1", 3, 1, 1)
              .batchNorm("norm1")
              .relu("relu1")
              .conv("conv2", 3, 3, 1)
              .batchNorm("norm2")
              .relu("relu2")
              .conv("conv3", 4, 1, 1)
              .batchNorm("norm3")
              .add("sum", "relu0")
              .relu("relu3");
      case "pre-activation" ->
          builder
              .conv("conv1", 6, 3, 2)
              .batchNorm("norm1")
              .relu("relu1")
              .dropout("dropout", 0.2)
              .conv("conv2", 6, 3, 1)
              .from("relu0")
              .conv("shortcut", 6, 1, 2)
              .add("sum", "conv2")
              .batchNorm("norm2")
              .relu("relu2");
      case "depthwise" ->
          builder
              .depthwiseConv("depthwise", 4, 3, 2)
              .batchNorm("norm1")
              .relu("relu1")
              .conv("pointwise", 7, 1, 1)
              .batchNorm("norm2")
              .relu("relu2");
      case "chain" ->
          builder
              .conv("conv1", 4, 3, 1)
              .batchNorm("norm1")
              .relu("relu1")
              .maxPool("pool1", 2, 2)
              .append("conv2", new Layer.Conv2d(5, 3, 1, 1, true))
              .relu("relu2");
      default -> throw new IllegalArgumentException(form);
    }
    return builder.globalAveragePool("mean").linear("classifier", 3).build();
  }

  @ParameterizedTest
  @CsvSource({
    "basic, 8, PLAIN, MISH",
    "basic, 7, PLAIN, RELU",
    "basic, 9, LEARNED, SWISH",
    "bottleneck, 6, PLAIN, GELU",
    "bottleneck, 7, LEARNED, ELU",
    "pre-activation, 8, PLAIN, PSWISH",
    "pre-activation, 7, LEARNED, LISHT",
    "depthwise, 8, PLAIN, SOFTPLUS",
    "depthwise, 9, LEARNED, SWISH",
    "chain, 8, PLAIN, SWISH",
    "chain, 12, LEARNED, RELU",
  })
  void rewrittenNetworksAgree(String form, int extent, Skips skips, ActivationFunction function) {
    Network skipping = SkipInjection.into(block(form, extent), skips);
    Network rewritten = ActivationReplacement.in(skipping, function);
    Agreement.require(engine(), new Agreement.Scenario(rewritten, 0.8, 20, 17, extent));
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
