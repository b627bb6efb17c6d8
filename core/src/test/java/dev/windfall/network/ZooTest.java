package dev.windfall.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.network.Zoo.Options;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZooTest {

  private static final Shape SMALL_IMAGE = new Shape(3, 32, 32);
  private static final Shape DIGIT = new Shape(1, 28, 28);

  private static Network build(String name, int classes) {
    Shape input = name.startsWith("lenet") || name.startsWith("mlp") ? DIGIT : SMALL_IMAGE;
    return Zoo.build(name, Options.of(input, classes));
  }

  /** Published counts: prunable weights, and with biases and batch norms. */
  @ParameterizedTest
  @CsvSource({
    "lenet-300-100,  10,   266200,   266610",
    "lenet-5,        10,    44190,    44426",
    "mlp-300-100,    10,   266200,   266610",
    "wrn-22-2,       10,  1076912,  1079642",
    "resnet-18,      10, 11164352, 11173962",
    "resnet-18,     100, 11210432, 11220132",
    "resnet-18,     200, 11261632, 11271432",
    "resnet-34,      10, 21265088, 21282122",
    "resnet-34,     100, 21311168, 21328292",
    "resnet-34,     200, 21362368, 21379592",
  })
  void networksHaveTheirPublishedNumbersOfParameters(
      String name, int classes, long prunable, long all) {
    Network network = build(name, classes);
    assertThat(network.prunable().stream().mapToLong(Parameter::elements).sum())
        .isEqualTo(prunable);
    assertThat(network.parameterCount()).isEqualTo(all);
    assertThat(network.output().output()).isEqualTo(Shape.features(classes));
    assertThat(network.name()).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({"resnet-18, 20, 11159232", "resnet-34, 36, 21259968"})
  void resNetsHaveTheirPublishedConvolutions(String name, int count, long weights) {
    List<Parameter> convolutions =
        build(name, 10).prunable().stream().filter(weight -> weight.shape().size() == 4).toList();
    assertThat(convolutions).hasSize(count);
    assertThat(convolutions.stream().mapToLong(Parameter::elements).sum()).isEqualTo(weights);
  }

  @Test
  void wideResNetHas23PrunableTensorsFromStemToClassifier() {
    List<Parameter> prunable = build("wrn-22-2", 10).prunable();
    assertThat(prunable).hasSize(23);
    assertThat(prunable.getFirst().name()).isEqualTo("conv1.weight");
    assertThat(prunable.getFirst().shape()).containsExactly(16, 3, 3, 3);
    assertThat(prunable.getLast().name()).isEqualTo("classifier.weight");
    assertThat(prunable.getLast().shape()).containsExactly(10, 128);
    assertThat(prunable).filteredOn(weight -> weight.name().contains("shortcut")).hasSize(3);
  }

  /** The convolutional shortcut starts from the block's first activation, the plain one before. */
  @Test
  void wideBlocksAreActivatedFirst() {
    Network network = build("wrn-22-2", 10);
    assertThat(network.node("group2.block1.shortcut").inputs())
        .containsExactly("group2.block1.activation1");
    assertThat(network.node("group2.block2.add").inputs())
        .containsExactly("group2.block2.conv2", "group2.block1.add");
    assertThat(network.outputOf("group1.block1.add")).isEqualTo(new Shape(32, 32, 32));
    assertThat(network.outputOf("group3.block3.add")).isEqualTo(new Shape(128, 8, 8));
  }

  @Test
  void basicBlocksNormaliseTheirShortcut() {
    Network network = build("resnet-18", 10);
    assertThat(network.node("group2.block1.add").inputs())
        .containsExactly("group2.block1.norm2", "group2.block1.shortcut-norm");
    assertThat(network.node("group1.block1.add").inputs())
        .containsExactly("group1.block1.norm2", "activation1");
    assertThat(network.outputOf("group4.block2.activation2")).isEqualTo(new Shape(512, 4, 4));
  }

  @Test
  void dropoutStandsInEveryWideBlock() {
    Network network =
        Zoo.build("wrn-16-1", new Options(SMALL_IMAGE, 10, 0.3, ActivationFunction.RELU));
    assertThat(network.nodes())
        .filteredOn(node -> node.layer().equals(new Layer.Dropout(0.3)))
        .hasSize(6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lenet-300-100", "lenet-5", "wrn-10-1", "resnet-18"})
  void activationIsThatOfTheOptions(String name) {
    Network network =
        Zoo.build(name, new Options(new Shape(1, 28, 28), 10, 0, ActivationFunction.SWISH));
    assertThat(network.nodes())
        .extracting(Node::layer)
        .filteredOn(layer -> layer instanceof Layer.Activation)
        .isNotEmpty()
        .containsOnly(new Layer.Activation(ActivationFunction.SWISH));
  }

  @Test
  void vectorsNeedNoFlatten() {
    Network network = Zoo.build("mlp-8", Options.of(Shape.features(20), 2));
    assertThat(network.nodes())
        .extracting(Node::name)
        .containsExactly("linear1", "activation1", "classifier");
    assertThat(network.parameterCount()).isEqualTo(20 * 8 + 8 + 8 * 2 + 2);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.3, -0.1, Double.NaN})
  void onlyWideResNetsTakeDropout(double dropout) {
    assertThatThrownBy(
            () -> Zoo.build("lenet-5", new Options(DIGIT, 10, dropout, ActivationFunction.RELU)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lenet-5 has no dropout")
        .hasMessageContaining("wrn-DEPTH-WIDTH");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "alexnet      | unknown model 'alexnet'; known: lenet-300-100 lenet-5 mlp-W1-W2-…",
        "mlp-         | unknown model 'mlp-'",
        "mlp-12-x     | unknown model 'mlp-12-x'",
        "mlp-0        | features must be at least 1, not 0",
        "wrn-22       | unknown model 'wrn-22'",
        "wrn-21-2     | the depth of a wide ResNet is 6n + 4",
        "wrn-4-2      | the depth of a wide ResNet is 6n + 4",
        "wrn-22-0     | its width ≥ 1",
      })
  void unknownAndImpossibleNamesAreRefused(String name, String message) {
    assertThatThrownBy(() -> Zoo.build(name, Options.of(SMALL_IMAGE, 10)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void inputsThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> Zoo.build("resnet-18", Options.of(new Shape(3, 224, 224), 10)))
        .hasMessageContaining("up to 64×64 pixels, not 3×224×224");
    assertThatThrownBy(() -> Zoo.build("lenet-5", Options.of(new Shape(1, 8, 8), 10)))
        .hasMessageContaining("node 'conv2'")
        .hasMessageContaining("6×2×2");
  }

  @Test
  void everyEntryIsBuiltByItsNameOrPattern() {
    assertThat(Zoo.entries())
        .allSatisfy(
            entry -> {
              String name = entry.name().replace("W1-W2-…", "16-8").replace("DEPTH-WIDTH", "10-1");
              assertThat(build(name, 10).name()).isEqualTo(name);
              assertThat(entry.description()).isNotBlank();
            });
  }
}
