package dev.windfall.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.engine.Slot;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Initialization;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Shape;
import dev.windfall.network.Zoo;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the planner computes in one pass, or in another layer's place, agrees with what the layers
 * do one after the other.
 */
final class FusionsTest {

  private static final ActivationFunction SWISH = ActivationFunction.SWISH;

  /** Networks by the additions and element-wise layers that they join. */
  private enum Join {
    CONVOLUTION_AND_CONVOLUTION(
        b -> b.conv("c1", 3, 3, 1).from("input").conv("c2", 3, 1, 1).add("sum", "c1")),
    CONVOLUTION_AND_LATER_CONVOLUTION(
        b -> b.conv("c1", 3, 3, 1).conv("c2", 3, 3, 1).from("c1").add("sum", "c2")),
    CONVOLUTION_AND_LATER_CONVOLUTION_READ_TWICE(
        b ->
            b.conv("c1", 3, 3, 1)
                .from("input")
                .conv("c2", 3, 3, 1)
                .batchNorm("norm")
                .add("sum1", "c2")
                .from("c1")
                .add("sum2", "c2")
                .add("sum3", "sum1")),
    CHAIN_OF_RESIDUALS(
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
    CONVOLUTION_AND_TWO_RESIDUALS(
        b ->
            b.conv("c1", 3, 3, 1)
                .from("input")
                .conv("c2", 3, 1, 1)
                .from("input")
                .conv("c3", 3, 3, 1)
                .add("s1", "c1")
                .add("s2", "c2")),
    BIASED_CONVOLUTIONS(
        b ->
            b.append("c1", new Layer.Conv2d(3, 3, 1, 1, true))
                .from("input")
                .append("c2", new Layer.Conv2d(3, 1, 1, 0, true))
                .add("sum", "c1")
                .relu("relu")),
    NORM_AND_NORM(
        b ->
            b.conv("c1", 3, 3, 1)
                .batchNorm("n1")
                .from("input")
                .conv("c2", 3, 1, 1)
                .batchNorm("n2")
                .add("sum", "n1")
                .relu("relu")),
    NORM_AND_ACTIVATION(
        b ->
            b.conv("c1", 3, 3, 1)
                .relu("r1")
                .conv("c2", 3, 3, 1)
                .batchNorm("n2")
                .add("sum", "r1")
                .relu("relu")),
    ACTIVATION_AND_NORM(
        b ->
            b.conv("c1", 3, 3, 1)
                .relu("r1")
                .conv("c2", 3, 3, 1)
                .batchNorm("n2")
                .from("r1")
                .add("sum", "n2")
                .activation("swish", SWISH)),
    RAW_AND_NORM(b -> b.conv("c1", 3, 3, 1).conv("c2", 3, 3, 1).batchNorm("n2").add("sum", "c1")),
    ACTIVATION_AND_ACTIVATION(
        b ->
            b.conv("c1", 3, 3, 1)
                .activation("a1", SWISH)
                .conv("c2", 3, 3, 1)
                .activation("a2", ActivationFunction.TANH)
                .add("sum", "a1")),
    ACTIVATIONS_OF_WHICH_ONE_IS_READ_AGAIN(
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
    ITSELF(b -> b.conv("c1", 3, 3, 1).add("sum", "c1")),
    ITSELF_AS_NORM(b -> b.conv("c1", 3, 3, 1).batchNorm("n1").add("sum", "n1")),
    ITSELF_AS_ACTIVATION(b -> b.conv("c1", 3, 3, 1).activation("a", SWISH).add("sum", "a")),
    ITSELF_AND_ITS_NORM(
        b -> b.conv("c1", 3, 3, 1).activation("a", SWISH).batchNorm("n").add("sum", "a").relu("r")),
    ITS_NORM_AND_ITSELF(
        b ->
            b.conv("c1", 3, 3, 1)
                .activation("a", SWISH)
                .batchNorm("n")
                .from("a")
                .add("sum", "n")
                .relu("r")),
    TWO_NORMS_OF_ONE(
        b ->
            b.conv("c1", 3, 3, 1)
                .append("n1", new Layer.BatchNorm(1e-3, 0.1))
                .from("c1")
                .append("n2", new Layer.BatchNorm(1e-2, 0.5))
                .add("sum", "n1")
                .relu("r")),
    SUM_OF_SUMS(
        b ->
            b.conv("c1", 3, 3, 1)
                .batchNorm("n1")
                .add("s1", "input")
                .from("c1")
                .add("s2", "input")
                .add("s3", "s1")
                .activation("swish", SWISH)),
    IDENTITY_BEFORE_PADDING(
        b ->
            b.conv("c1", 3, 3, 1)
                .relu("r")
                .activation("same", ActivationFunction.IDENTITY)
                .append("c2", new Layer.Conv2d(3, 5, 1, 2, false))
                .add("sum", "r")),
    IDENTITY_OF_THE_INPUT_BEFORE_PADDING(
        b -> b.activation("same", ActivationFunction.IDENTITY).conv("c1", 3, 3, 1)),
    IDENTITY_OF_A_CONVOLUTION_READ_TWICE(
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
    PADDINGS_OF_ALL_WIDTHS(
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
    STRIDED_AND_NOT_STRIDED_READERS(
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
    NORM_OF_NORM(b -> b.conv("c1", 3, 3, 1).batchNorm("n1").batchNorm("n2").batchNorm("n3")),
    FUNCTION_OF_FUNCTION(
        b ->
            b.conv("c1", 3, 3, 1)
                .activation("a1", ActivationFunction.TANH)
                .activation("a2", SWISH)
                .relu("r")
                .activation("a3", ActivationFunction.MISH)),
    NORM_OF_BIASED(
        b -> b.append("c1", new Layer.Conv2d(3, 3, 1, 1, true)).batchNorm("n1").relu("r")),
    DROPOUT_AFTER_ACTIVATION(
        b -> b.conv("c1", 3, 3, 1).batchNorm("n").relu("r").dropout("d", 0.3).conv("c2", 3, 3, 1)),
    DROPOUT_AFTER_SMOOTH_ACTIVATION(
        b -> b.conv("c1", 3, 3, 1).activation("a", SWISH).dropout("d", 0.3).conv("c2", 2, 3, 2)),
    DROPOUT_OF_DROPOUT(b -> b.conv("c1", 3, 3, 1).dropout("d1", 0.3).dropout("d2", 0.2).relu("r")),
    DROPOUT_BEFORE_ADDITION(
        b ->
            b.conv("c1", 3, 3, 1)
                .relu("r")
                .conv("c2", 3, 3, 1)
                .dropout("d", 0.4)
                .add("sum", "r")
                .dropout("d2", 0.2)
                .batchNorm("n")),
    INPUT_AND_CONVOLUTION(b -> b.conv("c1", 3, 3, 1).add("sum", "input").relu("r")),
    INPUT_AND_INPUT(b -> b.add("sum", "input").conv("c1", 2, 3, 1)),
    VECTORS(
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
    POOL_OF_A_VECTOR_READ_TWICE(
        b ->
            b.globalAveragePool("p0")
                .append("l0", new Layer.Linear(4, false))
                .from("p0")
                .append("l1", new Layer.Linear(4, false))
                .globalAveragePool("same")
                .add("s1", "l0")
                .from("l1")
                .activation("a", SWISH)
                .add("s2", "s1"));

    private final UnaryOperator<NetworkBuilder> body;

    Join(UnaryOperator<NetworkBuilder> body) {
      this.body = body;
    }

    Network on(Shape input) {
      return body.apply(new NetworkBuilder(name(), input))
          .flatten("flatten")
          .linear("classifier", 3)
          .build();
    }
  }

  @ParameterizedTest
  @EnumSource(Join.class)
  void agrees(Join join) {
    for (Shape input : new Shape[] {new Shape(3, 6, 9), new Shape(3, 5, 4), new Shape(3, 4, 17)}) {
      Agreement.require(
          new Agreement.Scenario(join.on(input), 0.6, 36, 33, join.ordinal() + input.width()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lenet-5", "lenet-300-100", "wrn-10-1", "mlp-31-17"})
  void networksOfTheZooAgree(String name) {
    Shape input = name.equals("lenet-5") ? new Shape(1, 20, 20) : new Shape(3, 8, 8);
    for (ActivationFunction function : new ActivationFunction[] {ActivationFunction.RELU, SWISH}) {
      double dropout = name.startsWith("wrn") ? 0.25 : 0;
      Network network = Zoo.build(name, new Zoo.Options(input, 10, dropout, function));
      Agreement.require(new Agreement.Scenario(network, 0.15, 17, 3, function.ordinal()));
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
    Agreement.require(new Agreement.Scenario(network, 0.3, 40, 33, extent));
  }

  @Test
  void anAdditionReadingANormTwiceMovesItsStatisticsOnce() {
    Network network = Join.ITSELF_AS_NORM.on(new Shape(3, 4, 4));
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
        new NetworkBuilder("pooled", input).maxPool("p", 5, 1), "'p'", "maps of one pixel");
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
