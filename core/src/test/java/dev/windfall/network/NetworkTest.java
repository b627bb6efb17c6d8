package dev.windfall.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class NetworkTest {

  private static final Shape IMAGE = new Shape(3, 32, 32);

  private static NetworkBuilder builder() {
    return new NetworkBuilder("tiny", IMAGE);
  }

  private static Network residual() {
    return builder()
        .conv("conv1", 16, 3, 2)
        .batchNorm("norm1")
        .relu("relu1")
        .conv("conv2", 16, 3, 1)
        .batchNorm("norm2")
        .add("sum", "relu1")
        .relu("relu2")
        .globalAveragePool("pool")
        .linear("classifier", 10)
        .build();
  }

  @Test
  void shapesAreInferred() {
    Network network = residual();
    assertThat(network.input()).isEqualTo(IMAGE);
    assertThat(network.outputOf(Network.INPUT)).isEqualTo(IMAGE);
    assertThat(network.outputOf("conv1")).isEqualTo(new Shape(16, 16, 16));
    assertThat(network.outputOf("sum")).isEqualTo(new Shape(16, 16, 16));
    assertThat(network.outputOf("pool")).isEqualTo(Shape.features(16));
    assertThat(network.output().name()).isEqualTo("classifier");
    assertThat(network.node("sum").inputs()).containsExactly("norm2", "relu1");
  }

  @Test
  void tensorsAreNamedAfterTheirNodeInNetworkOrder() {
    Network network = residual();
    assertThat(network.parameters())
        .extracting(Parameter::name)
        .containsExactly(
            "conv1.weight",
            "norm1.scale",
            "norm1.shift",
            "norm1.running-mean",
            "norm1.running-variance",
            "conv2.weight",
            "norm2.scale",
            "norm2.shift",
            "norm2.running-mean",
            "norm2.running-variance",
            "classifier.weight",
            "classifier.bias");
    assertThat(network.prunable())
        .extracting(Parameter::name)
        .containsExactly("conv1.weight", "conv2.weight", "classifier.weight");
    assertThat(network.parameterCount())
        .as("running statistics do not count")
        .isEqualTo(16 * 27 + 32 + 16 * 144 + 32 + 170);
  }

  @Test
  void printsOneLineANode() {
    assertThat(residual().toString().lines()).hasSize(10).first().isEqualTo("tiny (3×32×32)");
    assertThat(residual().toString()).contains("classifier: Linear").endsWith("→ 10");
  }

  @Test
  void nodesCannotBeChanged() {
    assertThat(residual().nodes()).isUnmodifiable();
    assertThat(residual().node("sum").inputs()).isUnmodifiable();
  }

  @Test
  void layerThatDoesNotFitIsNamedWithItsShapes() {
    assertThatThrownBy(() -> builder().linear("classifier", 10).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("network tiny: node 'classifier'")
        .hasMessageContaining("takes a vector, not 3×32×32");
    assertThatThrownBy(() -> builder().conv("stem", 8, 3, 1).maxPool("pool", 40, 1).build())
        .hasMessageContaining("node 'pool'")
        .hasMessageContaining("a window of 40×40 with padding 0 does not fit into 8×32×32");
  }

  @Test
  void sumOfTwoShapesIsRefused() {
    NetworkBuilder builder = builder().conv("one", 8, 3, 1).conv("two", 8, 3, 2).add("sum", "one");
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("node 'sum'")
        .hasMessageContaining("not 8×16×16 and 8×32×32");
  }

  @Test
  void namesAreUnique() {
    assertThatThrownBy(() -> builder().conv("conv", 8, 3, 1).conv("conv", 8, 3, 1).build())
        .hasMessageContaining("the name 'conv' is taken");
    assertThatThrownBy(() -> builder().conv("input", 8, 3, 1).build())
        .hasMessageContaining("the name 'input' is taken");
  }

  @Test
  void inputsMustBeEarlierNodes() {
    assertThatThrownBy(() -> builder().conv("conv", 3, 3, 1).add("sum", "later").build())
        .hasMessageContaining(
            "node 'sum' takes 'later', which is no earlier node; there are: conv");
    assertThatThrownBy(() -> builder().from("nowhere").conv("conv", 8, 3, 1).build())
        .hasMessageContaining("takes 'nowhere'");
  }

  @Test
  void everyLayerGetsTheInputsThatItTakes() {
    assertThatThrownBy(() -> builder().append("sum", new Layer.Add()).build())
        .hasMessageContaining("node 'sum' takes 2 inputs, not 1");
    Network.Definition twoInputs =
        new Network.Definition(
            "relu", new Layer.Activation(ActivationFunction.RELU), List.of("input", "input"));
    assertThatThrownBy(() -> new Network("tiny", IMAGE, List.of(twoInputs)))
        .hasMessageContaining("node 'relu' takes 1 inputs, not 2");
  }

  @Test
  void everyResultIsUsed() {
    NetworkBuilder builder =
        builder().conv("used", 8, 3, 1).conv("forgotten", 8, 3, 1).from("used").relu("relu");
    assertThatThrownBy(builder::build)
        .hasMessage("network tiny: nothing uses the result of node 'forgotten'");
  }

  @Test
  void emptyNetworkIsRefused() {
    assertThatThrownBy(() -> builder().build()).hasMessage("network tiny has no layers");
  }

  @Test
  void unknownNodeIsRefusedWithTheKnownOnes() {
    Network network = builder().conv("conv", 8, 3, 1).relu("relu").build();
    assertThatThrownBy(() -> network.node("conv1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("network tiny has no node 'conv1'; there are: conv relu");
  }

  @Test
  void builderContinuesFromAnyNode() {
    NetworkBuilder builder = builder();
    assertThat(builder.current()).isEqualTo(Network.INPUT);
    assertThat(builder.conv("conv", 8, 3, 1).current()).isEqualTo("conv");
    assertThat(builder.from(Network.INPUT).current()).isEqualTo(Network.INPUT);
    builder.conv("other", 8, 1, 1).add("sum", "conv");
    assertThat(builder.build().node("sum").inputs()).containsExactly("other", "conv");
  }

  @Test
  void dropoutOfNothingAppendsNothing() {
    assertThat(builder().conv("conv", 8, 3, 1).dropout("dropout", 0).build().nodes()).hasSize(1);
    assertThat(builder().conv("conv", 8, 3, 1).dropout("dropout", 0.5).build().nodes()).hasSize(2);
  }

  @Test
  void builtNetworksDoNotFollowTheirBuilder() {
    NetworkBuilder builder = builder().conv("conv", 8, 3, 1);
    Network first = builder.build();
    builder.relu("relu");
    assertThat(first.nodes()).hasSize(1);
    assertThat(builder.build().nodes()).hasSize(2);
  }

  @Test
  void flattenedMapsThatAreTooLargeAreRefused() {
    assertThatThrownBy(
            () ->
                new NetworkBuilder("huge", new Shape(1 << 20, 1 << 10, 1 << 10))
                    .flatten("flatten")
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("node 'flatten'");
  }
}
