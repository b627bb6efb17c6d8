package dev.windfall.tweak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.cost.Counter;
import dev.windfall.cost.NetworkCost;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Node;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.network.Zoo;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.SparseTrainingMethod;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SkipInjectionTest {

  private static final Layer.AveragePool HALVING = new Layer.AveragePool(2, 2, 0, true);

  private static Network build(String name) {
    return Zoo.build(name, Zoo.Options.of(new Shape(3, 32, 32), 10));
  }

  private static NetworkBuilder begun() {
    return new NetworkBuilder("block", new Shape(3, 8, 8))
        .conv("conv0", 4, 3, 1)
        .batchNorm("norm0")
        .relu("relu0");
  }

  /** A residual block as ResNets have it, which makes twice as many maps of half the size. */
  private static Network block() {
    return begun()
        .conv("conv1", 8, 3, 2)
        .batchNorm("norm1")
        .relu("relu1")
        .conv("conv2", 8, 3, 1)
        .batchNorm("norm2")
        .from("relu0")
        .conv("shortcut", 8, 1, 2)
        .batchNorm("shortcut-norm")
        .from("norm2")
        .add("sum", "shortcut-norm")
        .relu("relu2")
        .globalAveragePool("pool")
        .linear("classifier", 10)
        .build();
  }

  /** The paper's section 3.1: the input of each convolution, added before the activation. */
  @Test
  void aPlainSkipIsTheInputPooledAndPadded() {
    Network expected =
        begun()
            .conv("conv1", 8, 3, 2)
            .batchNorm("norm1")
            .from("relu0")
            .append("conv1.skip-pool", HALVING)
            .append("conv1.skip-padding", new Layer.PadChannels(8))
            .from("norm1")
            .add("conv1.skip-sum", "conv1.skip-padding")
            .relu("relu1")
            .conv("conv2", 8, 3, 1)
            .batchNorm("norm2")
            .add("conv2.skip-sum", "relu1")
            .from("relu0")
            .conv("shortcut", 8, 1, 2)
            .batchNorm("shortcut-norm")
            .from("conv2.skip-sum")
            .add("sum", "shortcut-norm")
            .relu("relu2")
            .globalAveragePool("pool")
            .linear("classifier", 10)
            .build();
    Network actual = SkipInjection.into(block(), Skips.PLAIN);
    assertThat(actual.nodes()).isEqualTo(expected.nodes());
    assertThat(actual.name()).isEqualTo("block");
    assertThat(actual.parameters()).isEqualTo(block().parameters());
    assertThat(Addition.of(block(), actual)).isEqualTo(new Addition(0, 0));
  }

  /** The published code: a 1×1 convolution with the stride, weights of 1e-4, a batch norm. */
  @Test
  void aLearnedSkipIsAConvolutionWithBatchNorm() {
    Network expected =
        begun()
            .conv("conv1", 8, 3, 2)
            .batchNorm("norm1")
            .from("relu0")
            .append("conv1.skip", new Layer.Conv2d(8, 1, 2, 0, 1, false, 1e-4f))
            .batchNorm("conv1.skip-norm")
            .from("norm1")
            .add("conv1.skip-sum", "conv1.skip-norm")
            .relu("relu1")
            .conv("conv2", 8, 3, 1)
            .batchNorm("norm2")
            .from("relu1")
            .append("conv2.skip", new Layer.Conv2d(8, 1, 1, 0, 1, false, 1e-4f))
            .batchNorm("conv2.skip-norm")
            .from("norm2")
            .add("conv2.skip-sum", "conv2.skip-norm")
            .from("relu0")
            .conv("shortcut", 8, 1, 2)
            .batchNorm("shortcut-norm")
            .from("conv2.skip-sum")
            .add("sum", "shortcut-norm")
            .relu("relu2")
            .globalAveragePool("pool")
            .linear("classifier", 10)
            .build();
    Network actual = SkipInjection.into(block(), Skips.LEARNED);
    assertThat(actual.nodes()).isEqualTo(expected.nodes());
    assertThat(Addition.of(block(), actual)).isEqualTo(new Addition(8 * 4 + 8 * 8, 32));
  }

  /** All that was there keeps name, shape and order, so that masks and checkpoints fit. */
  @ParameterizedTest
  @CsvSource({
    "resnet-18, 16, 16",
    "resnet-34, 32, 32",
    // The first convolution of a bottleneck block makes fewer maps, but for the first block's.
    "resnet-50, 33, 48",
    "vgg-16, 12, 12",
    "mobilenet-v1, 26, 26",
    "wrn-22-2, 18, 18",
  })
  void everyConvolutionButTheFirstAndShortcutsGetsASkip(String name, int plain, int learned) {
    Network network = build(name);
    for (Skips skips : List.of(Skips.PLAIN, Skips.LEARNED)) {
      Network rewritten = SkipInjection.into(network, skips);
      assertThat(rewritten.nodes().stream().map(Node::name).filter(n -> n.endsWith(".skip-sum")))
          .hasSize(skips == Skips.PLAIN ? plain : learned);
      assertThat(rewritten.prunable()).isEqualTo(network.prunable());
      assertThat(rewritten.parameters()).containsAll(network.parameters());
      assertThat(rewritten.output().name()).isEqualTo(network.output().name());
      assertThat(rewritten.denseByDefault()).isEqualTo(network.denseByDefault());
      Addition addition = Addition.of(network, rewritten);
      assertThat(addition.parameters())
          .isEqualTo(rewritten.parameterCount() - network.parameterCount());
      if (skips == Skips.PLAIN) {
        assertThat(addition.parameters()).isZero();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"resnet-18, 1220608, 7680", "resnet-34, 2342912, 15104"})
  void learnedSkipsAddWhatIsPublished(String name, long weights, long others) {
    Network network = build(name);
    assertThat(Addition.of(network, SkipInjection.into(network, Skips.LEARNED)))
        .isEqualTo(new Addition(weights, others));
  }

  /** Maps of 7 are halved to 4: windows of the stride give 3, those of the convolution 4. */
  @Test
  void mapsOfOddExtentsArePooledByTheConvolutionsWindows() {
    Network network =
        new NetworkBuilder("odd", new Shape(3, 7, 9))
            .conv("conv0", 4, 3, 1)
            .relu("relu0")
            .conv("conv1", 4, 3, 2)
            .relu("relu1")
            .globalAveragePool("pool")
            .build();
    assertThat(SkipInjection.into(network, Skips.PLAIN).node("conv1.skip-pool").layer())
        .isEqualTo(new Layer.AveragePool(3, 2, 1, false));
  }

  @Test
  void aBlockOfOneConvolutionHasItsSkipAlready() {
    Network network =
        begun().conv("conv1", 4, 3, 1).add("sum", "relu0").globalAveragePool("pool").build();
    assertThatThrownBy(() -> SkipInjection.into(network, Skips.PLAIN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("skips plain: network block has no convolution that one could lead past");
    assertThat(SkipInjection.into(network, Skips.NONE)).isSameAs(network);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lenet-300-100", "mlp-8"})
  void aNetworkWithoutConvolutionsIsRefused(String name) {
    assertThatThrownBy(() -> SkipInjection.into(build(name), Skips.LEARNED))
        .hasMessageContaining("network " + name + " has no convolution");
  }

  /** The connections of a mask count as before; what is added counts beside them. */
  @Test
  void costsOfLearnedSkipsStandBesideThoseOfTheMask() {
    Network network = build("resnet-18");
    Network rewritten = SkipInjection.into(network, Skips.LEARNED);
    LayerDensities densities =
        Distribution.named("erk").densities(network.prunable(), 0.9, Set.of());
    NetworkCost before = NetworkCost.of(network, densities, Counter.MAC);
    NetworkCost after = NetworkCost.of(rewritten, densities, Counter.MAC);
    assertThat(after.activeWeights()).isEqualTo(before.activeWeights());
    assertThat(after.totalWeights()).isEqualTo(before.totalWeights());
    assertThat(after.denseFlops()).isEqualTo(before.denseFlops());
    assertThat(after.addedWeights()).isEqualTo(1_220_608);
    // Skips of 64·64 on 32×32 four times, then 64·128 and three of 128·128 on 16×16, and so on.
    long flops = 2L * 4 * 64 * 64 * 1024;
    for (int channels : new int[] {128, 256, 512}) {
      flops += 2L * (channels / 2 + 3 * channels) * channels * 1024 * 64 * 64 / channels / channels;
    }
    assertThat(after.addedFlops()).isEqualTo(flops);
    assertThat(after.inferenceFlops()).isEqualTo(before.inferenceFlops() + flops);
    assertThat(after.bytes() - before.bytes()).isEqualTo(4 * 1_220_608);
    assertThat(after.denseBytes()).isEqualTo(before.denseBytes());
    SparseTrainingMethod rigl = SparseTrainingMethod.named("rigl");
    double forward = after.meanForwardFlops(rigl, 0, 0.75);
    assertThat(forward).isEqualTo((double) after.inferenceFlops());
    assertThat(after.trainingFlops(rigl, 1, forward))
        .isEqualTo((5 * forward + before.denseFlops() + flops) / 2);
    SparseTrainingMethod dense = SparseTrainingMethod.named("dense");
    assertThat(after.meanForwardFlops(dense, 0, 0.75))
        .isEqualTo((double) (before.denseFlops() + flops));
  }

  @ParameterizedTest
  @EnumSource(Skips.class)
  void skipsAreKnownByTheirLabels(Skips skips) {
    assertThat(Skips.named(skips.label())).isEqualTo(skips);
    assertThatThrownBy(() -> Skips.named("some"))
        .hasMessage("unknown skips 'some'; known: none plain learned");
  }

  @Test
  void everyActivationFunctionIsReplacedAndNothingElse() {
    Network network = build("wrn-10-1");
    Network rewritten = ActivationReplacement.in(network, ActivationFunction.SWISH);
    for (Node node : network.nodes()) {
      Node other = rewritten.node(node.name());
      if (node.layer() instanceof Layer.Activation) {
        assertThat(other.layer()).isEqualTo(new Layer.Activation(ActivationFunction.SWISH));
        assertThat(other.inputs()).isEqualTo(node.inputs());
      } else {
        assertThat(other).isEqualTo(node);
      }
    }
    assertThat(rewritten.parameters().stream().map(Parameter::name))
        .containsExactlyElementsOf(network.parameters().stream().map(Parameter::name).toList());
    assertThat(
            ActivationReplacement.in(
                new NetworkBuilder("straight", Shape.features(3))
                    .activation("none", ActivationFunction.IDENTITY)
                    .linear("classifier", 2)
                    .build(),
                ActivationFunction.MISH))
        .extracting(result -> result.node("none").layer())
        .isEqualTo(new Layer.Activation(ActivationFunction.IDENTITY));
  }
}
