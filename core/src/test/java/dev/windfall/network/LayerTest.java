package dev.windfall.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerTest {

  @ParameterizedTest
  @CsvSource({
    // kernel, stride, padding, height, width, rows, columns
    "3, 1, 1, 32, 32, 32, 32",
    "3, 2, 1, 32, 32, 16, 16",
    "3, 2, 1, 33, 31, 17, 16",
    "1, 2, 0, 32, 32, 16, 16",
    "5, 1, 0, 28, 28, 24, 24",
    "7, 2, 3, 224, 224, 112, 112",
    "3, 1, 0, 3, 3, 1, 1",
  })
  void convolutionsHaveTheUsualExtents(
      int kernel, int stride, int padding, int height, int width, int rows, int columns) {
    Layer.Conv2d layer = new Layer.Conv2d(8, kernel, stride, padding, false);
    assertThat(layer.output(List.of(new Shape(3, height, width))))
        .isEqualTo(new Shape(8, rows, columns));
    assertThat(layer.parameters("conv", new Shape(3, height, width)))
        .containsExactly(
            new Parameter("conv.weight", Parameter.Role.WEIGHT, List.of(8, 3, kernel, kernel)));
  }

  /** 12 input channels in groups; each output channel sees those of its own group. */
  @ParameterizedTest
  @CsvSource({"1, 12", "2, 6", "4, 3", "12, 1"})
  void groupsSplitTheInputChannels(int groups, int channelsOfGroup) {
    Layer.Conv2d layer = new Layer.Conv2d(24, 3, 1, 1, groups, true);
    Shape input = new Shape(12, 8, 8);
    assertThat(layer.output(List.of(input))).isEqualTo(new Shape(24, 8, 8));
    assertThat(layer.parameters("conv", input))
        .extracting(Parameter::shape)
        .containsExactly(List.of(24, channelsOfGroup, 3, 3), List.of(24));
  }

  @Test
  void groupsDivideBothChannelCounts() {
    assertThatThrownBy(() -> new Layer.Conv2d(24, 3, 1, 1, 5, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("convolution: groups must be a divisor of its 24 channels, not 5");
    assertThatThrownBy(() -> new Layer.Conv2d(24, 3, 1, 1, 0, false))
        .hasMessage("convolution: groups must be a divisor of its 24 channels, not 0");
    assertThatThrownBy(
            () -> new Layer.Conv2d(24, 3, 1, 1, 8, false).output(List.of(new Shape(12, 8, 8))))
        .hasMessage("convolution: groups must be a divisor of the 12 input channels, not 8");
  }

  @Test
  void biasesFollowTheirWeight() {
    assertThat(new Layer.Conv2d(8, 3, 1, 1, true).parameters("a", new Shape(3, 9, 9)))
        .extracting(Parameter::name)
        .containsExactly("a.weight", "a.bias");
    assertThat(new Layer.Linear(8, true).parameters("b", Shape.features(5)))
        .extracting(Parameter::shape)
        .containsExactly(List.of(8, 5), List.of(8));
    assertThat(new Layer.Linear(8, false).parameters("c", Shape.features(5))).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"2, 2, 0, 28, 14", "3, 2, 1, 112, 56", "3, 2, 0, 13, 6", "2, 1, 1, 4, 5"})
  void poolsHaveTheUsualExtents(int kernel, int stride, int padding, int extent, int expected) {
    assertThat(new Layer.MaxPool(kernel, stride, padding).output(List.of(new Shape(6, extent, 9))))
        .extracting(Shape::channels, Shape::height)
        .containsExactly(6, expected);
  }

  @Test
  void flattenAndGlobalPoolMakeVectors() {
    Shape map = new Shape(16, 5, 4);
    assertThat(new Layer.Flatten().output(List.of(map))).isEqualTo(Shape.features(320));
    assertThat(new Layer.GlobalAveragePool().output(List.of(map))).isEqualTo(Shape.features(16));
  }

  @Test
  void elementWiseLayersKeepTheShape() {
    List<Shape> maps = List.of(new Shape(16, 5, 4));
    assertThat(Layer.BatchNorm.standard().output(maps)).isEqualTo(maps.getFirst());
    assertThat(new Layer.Activation(ActivationFunction.MISH).output(maps))
        .isEqualTo(maps.getFirst());
    assertThat(new Layer.Dropout(0.5).output(maps)).isEqualTo(maps.getFirst());
  }

  @Test
  void paddedChannelsAreNeverFewer() {
    List<Shape> maps = List.of(new Shape(16, 5, 4));
    assertThat(new Layer.PadChannels(20).output(maps)).isEqualTo(new Shape(20, 5, 4));
    assertThat(new Layer.PadChannels(16).output(maps)).isEqualTo(maps.getFirst());
    assertThatThrownBy(() -> new Layer.PadChannels(15).output(maps))
        .hasMessage("padding of channels: channels must be at least the input's 16, not 15");
    assertThatThrownBy(() -> new Layer.PadChannels(0)).hasMessageContaining("at least 1, not 0");
  }

  @Test
  void aConvolutionMayHaveWeightsThatAreNeverSparse() {
    Layer.Conv2d conv = new Layer.Conv2d(8, 1, 2, 0, 1, false, 1e-4f);
    Parameter weight = conv.parameters("skip", new Shape(4, 6, 6)).getFirst();
    assertThat(weight.name()).isEqualTo("skip.weight");
    assertThat(weight.shape()).containsExactly(8, 4, 1, 1);
    assertThat(weight.start()).isEqualTo(1e-4f);
    assertThat(weight.isPrunable()).isFalse();
    assertThat(weight.isMatrix()).isTrue();
    assertThat(Initialization.GLOROT.values(3, weight).at(7, 4)).isEqualTo(1e-4f);
    assertThatThrownBy(() -> new Layer.Conv2d(8, 1, 2, 0, 1, false, Float.NaN))
        .hasMessageContaining("start of weights must be a number, not NaN");
  }

  @Test
  void rangesAreChecked() {
    assertThatThrownBy(() -> new Layer.Conv2d(0, 3, 1, 1, false))
        .hasMessage("convolution: channels must be at least 1, not 0");
    assertThatThrownBy(() -> new Layer.Conv2d(8, 0, 1, 0, false)).hasMessageContaining("kernel");
    assertThatThrownBy(() -> new Layer.Conv2d(8, 3, 0, 1, false)).hasMessageContaining("stride");
    assertThatThrownBy(() -> new Layer.Conv2d(8, 3, 1, 3, false))
        .hasMessage("convolution: padding must be from 0 to kernel - 1, not 3");
    assertThatThrownBy(() -> new Layer.Conv2d(8, 3, 1, -1, false)).hasMessageContaining("padding");
    assertThatThrownBy(() -> new Layer.Linear(0, true)).hasMessageContaining("features");
    assertThatThrownBy(() -> new Layer.BatchNorm(0, 0.1)).hasMessageContaining("epsilon");
    assertThatThrownBy(() -> new Layer.BatchNorm(1e-5, 1.1)).hasMessageContaining("momentum");
    assertThatThrownBy(() -> new Layer.BatchNorm(Double.NaN, 0.1)).hasMessageContaining("epsilon");
    assertThatThrownBy(() -> new Layer.MaxPool(2, 2, 2)).hasMessageContaining("padding");
    assertThatThrownBy(() -> new Layer.AveragePool(0, 1, 0, true))
        .hasMessage("average pool: kernel must be at least 1, not 0");
    assertThatThrownBy(() -> new Layer.AveragePool(2, 0, 0, true)).hasMessageContaining("stride");
    assertThatThrownBy(() -> new Layer.AveragePool(3, 2, 2, true))
        .hasMessage("average pool: padding must be from 0 to kernel / 2, not 2");
    assertThatThrownBy(() -> new Layer.BatchNorm(1, 1, Float.NaN)).hasMessageContaining("scale");
    assertThatThrownBy(() -> new Layer.Dropout(1)).hasMessageContaining("in [0, 1), not 1.0");
    assertThatThrownBy(() -> new Layer.Dropout(Double.NaN)).hasMessageContaining("not NaN");
    assertThatThrownBy(() -> new Shape(3, 0, 3)).hasMessageContaining("3×0×3");
  }

  @ParameterizedTest
  @CsvSource({"2, 2, 0, 7, 3", "3, 2, 1, 7, 4", "3, 1, 1, 7, 7", "7, 7, 0, 7, 1"})
  void averagePoolsHaveTheUsualExtents(
      int kernel, int stride, int padding, int extent, int expected) {
    assertThat(
            new Layer.AveragePool(kernel, stride, padding, false)
                .output(List.of(new Shape(5, extent, extent))))
        .isEqualTo(new Shape(5, expected, expected));
  }

  @Test
  void batchNormsStartTheirScaleWhereTheySay() {
    Shape input = new Shape(4, 2, 2);
    assertThat(Layer.BatchNorm.standard().parameters("norm", input))
        .extracting(Parameter::start)
        .containsExactly(1f, 0f, 0f, 1f);
    assertThat(Layer.BatchNorm.zero().parameters("norm", input))
        .extracting(Parameter::start)
        .containsExactly(0f, 0f, 0f, 1f);
  }

  @Test
  void shapesPrintShortly() {
    assertThat(new Shape(64, 32, 16)).hasToString("64×32×16");
    assertThat(Shape.features(512)).hasToString("512");
    assertThat(new Shape(64, 32, 16).elements()).isEqualTo(32768);
  }

  @Test
  void functionsAndInitialisationsAreKnownByTheirLabels() {
    for (ActivationFunction function : ActivationFunction.values()) {
      assertThat(ActivationFunction.named(function.label())).isEqualTo(function);
    }
    assertThatThrownBy(() -> ActivationFunction.named("RELU"))
        .hasMessage(
            "unknown activation 'RELU'; known: identity relu swish mish gelu pswish elu softplus"
                + " lisht tanh sigmoid");
    assertThatThrownBy(() -> Initialization.named("xavier"))
        .hasMessage(
            "unknown initialisation 'xavier'; known: he-fan-in he-fan-out glorot sparse-aware");
    for (Initialization initialization : Initialization.values()) {
      assertThat(Initialization.named(initialization.label())).isEqualTo(initialization);
    }
    for (Stem stem : Stem.values()) {
      assertThat(Stem.named(stem.label())).isEqualTo(stem);
    }
    assertThatThrownBy(() -> Stem.named("tiny"))
        .hasMessage("unknown stem 'tiny'; known: auto small imagenet");
  }
}
