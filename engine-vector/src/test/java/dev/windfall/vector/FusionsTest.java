package dev.windfall.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.engine.Slot;
import dev.windfall.engine.contract.Agreement;
import dev.windfall.engine.contract.DenseNetwork;
import dev.windfall.engine.contract.TestData;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Initialization;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Shape;
import dev.windfall.network.Zoo;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the planner computes in one pass, or in another layer's place, agrees with what the layers
 * do one after the other.
 */
final class FusionsTest {

  private static final ActivationFunction SWISH = ActivationFunction.SWISH;

  /**
   * Networks by the additions and element-wise layers that they join.
   *
   * @param name what is joined
   * @param body the layers between input and classifier
   */
  private record Join(String name, UnaryOperator<NetworkBuilder> body) {

    Network on(Shape input) {
      return body.apply(new NetworkBuilder(name, input))
          .flatten("flatten")
          .linear("classifier", 3)
          .build();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Join> joins() {
    return List.of(
        new Join(
            "convolution and convolution",
            b -> b.conv("c1", 3, 3, 1).from("input").conv("c2", 3, 1, 1).add("sum", "c1")),
        new Join(
            "convolution and later convolution",
            b -> b.conv("c1", 3, 3, 1).conv("c2", 3, 3, 1).from("c1").add("sum", "c2")),
        new Join(
            "convolution and later convolution read twice",
            b ->
                b.conv("c1", 3, 3, 1)
                    .from("input")
                    .conv("c2", 3, 3, 1)
                    .batchNorm("norm")
                    .add("sum1", "c2")
                    .from("c1")
                    .add("sum2", "c2")
                    .add("sum3", "sum1")),
        new Join(
            "chain of residuals",
            b ->
                b.conv("c0", 3, 3, 1)
                    .batchNorm("n1")
                    .relu("r1")
                    .conv("c1", 3, 3, 1)
                    .add("s1", "c0")
                    .batchNorm("n2")
                    .relu("r2")
                    .conv("c2", 3, 3, 1)
                    .add("s2", "s1")
                    .batchNorm("n3")
                    .relu("r3")),
        new Join(
            "convolution and two residuals",
            b ->
                b.conv("c1", 3, 3, 1)
                    .from("input")
                    .conv("c2", 3, 1, 1)
                    .from("input")
                    .conv("c3", 3, 3, 1)
                    .add("s1", "c1")
                    .add("s2", "c2")),
        new Join(
            "biased convolutions",
            b ->
                b.append("c1", new Layer.Conv2d(3, 3, 1, 1, true))
                    .from("input")
                    .append("c2", new Layer.Conv2d(3, 1, 1, 0, true))
                    .add("sum", "c1")
                    .relu("relu")),
        new Join(
            "norm and norm",
            b ->
                b.conv("c1", 3, 3, 1)
                    .batchNorm("n1")
                    .from("input")
                    .conv("c2", 3, 1, 1)
                    .batchNorm("n2")
                    .add("sum", "n1")
                    .relu("relu")),
        new Join(
            "norm and activation",
            b ->
                b.conv("c1", 3, 3, 1)
                    .relu("r1")
                    .conv("c2", 3, 3, 1)
                    .batchNorm("n2")
                    .add("sum", "r1")
                    .relu("relu")),
        new Join(
            "activation and norm",
            b ->
                b.conv("c1", 3, 3, 1)
                    .relu("r1")
                    .conv("c2", 3, 3, 1)
                    .batchNorm("n2")
                    .from("r1")
                    .add("sum", "n2")
                    .activation("swish", SWISH)),
        new Join(
            "raw and norm",
            b -> b.conv("c1", 3, 3, 1).conv("c2", 3, 3, 1).batchNorm("n2").add("sum", "c1")),
        new Join(
            "activation and activation",
            b ->
                b.conv("c1", 3, 3, 1)
                    .activation("a1", SWISH)
                    .conv("c2", 3, 3, 1)
                    .activation("a2", ActivationFunction.TANH)
                    .add("sum", "a1")),
        new Join(
            "activations of which one is read again",
            b ->
                b.conv("c1", 3, 3, 1)
                    .activation("a1", SWISH)
                    .conv("c2", 3, 3, 1)
                    .activation("a2", SWISH)
                    .from("a1")
                    .conv("c3", 3, 3, 1)
                    .from("a2")
                    .add("sum1", "a1")
                    .relu("r")
                    .add("sum2", "c3")),
        new Join("itself", b -> b.conv("c1", 3, 3, 1).add("sum", "c1")),
        new Join("itself as norm", b -> b.conv("c1", 3, 3, 1).batchNorm("n1").add("sum", "n1")),
        new Join(
            "itself as activation",
            b -> b.conv("c1", 3, 3, 1).activation("a", SWISH).add("sum", "a")),
        new Join(
            "itself and its norm",
            b ->
                b.conv("c1", 3, 3, 1)
                    .activation("a", SWISH)
                    .batchNorm("n")
                    .add("sum", "a")
                    .relu("r")),
        new Join(
            "its norm and itself",
            b ->
                b.conv("c1", 3, 3, 1)
                    .activation("a", SWISH)
                    .batchNorm("n")
                    .from("a")
                    .add("sum", "n")
                    .relu("r")),
        new Join(
            "two norms of one",
            b ->
                b.conv("c1", 3, 3, 1)
                    .append("n1", new Layer.BatchNorm(1e-3, 0.1))
                    .from("c1")
                    .append("n2", new Layer.BatchNorm(1e-2, 0.5))
                    .add("sum", "n1")
                    .relu("r")),
        new Join(
            "sum of sums",
            b ->
                b.conv("c1", 3, 3, 1)
                    .batchNorm("n1")
                    .add("s1", "input")
                    .from("c1")
                    .add("s2", "input")
                    .add("s3", "s1")
                    .activation("swish", SWISH)),
        new Join(
            "identity before padding",
            b ->
                b.conv("c1", 3, 3, 1)
                    .relu("r")
                    .activation("same", ActivationFunction.IDENTITY)
                    .append("c2", new Layer.Conv2d(3, 5, 1, 2, false))
                    .add("sum", "r")),
        new Join(
            "identity of the input before padding",
            b -> b.activation("same", ActivationFunction.IDENTITY).conv("c1", 3, 3, 1)),
        new Join(
            "identity of a convolution read twice",
            b ->
                b.conv("c1", 3, 3, 1)
                    .activation("same", ActivationFunction.IDENTITY)
                    .from("input")
                    .conv("c0", 3, 1, 1)
                    .batchNorm("n0")
                    .from("c1")
                    .batchNorm("n1")
                    .from("c0")
                    .add("sum1", "same")
                    .add("sum2", "n1")
                    .add("sum3", "n0")),
        new Join(
            "paddings of all widths",
            b ->
                b.conv("c0", 3, 1, 1)
                    .relu("r")
                    .append("c1", new Layer.Conv2d(3, 1, 1, 0, false))
                    .from("r")
                    .append("c2", new Layer.Conv2d(3, 3, 1, 1, false))
                    .add("s1", "c1")
                    .from("r")
                    .append("c3", new Layer.Conv2d(3, 5, 1, 2, true))
                    .add("s2", "s1")
                    .from("r")
                    .append("c4", new Layer.Conv2d(3, 5, 1, 4, false))
                    .append("c5", new Layer.Conv2d(3, 5, 1, 0, false))
                    .add("s3", "s2")),
        new Join(
            "strided and not strided readers",
            b ->
                b.conv("c0", 3, 1, 1)
                    .relu("r")
                    .append("c1", new Layer.Conv2d(2, 3, 2, 1, false))
                    .from("r")
                    .append("p1", new Layer.MaxPool(3, 2, 1))
                    .append("c2", new Layer.Conv2d(2, 1, 1, 0, false))
                    .add("s1", "c1")
                    .from("r")
                    .append("c3", new Layer.Conv2d(2, 1, 2, 0, false))
                    .add("s2", "s1")),
        new Join(
            "convolutions whose gradients need no halo",
            b ->
                b.append("c1", new Layer.Conv2d(3, 3, 1, 2, false))
                    .relu("r1")
                    .maxPool("p1", 3, 1)
                    .append("c2", new Layer.Conv2d(3, 3, 1, 2, false))
                    .relu("r2")
                    .maxPool("p2", 3, 1)
                    .append("c3", new Layer.Conv2d(3, 3, 1, 2, false))
                    .relu("r3")),
        new Join(
            "norm of norm",
            b -> b.conv("c1", 3, 3, 1).batchNorm("n1").batchNorm("n2").batchNorm("n3")),
        new Join(
            "function of function",
            b ->
                b.conv("c1", 3, 3, 1)
                    .activation("a1", ActivationFunction.TANH)
                    .activation("a2", SWISH)
                    .relu("r")
                    .activation("a3", ActivationFunction.MISH)),
        new Join(
            "norm of biased",
            b -> b.append("c1", new Layer.Conv2d(3, 3, 1, 1, true)).batchNorm("n1").relu("r")),
        new Join(
            "dropout after activation",
            b ->
                b.conv("c1", 3, 3, 1)
                    .batchNorm("n")
                    .relu("r")
                    .dropout("d", 0.3)
                    .conv("c2", 3, 3, 1)),
        new Join(
            "dropout after smooth activation",
            b ->
                b.conv("c1", 3, 3, 1).activation("a", SWISH).dropout("d", 0.3).conv("c2", 2, 3, 2)),
        new Join(
            "dropout of dropout",
            b -> b.conv("c1", 3, 3, 1).dropout("d1", 0.3).dropout("d2", 0.2).relu("r")),
        new Join(
            "dropout before addition",
            b ->
                b.conv("c1", 3, 3, 1)
                    .relu("r")
                    .conv("c2", 3, 3, 1)
                    .dropout("d", 0.4)
                    .add("sum", "r")
                    .dropout("d2", 0.2)
                    .batchNorm("n")),
        new Join("input and convolution", b -> b.conv("c1", 3, 3, 1).add("sum", "input").relu("r")),
        new Join("input and input", b -> b.add("sum", "input").conv("c1", 2, 3, 1)),
        new Join(
            "vectors",
            b ->
                b.conv("c1", 3, 3, 1)
                    .globalAveragePool("p1")
                    .globalAveragePool("p2")
                    .flatten("f")
                    .append("l1", new Layer.Linear(5, false))
                    .from("p1")
                    .append("l2", new Layer.Linear(5, true))
                    .append("n", new Layer.BatchNorm(0.01, 0.1))
                    .add("s1", "l1")
                    .relu("r")
                    .append("l3", new Layer.Linear(5, false))
                    .from("r")
                    .append("l4", new Layer.Linear(5, false))
                    .add("s2", "l3")
                    .add("s3", "r")),
        new Join(
            "pool of a vector read twice",
            b ->
                b.globalAveragePool("p0")
                    .append("l0", new Layer.Linear(4, false))
                    .from("p0")
                    .append("l1", new Layer.Linear(4, false))
                    .globalAveragePool("same")
                    .add("s1", "l0")
                    .from("l1")
                    .activation("a", SWISH)
                    .add("s2", "s1")));
  }

  @ParameterizedTest
  @MethodSource("joins")
  void agrees(Join join) {
    for (Shape input :
        List.of(new Shape(3, 6, 9), new Shape(3, 5, 4), new Shape(3, 4, 8), new Shape(3, 3, 17))) {
      Agreement.require(
          new VectorEngine(),
          new Agreement.Scenario(
              join.on(input), 0.6, 36, 33, input.height() + (long) input.width()));
    }
  }

  @Test
  void aMaxPoolToOnePixelAgrees() {
    Network network =
        new NetworkBuilder("pooled", new Shape(2, 5, 5))
            .conv("c", 3, 3, 1)
            .maxPool("p", 5, 1)
            .linear("l", 4)
            .build();
    Agreement.require(new VectorEngine(), new Agreement.Scenario(network, 0.5, 17, 3, 4));
  }

  @ParameterizedTest
  @ValueSource(strings = {"lenet-5", "lenet-300-100", "wrn-10-1", "mlp-31-17"})
  void networksOfTheZooAgree(String name) {
    Shape input = name.equals("lenet-5") ? new Shape(1, 20, 20) : new Shape(3, 8, 8);
    for (ActivationFunction function : new ActivationFunction[] {ActivationFunction.RELU, SWISH}) {
      double dropout = name.startsWith("wrn") ? 0.25 : 0;
      Network network = Zoo.build(name, new Zoo.Options(input, 10, dropout, function, 1));
      Agreement.require(new VectorEngine(), new Agreement.Scenario(network, 0.15, 17, 3, 4));
    }
  }

  /** The pairs of a MobileNet, with and without a stride. */
  @ParameterizedTest
  @ValueSource(ints = {1, 15, 17, 33})
  void separableConvolutionsAgree(int samples) {
    Network network =
        new NetworkBuilder("pairs", new Shape(3, 9, 10))
            .conv("conv1", 5, 3, 2)
            .batchNorm("norm1")
            .relu("relu1")
            .depthwiseConv("depthwise1", 5, 3, 1)
            .batchNorm("norm2")
            .relu("relu2")
            .conv("pointwise1", 7, 1, 1)
            .batchNorm("norm3")
            .relu("relu3")
            .depthwiseConv("depthwise2", 7, 3, 2)
            .batchNorm("norm4")
            .relu("relu4")
            .conv("pointwise2", 6, 1, 1)
            .batchNorm("norm5")
            .relu("relu5")
            .globalAveragePool("pool")
            .linear("classifier", 4)
            .build();
    for (double density : new double[] {0.6, 1}) {
      Agreement.require(
          new VectorEngine(), new Agreement.Scenario(network, density, 33, samples, samples));
    }
  }

  /** The basic blocks of a ResNet, with both kinds of shortcut. */
  @ParameterizedTest
  @ValueSource(ints = {8, 9, 13})
  void residualBlocksAgree(int extent) {
    Network network =
        new NetworkBuilder("blocks", new Shape(3, extent, extent))
            .conv("conv1", 4, 3, 1)
            .batchNorm("norm1")
            .relu("relu1")
            .conv("conv2", 4, 3, 1)
            .batchNorm("norm2")
            .relu("relu2")
            .conv("conv3", 4, 3, 1)
            .batchNorm("norm3")
            .add("sum1", "relu1")
            .relu("relu3")
            .conv("conv4", 6, 3, 2)
            .batchNorm("norm4")
            .relu("relu4")
            .conv("conv5", 6, 3, 1)
            .batchNorm("norm5")
            .from("relu3")
            .conv("shortcut", 6, 1, 2)
            .batchNorm("shortcut-norm")
            .from("norm5")
            .add("sum2", "shortcut-norm")
            .relu("relu5")
            .globalAveragePool("pool")
            .linear("classifier", 5)
            .build();
    Agreement.require(new VectorEngine(), new Agreement.Scenario(network, 0.3, 40, 33, extent));
  }

  @Test
  void anAdditionReadingANormTwiceMovesItsStatisticsOnce() {
    Network network =
        new NetworkBuilder("twice", new Shape(3, 4, 4))
            .conv("c1", 3, 3, 1)
            .batchNorm("n1")
            .add("sum", "n1")
            .flatten("flatten")
            .linear("classifier", 3)
            .build();
    try (Session session = open(network)) {
      Batch batch = TestData.batch(network, 4, 3);
      DenseNetwork reference = DenseNetwork.of(network, session, 1);
      double[] expected =
          reference
              .run(batch, Agreement.OBJECTIVE, Mode.TRAIN, 1)
              .statistics()
              .getOrDefault("n1.running-variance", new double[0]);
      session.accumulate(batch, Agreement.OBJECTIVE, Mode.TRAIN, 1, Growth.NONE);
      Agreement.requireClose(
          "variance", session.read("n1.running-variance", Slot.VALUE), expected, 0.1);
    }
  }

  private static Session open(Network network) {
    return new VectorEngine()
        .open(
            network,
            TestData.connections(network, 1, 0),
            new SessionOptions(8, 1, 1, Initialization.HE_FAN_IN));
  }

  @Test
  void whatTheEngineCannotRunIsRefusedByName() {
    Shape input = new Shape(2, 5, 5);
    requireRefused(
        new NetworkBuilder("strided", input).append("c", new Layer.Conv2d(2, 3, 3, 1, false)),
        "'c'",
        "strides of 1 and 2 only");
    requireRefused(
        new NetworkBuilder("to a pixel", input).append("c", new Layer.Conv2d(2, 5, 1, 0, false)),
        "'c'",
        "use a linear layer");
    requireRefused(
        new NetworkBuilder("from a pixel", Shape.features(4)).conv("c", 2, 1, 1),
        "'c'",
        "use a linear layer");
    requireRefused(
        new NetworkBuilder("pool of a vector", Shape.features(4)).maxPool("p", 1, 1),
        "'p'",
        "maps of one pixel");
    requireRefused(
        new NetworkBuilder("maps", input).conv("c", 2, 3, 1), "'c'", "2×5×5", "vector of classes");
  }

  private static void requireRefused(NetworkBuilder builder, String... words) {
    assertThatThrownBy(() -> open(builder.build()).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the vector engine cannot run node")
        .satisfies(e -> assertThat(e.getMessage()).contains(words).doesNotContain("\n"));
  }
}
