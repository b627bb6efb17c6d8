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
    "resnet-50,     100, 23652032, 23705252",
    "resnet-50,      10, 23467712, 23520842",
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
  @CsvSource({
    "resnet-18,    1000, 11678912, 11689512",
    "resnet-34,    1000, 21779648, 21797672",
    "resnet-50,    1000, 25502912, 25557032",
    "mobilenet-v1, 1000,  4209088,  4231976",
  })
  void networksForImageNetHaveTheirPublishedNumbersOfParameters(
      String name, int classes, long prunable, long all) {
    Network network = Zoo.build(name, Options.of(new Shape(3, 224, 224), classes));
    assertThat(network.prunable().stream().mapToLong(Parameter::elements).sum())
        .isEqualTo(prunable);
    assertThat(network.parameterCount()).isEqualTo(all);
    assertThat(network.outputOf(lastMap(network)).height()).isEqualTo(7);
  }

  /** What the last pool takes. */
  private static String lastMap(Network network) {
    return network.node("pool").inputs().getFirst();
  }

  @Test
  void vggHasThirteenConvolutionsAndOneLinearLayer() {
    Network network = build("vgg-16", 10);
    assertThat(network.prunable()).hasSize(14);
    assertThat(network.prunable().stream().mapToLong(Parameter::elements).sum())
        .isEqualTo(14_715_584);
    // Scale and shift of 4224 channels, and the classifier's biases.
    assertThat(network.parameterCount()).isEqualTo(14_715_584 + 2 * 4224 + 10);
    assertThat(network.outputOf(lastMap(network))).isEqualTo(new Shape(512, 1, 1));
  }

  @ParameterizedTest
  @CsvSource({
    "resnet-18,    64, 64, 8",
    "resnet-18,    65, 65, 3",
    "resnet-34,    32, 32, 4",
    "resnet-50,    64, 64, 8",
    "resnet-50,    64, 96, 2",
    "mobilenet-v1, 32, 32, 2",
    "mobilenet-v1, 64, 64, 4",
    "mobilenet-v1, 96, 96, 3",
  })
  void firstLayersAreChosenByTheSizeOfTheInput(String name, int height, int width, int last) {
    Network network = Zoo.build(name, Options.of(new Shape(3, height, width), 10));
    assertThat(network.outputOf(lastMap(network)).height()).isEqualTo(last);
  }

  @ParameterizedTest
  @CsvSource({
    "resnet-18,     32, IMAGENET, 1",
    "resnet-18,     96, SMALL,    12",
    "resnet-50,     64, IMAGENET, 2",
    "wrn-22-2,      64, AUTO,     16",
    "wrn-22-2,     224, AUTO,     14",
    "wrn-22-2,      32, IMAGENET, 2",
    "wrn-22-2,     224, SMALL,    56",
    "mobilenet-v1,  64, IMAGENET, 2",
    "mobilenet-v1, 224, SMALL,    14",
  })
  void firstLayersAreThoseThatWereAskedFor(String name, int extent, Stem stem, int last) {
    Options options = Options.of(new Shape(3, extent, extent), 10).withStem(stem);
    Network network = Zoo.build(name, options);
    assertThat(network.outputOf(lastMap(network)).height()).isEqualTo(last);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lenet-5", "lenet-300-100", "mlp-8", "vgg-16"})
  void onlyNetworksWithSeveralStemsTakeOne(String name) {
    assertThatThrownBy(() -> Zoo.build(name, Options.of(SMALL_IMAGE, 10).withStem(Stem.SMALL)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("stem small: %s has first layers of one form only; leave it at auto", name);
  }

  /** The scales of the norms that end a residual branch start at 0, and no others. */
  @ParameterizedTest
  @CsvSource({"resnet-18, norm2, 8", "resnet-34, norm2, 16", "resnet-50, norm3, 16"})
  void residualBranchesMayBeginAsNothing(String name, String last, int blocks) {
    Options options = Options.of(SMALL_IMAGE, 10);
    assertThat(Zoo.build(name, options.withZeroInitResidual(true)).parameters())
        .filteredOn(parameter -> parameter.role() == Parameter.Role.SCALE)
        .filteredOn(parameter -> parameter.start() == 0)
        .hasSize(blocks)
        .allMatch(parameter -> parameter.name().matches("group.*block.*" + last + "\\.scale"));
    assertThat(Zoo.build(name, options).parameters())
        .filteredOn(parameter -> parameter.role() == Parameter.Role.SCALE)
        .allMatch(parameter -> parameter.start() == 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"wrn-22-2", "mobilenet-v1", "vgg-16", "mlp-8"})
  void onlyResNetsHaveBranchesThatEndInANorm(String name) {
    Options options = Options.of(SMALL_IMAGE, 10).withZeroInitResidual(true);
    assertThatThrownBy(() -> Zoo.build(name, options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("zero-init-residual: %s has no residual branches".formatted(name));
  }

  /**
   * The published counts of MobileNet for ImageNet by width (Howard et al. 2017), with scales and
   * shifts: 2 · 10,944 channels have a batch norm at width 1.
   */
  @ParameterizedTest
  @CsvSource({
    "1,    4209088, 4231976",
    "0.75, 2568144, 2585560",
    "0.5,  1319648, 1331592",
    "0.25,  463600,  470072",
  })
  void narrowMobileNetsHaveTheirPublishedNumbersOfParameters(
      double width, long prunable, long all) {
    Network network =
        Zoo.build(
            "mobilenet-v1",
            new Options(new Shape(3, 224, 224), 1000, 0, ActivationFunction.RELU, width));
    assertThat(network.prunable().stream().mapToLong(Parameter::elements).sum())
        .isEqualTo(prunable);
    assertThat(network.parameterCount()).isEqualTo(all);
  }

  @Test
  void bottlenecksStrideInTheirMiddle() {
    Network network = Zoo.build("resnet-50", Options.of(new Shape(3, 224, 224), 1000));
    assertThat(network.node("group2.block1.conv1").layer())
        .isEqualTo(new Layer.Conv2d(128, 1, 1, 0, false));
    assertThat(network.node("group2.block1.conv2").layer())
        .isEqualTo(new Layer.Conv2d(128, 3, 2, 1, false));
    assertThat(network.node("group2.block1.conv3").layer())
        .isEqualTo(new Layer.Conv2d(512, 1, 1, 0, false));
    assertThat(network.node("group2.block1.shortcut").layer())
        .isEqualTo(new Layer.Conv2d(512, 1, 2, 0, false));
    assertThat(network.node("group1.block1.add").inputs())
        .containsExactly("group1.block1.norm3", "group1.block1.shortcut-norm");
    assertThat(network.node("group1.block2.add").inputs())
        .containsExactly("group1.block2.norm3", "group1.block1.activation3");
  }

  @Test
  void mobileNetKeepsItsFirstAndDepthwiseConvolutionsDense() {
    Network network = build("mobilenet-v1", 10);
    assertThat(network.denseByDefault())
        .hasSize(14)
        .contains("conv1.weight", "block1.depthwise.weight", "block13.depthwise.weight");
    assertThat(network.prunable())
        .filteredOn(weight -> weight.name().equals("block13.depthwise.weight"))
        .singleElement()
        .extracting(Parameter::shape)
        .isEqualTo(List.of(1024, 1, 3, 3));
    assertThat(build("resnet-50", 10).denseByDefault()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0.29, 100, 29",
    "0.5,   25, 12",
    "0.01,  16,  1",
    "1.98,  32, 63",
    "1,     64, 64",
    "3,      7, 21",
  })
  void widthCutsChannelsDownToWholeOnes(double width, int channels, int expected) {
    assertThat(options(width).scaled(channels)).isEqualTo(expected);
  }

  private static Options options(double width) {
    return new Options(SMALL_IMAGE, 10, 0, ActivationFunction.RELU, width);
  }

  @Test
  void widthScalesEveryLayerButTheClasses() {
    assertThat(Zoo.build("mlp-100-30", options(0.5)).prunable())
        .extracting(Parameter::shape)
        .containsExactly(List.of(50, 3072), List.of(15, 50), List.of(10, 15));
    assertThat(Zoo.build("wrn-22-2", options(2)).prunable().getLast().shape())
        .containsExactly(10, 256);
    assertThat(Zoo.build("lenet-5", options(0.5)).prunable())
        .extracting(Parameter::rows)
        .containsExactly(3, 8, 60, 42, 10);
    for (String name : List.of("wrn-22-2", "resnet-18", "resnet-50", "vgg-16", "mobilenet-v1")) {
      List<Parameter> full = Zoo.build(name, options(1)).prunable();
      List<Parameter> half = Zoo.build(name, options(0.5)).prunable();
      for (int i = 0; i < full.size() - 1; i++) {
        assertThat(half.get(i).rows()).isEqualTo(full.get(i).rows() / 2);
      }
      assertThat(half.getLast().rows()).isEqualTo(10);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void impossibleWidthsAreRefused(double width) {
    assertThatThrownBy(() -> options(width))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("width must be above 0");
    assertThatThrownBy(() -> options(1000).scaled(Integer.MAX_VALUE))
        .hasMessageContaining("width 1000.0 makes more than 2147483647");
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
        Zoo.build("wrn-16-1", new Options(SMALL_IMAGE, 10, 0.3, ActivationFunction.RELU, 1));
    assertThat(network.nodes())
        .filteredOn(node -> node.layer().equals(new Layer.Dropout(0.3)))
        .hasSize(6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lenet-300-100", "lenet-5", "wrn-10-1", "resnet-18"})
  void activationIsThatOfTheOptions(String name) {
    Network network =
        Zoo.build(name, new Options(new Shape(1, 28, 28), 10, 0, ActivationFunction.SWISH, 1));
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
            () -> Zoo.build("lenet-5", new Options(DIGIT, 10, dropout, ActivationFunction.RELU, 1)))
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
    assertThatThrownBy(() -> Zoo.build("vgg-16", Options.of(new Shape(3, 28, 28), 10)))
        .hasMessageContaining("node 'group5.pool'")
        .hasMessageContaining("does not fit");
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
