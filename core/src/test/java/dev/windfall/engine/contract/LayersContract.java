package dev.windfall.engine.contract;

import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Shape;
import dev.windfall.random.StatelessRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every layer alone, between a convolution that wants its gradient and a classifier that gives each
 * position another: over extents that tiles do not divide, kernels, strides, paddings, channels and
 * numbers of samples.
 */
public abstract class LayersContract extends EngineContract {

  private static final List<Integer> EXTENTS = List.of(1, 2, 3, 4, 5, 7, 8, 9, 12, 17, 18, 20);
  private static final List<Integer> CHANNELS = List.of(1, 2, 3, 5, 17);
  private static final List<Integer> SAMPLES = List.of(1, 2, 15, 16, 17, 33);

  private static <T> T any(StatelessRandom random, List<T> options) {
    return options.get(random.nextInt(options.size()));
  }

  /** A network of one layer between others. */
  private static Network around(Layer layer, Shape input, int channels) {
    return new NetworkBuilder(layer + " on " + input, input)
        .append("first", new Layer.Conv2d(channels, 1, 1, 0, true))
        .append("layer", layer)
        .flatten("flatten")
        .linear("classifier", 3)
        .build();
  }

  private static boolean fits(Layer layer, Shape input) {
    try {
      return !layer.output(List.of(input)).isVector();
    } catch (IllegalArgumentException e) {
      return false; // the window is larger than the map
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 9, 12, 17, 18, 20})
  void convolutionsAgreeOnAllExtents(int width) {
    for (int height : EXTENTS) {
      for (int stride = 1; stride <= 2; stride++) {
        Layer.Conv2d conv = new Layer.Conv2d(2, 3, stride, 1, false);
        Shape input = new Shape(2, height, width);
        if (!input.isVector() && fits(conv, input)) {
          Agreement.require(
              engine(),
              new Agreement.Scenario(around(conv, input, 2), 0.5, 35, 17, 31 * height + stride));
        }
      }
    }
  }

  static Stream<Layer.Conv2d> convolutions() {
    List<Layer.Conv2d> result = new ArrayList<>();
    for (int kernel : List.of(1, 2, 3, 5)) {
      for (int stride = 1; stride <= 2; stride++) {
        for (int padding = 0; padding <= Math.min(2, kernel - 1); padding++) {
          result.add(new Layer.Conv2d(1, kernel, stride, padding, padding == 1));
        }
      }
    }
    return result.stream();
  }

  @ParameterizedTest
  @MethodSource("convolutions")
  void convolutionsAgree(Layer.Conv2d form) {
    for (long seed = 0; seed < 6; seed++) {
      StatelessRandom random = StatelessRandom.of(seed, form.toString());
      int outputs = any(random, CHANNELS);
      Layer.Conv2d conv =
          new Layer.Conv2d(outputs, form.kernel(), form.stride(), form.padding(), form.bias());
      Shape input = mapFor(conv, random);
      int samples = any(random, SAMPLES);
      // Plain loops over wide layers take long.
      int affordable = Math.max(1, (int) (300_000 / (input.elements() * outputs)));
      double density = any(random, List.of(0.02, 0.1, 0.5, 1.0));
      Network network = around(conv, input, any(random, CHANNELS));
      Agreement.require(
          engine(),
          new Agreement.Scenario(network, density, samples, Math.min(samples, affordable), seed));
    }
  }

  /** Groups of several channels, and depthwise convolutions with one or more outputs each. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "2, 2, 3",
    "3, 1, 1",
    "3, 1, 2",
    "5, 3, 2",
    "17, 1, 1",
    "4, 4, 1",
  })
  void groupedConvolutionsAgree(int groups, int inputsOfGroup, int outputsOfGroup) {
    for (int kernel : List.of(1, 2, 3, 5)) {
      for (int stride = 1; stride <= 2; stride++) {
        StatelessRandom random =
            StatelessRandom.of(groups, "groups", inputsOfGroup, outputsOfGroup, kernel, stride);
        Layer.Conv2d conv =
            new Layer.Conv2d(
                groups * outputsOfGroup, kernel, stride, kernel / 2, groups, kernel == 2);
        Shape input = mapFor(new Layer.Conv2d(1, kernel, stride, kernel / 2, false), random);
        int samples = any(random, SAMPLES);
        double density = any(random, List.of(0.1, 0.5, 1.0));
        Network network = around(conv, input, groups * inputsOfGroup);
        Agreement.require(engine(), new Agreement.Scenario(network, density, 33, samples, kernel));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 9, 12, 17, 18, 20})
  void depthwiseConvolutionsAgreeOnAllExtents(int width) {
    for (int height : EXTENTS) {
      for (int stride = 1; stride <= 2; stride++) {
        Layer.Conv2d conv = new Layer.Conv2d(3, 3, stride, 1, 3, false);
        Shape input = new Shape(2, height, width);
        if (!input.isVector() && fits(conv, new Shape(3, height, width))) {
          double density = height % 2 == 0 ? 1 : 0.7;
          Agreement.require(
              engine(),
              new Agreement.Scenario(
                  around(conv, input, 3), density, 35, 17, 31 * height + stride));
        }
      }
    }
  }

  private static Shape mapFor(Layer layer, StatelessRandom random) {
    while (true) {
      Shape shape =
          new Shape(any(random, List.of(1, 3)), any(random, EXTENTS), any(random, EXTENTS));
      if (!shape.isVector() && fits(layer, shape)) {
        return shape;
      }
    }
  }

  /** So many channels that a tile's window is walked in blocks of columns. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void convolutionsAgreeWithManyChannels(int stride) {
    Layer.Conv2d conv = new Layer.Conv2d(70, 5, stride, 2, false);
    Agreement.require(
        engine(), new Agreement.Scenario(around(conv, new Shape(1, 2, 5), 70), 0.3, 2, 2, stride));
  }

  @ParameterizedTest
  @CsvSource({
    "2, 2, 0", "2, 1, 1", "3, 2, 1", "3, 1, 0", "3, 3, 0", "1, 2, 0", "5, 2, 2", "2, 3, 1"
  })
  void maxPoolsAgree(int kernel, int stride, int padding) {
    Layer.MaxPool pool = new Layer.MaxPool(kernel, stride, padding);
    for (long seed = 0; seed < 6; seed++) {
      StatelessRandom random = StatelessRandom.of(seed, pool.toString());
      Network network = around(pool, mapFor(pool, random), any(random, CHANNELS));
      Agreement.require(
          engine(), new Agreement.Scenario(network, 1, 35, any(random, List.of(1, 16, 17)), seed));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2, 2, 0", "2, 1, 1", "3, 2, 1", "3, 1, 1", "3, 3, 0", "1, 2, 0", "5, 2, 2", "2, 3, 1"
  })
  void averagePoolsOfWindowsAgree(int kernel, int stride, int padding) {
    for (boolean countsPadding : new boolean[] {false, true}) {
      Layer.AveragePool pool = new Layer.AveragePool(kernel, stride, padding, countsPadding);
      for (long seed = 0; seed < 6; seed++) {
        StatelessRandom random = StatelessRandom.of(seed, pool.toString());
        Network network = around(pool, mapFor(pool, random), any(random, CHANNELS));
        Agreement.require(
            engine(),
            new Agreement.Scenario(network, 1, 35, any(random, List.of(1, 15, 17, 33)), seed));
      }
    }
  }

  /** A window over the whole map makes a vector of it. */
  @ParameterizedTest
  @ValueSource(ints = {1, 17, 33})
  void averagePoolsOfWholeMapsAgree(int samples) {
    Network network = around(new Layer.AveragePool(4, 4, 0, true), new Shape(2, 4, 5), 3);
    Agreement.require(engine(), new Agreement.Scenario(network, 1, 35, samples, samples));
  }

  /** Whole numbers make most windows' largest values equal: the first one gets the gradient. */
  @ParameterizedTest
  @CsvSource({"2, 2, 0", "3, 1, 1", "3, 2, 1"})
  void equalMaximaAgree(int kernel, int stride, int padding) {
    Layer.MaxPool pool = new Layer.MaxPool(kernel, stride, padding);
    Network network =
        new NetworkBuilder("ties of " + pool, new Shape(2, 7, 9))
            .append("first", new Layer.Conv2d(3, 1, 1, 0, false))
            .relu("relu")
            .append("pool", pool)
            .flatten("flatten")
            .linear("classifier", 3)
            .build();
    Agreement.requireOnWholeNumbers(engine(), new Agreement.Scenario(network, 1, 20, 18, kernel));
  }

  @ParameterizedTest
  @EnumSource(ActivationFunction.class)
  void activationsAgree(ActivationFunction function) {
    for (Shape input : List.of(new Shape(2, 3, 5), new Shape(1, 4, 17), Shape.features(7))) {
      NetworkBuilder builder = new NetworkBuilder(function + " on " + input, input);
      Layer first =
          input.isVector() ? new Layer.Linear(6, true) : new Layer.Conv2d(3, 2, 1, 1, true);
      builder.append("first", first).activation("activation", function).flatten("flatten");
      Network network = builder.linear("classifier", 3).build();
      Agreement.require(engine(), new Agreement.Scenario(network, 0.7, 40, 19, input.width()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 15, 16, 17, 33, 127, 129})
  void normsAgree(int samples) {
    for (Shape input : List.of(new Shape(2, 1, 3), new Shape(3, 9, 4), Shape.features(5))) {
      Network network =
          new NetworkBuilder("norm on " + input, input)
              .append("first", first(input))
              .append("norm", new Layer.BatchNorm(1e-3, 0.25))
              .flatten("flatten")
              .linear("classifier", 3)
              .build();
      Agreement.require(engine(), new Agreement.Scenario(network, 0.8, 140, samples, samples));
    }
  }

  private static Layer first(Shape input) {
    return input.isVector() ? new Layer.Linear(17, false) : new Layer.Conv2d(5, 1, 1, 0, false);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 17, 33, 127, 128, 129})
  void linearLayersAgree(int samples) {
    for (double density : new double[] {0.05, 0.4, 1}) {
      Network network =
          new NetworkBuilder("linear", Shape.features(7))
              .append("linear1", new Layer.Linear(70, true))
              .activation("activation1", ActivationFunction.TANH)
              .append("linear2", new Layer.Linear(17, false))
              .append("linear3", new Layer.Linear(1, true))
              .append("linear4", new Layer.Linear(3, false))
              .build();
      Agreement.require(engine(), new Agreement.Scenario(network, density, 129, samples, samples));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 4", "3, 5, 5", "2, 9, 17", "17, 4, 4"})
  void averagePoolsAgree(int channels, int height, int width) {
    Network network =
        new NetworkBuilder("average", new Shape(2, height, width))
            .append("first", new Layer.Conv2d(channels, 2, 1, 1, true))
            .activation("activation", ActivationFunction.SWISH)
            .globalAveragePool("pool")
            .linear("classifier", 4)
            .build();
    for (int samples : new int[] {1, 17, 131}) {
      Agreement.require(engine(), new Agreement.Scenario(network, 0.6, 140, samples, width));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 33", "1, 3, 17", "3, 5, 1", "5, 70, 16", "17, 20, 15"})
  void paddedChannelsAgree(int channels, int padded, int samples) {
    for (Shape input : List.of(new Shape(2, 3, 5), new Shape(1, 9, 17), Shape.features(4))) {
      Network network =
          new NetworkBuilder("padded %d to %d on %s".formatted(channels, padded, input), input)
              .append(
                  "first",
                  input.isVector()
                      ? new Layer.Linear(channels, true)
                      : new Layer.Conv2d(channels, 1, 1, 0, true))
              .append("layer", new Layer.PadChannels(padded))
              .flatten("flatten")
              .linear("classifier", 3)
              .build();
      Agreement.require(engine(), new Agreement.Scenario(network, 0.8, 40, samples, padded));
    }
  }

  /** The halo and the channels of what is padded are read by a convolution and by an addition. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aPaddedSkipConnectionAgrees(int stride) {
    NetworkBuilder builder =
        new NetworkBuilder("padded skip with stride " + stride, new Shape(3, 8, 6))
            .conv("conv1", 3, 3, 1)
            .batchNorm("norm1")
            .relu("relu1")
            .conv("conv2", 7, 3, stride)
            .batchNorm("norm2")
            .from("relu1");
    if (stride > 1) {
      builder.averagePool("pool", stride, stride);
    }
    Network network =
        builder
            .append("padding", new Layer.PadChannels(7))
            .add("sum", "norm2")
            .activation("activation", ActivationFunction.ELU)
            .conv("conv3", 4, 3, 1)
            .add("sum3", "conv3")
            .globalAveragePool("mean")
            .linear("classifier", 3)
            .build();
    for (int samples : List.of(2, 16, 33)) {
      Agreement.require(engine(), new Agreement.Scenario(network, 0.6, 35, samples, stride));
    }
  }

  /** Weights that are never sparse need no connectivity, and are trained like all others. */
  @Test
  void aConvolutionThatIsNeverSparseAgrees() {
    Network network = Sessions.withDenseBranch();
    Agreement.require(engine(), new Agreement.Scenario(network, 0.5, 35, 17, 3));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void dropoutAgrees(int seed) {
    Shape input = seed % 2 == 0 ? Shape.features(9) : new Shape(2, 3, 5 + seed);
    Network network =
        new NetworkBuilder("dropout on " + input, input)
            .append("first", first(input))
            .dropout("dropout", seed * 0.15)
            .flatten("flatten")
            .linear("classifier", 3)
            .build();
    Agreement.require(engine(), new Agreement.Scenario(network, 0.9, 40, 33, seed));
  }

  /** The input is read as it is by layers that otherwise follow convolutions. */
  @ParameterizedTest
  @MethodSource("firstLayers")
  void layersOnTheInputAgree(Layer layer) {
    for (Shape input : List.of(new Shape(3, 4, 6), new Shape(2, 9, 9))) {
      Network network =
          new NetworkBuilder(layer + " on the input", input)
              .append("layer", layer)
              .flatten("flatten")
              .linear("classifier", 3)
              .build();
      Agreement.require(engine(), new Agreement.Scenario(network, 0.5, 20, 17, 5));
    }
  }

  static Stream<Layer> firstLayers() {
    return Stream.of(
        new Layer.Conv2d(3, 3, 2, 2, true),
        new Layer.BatchNorm(1e-5, 0.1),
        new Layer.Activation(ActivationFunction.RELU),
        new Layer.Activation(ActivationFunction.MISH),
        new Layer.Activation(ActivationFunction.IDENTITY),
        new Layer.MaxPool(2, 2, 1),
        new Layer.AveragePool(3, 2, 1, false),
        new Layer.GlobalAveragePool(),
        new Layer.PadChannels(5),
        new Layer.Flatten(),
        new Layer.Dropout(0.4),
        new Layer.Dropout(0));
  }
}
