package dev.windfall.network;

import dev.windfall.network.Parameter.Role;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node of a network computes: plain data, without weights. A layer knows how many inputs it
 * takes, which shape it makes of theirs and which tensors it owns; engines know how to compute it.
 */
public sealed interface Layer {

  /** How many inputs the layer takes; one for all but {@link Add}. */
  default int arity() {
    return 1;
  }

  /**
   * The shape of the output.
   *
   * @param inputs the shapes of the {@link #arity()} inputs
   * @throws IllegalArgumentException where these shapes do not fit the layer
   */
  Shape output(List<Shape> inputs);

  /**
   * The tensors that the layer owns, in a fixed order.
   *
   * @param node the node's name, which begins the tensors' names
   * @param input the shape of the first input
   */
  default List<Parameter> parameters(String node, Shape input) {
    return List.of();
  }

  /**
   * A two-dimensional convolution: each output is ⌊(extent + 2 · padding − kernel) / stride⌋ + 1.
   *
   * @param channels output channels
   * @param kernel rows and columns of the square kernel
   * @param stride step between two outputs, at least 1
   * @param padding rows and columns of zeros on each side, less than the kernel
   * @param groups into how many groups input and output channels are split, each output channel
   *     seeing the inputs of its own group alone; 1 for an ordinary convolution, as many as there
   *     are input channels for a depthwise one; divides both channel counts
   * @param bias whether one addend per output channel is learned
   * @param denseStart null for an ordinary convolution, whose weights are drawn and may be made
   *     sparse; else what every weight starts at, and all of them always exist ({@link
   *     Role#DENSE_WEIGHT})
   */
  record Conv2d(
      int channels,
      int kernel,
      int stride,
      int padding,
      int groups,
      boolean bias,
      @Nullable Float denseStart)
      implements Layer {
    /** Checks the ranges. */
    public Conv2d {
      require(channels >= 1, "convolution", "channels", channels, "at least 1");
      require(kernel >= 1, "convolution", "kernel", kernel, "at least 1");
      require(stride >= 1, "convolution", "stride", stride, "at least 1");
      require(
          padding >= 0 && padding < kernel,
          "convolution",
          "padding",
          padding,
          "from 0 to kernel - 1");
      require(
          groups >= 1 && channels % groups == 0,
          "convolution",
          "groups",
          groups,
          "a divisor of its " + channels + " channels");
      if (denseStart != null) {
        require(
            Float.isFinite(denseStart), "convolution", "start of weights", denseStart, "a number");
      }
    }

    /** A convolution whose weights are drawn and may be made sparse. */
    public Conv2d(int channels, int kernel, int stride, int padding, int groups, boolean bias) {
      this(channels, kernel, stride, padding, groups, bias, null);
    }

    /** An ordinary convolution: every output channel sees all input channels. */
    public Conv2d(int channels, int kernel, int stride, int padding, boolean bias) {
      this(channels, kernel, stride, padding, 1, bias);
    }

    @Override
    public Shape output(List<Shape> inputs) {
      Shape input = inputs.getFirst();
      require(
          input.channels() % groups == 0,
          "convolution",
          "groups",
          groups,
          "a divisor of the " + input.channels() + " input channels");
      return new Shape(
          channels,
          windows(input.height(), kernel, stride, padding, input),
          windows(input.width(), kernel, stride, padding, input));
    }

    @Override
    public List<Parameter> parameters(String node, Shape input) {
      Role role = denseStart == null ? Role.WEIGHT : Role.DENSE_WEIGHT;
      Parameter drawn =
          Parameter.of(node, role, channels, input.channels() / groups, kernel, kernel);
      Parameter weight = denseStart == null ? drawn : drawn.startingAt(denseStart);
      return bias ? List.of(weight, Parameter.of(node, Role.BIAS, channels)) : List.of(weight);
    }
  }

  /**
   * A fully connected layer on a vector of features.
   *
   * @param features outputs
   * @param bias whether one addend per output is learned
   */
  record Linear(int features, boolean bias) implements Layer {
    /** Checks the ranges. */
    public Linear {
      require(features >= 1, "linear layer", "features", features, "at least 1");
    }

    @Override
    public Shape output(List<Shape> inputs) {
      Shape input = inputs.getFirst();
      if (!input.isVector()) {
        throw new IllegalArgumentException(
            "a linear layer takes a vector, not %s; put a flatten or a pool before it"
                .formatted(input));
      }
      return Shape.features(features);
    }

    @Override
    public List<Parameter> parameters(String node, Shape input) {
      Parameter weight = Parameter.of(node, Role.WEIGHT, features, input.channels());
      return bias ? List.of(weight, Parameter.of(node, Role.BIAS, features)) : List.of(weight);
    }
  }

  /**
   * Batch normalisation per channel (Ioffe &amp; Szegedy 2015), with learned scale and shift: over
   * the batch in training, over the running statistics in evaluation.
   *
   * @param epsilon added to the variance before the root, above 0
   * @param momentum weight of the newest batch in the running statistics, above 0 and at most 1
   * @param initialScale what every channel's scale starts at: 1, or 0 at the end of a residual
   *     branch that shall begin as nothing (Goyal et al. 2017, section 5.1)
   */
  record BatchNorm(double epsilon, double momentum, float initialScale) implements Layer {
    /** Checks the ranges. */
    public BatchNorm {
      require(epsilon > 0, "batch norm", "epsilon", epsilon, "above 0");
      require(momentum > 0 && momentum <= 1, "batch norm", "momentum", momentum, "in (0, 1]");
      require(
          Float.isFinite(initialScale), "batch norm", "initial scale", initialScale, "a number");
    }

    /** A batch norm whose scale starts at 1. */
    public BatchNorm(double epsilon, double momentum) {
      this(epsilon, momentum, 1);
    }

    /** The usual constants: ε = 1e-5, momentum 0.1, a scale of 1. */
    public static BatchNorm standard() {
      return new BatchNorm(1e-5, 0.1);
    }

    /** The usual constants, but a scale that starts at 0. */
    public static BatchNorm zero() {
      return new BatchNorm(1e-5, 0.1, 0);
    }

    @Override
    public Shape output(List<Shape> inputs) {
      return inputs.getFirst();
    }

    @Override
    public List<Parameter> parameters(String node, Shape input) {
      int channels = input.channels();
      return List.of(
          Parameter.of(node, Role.SCALE, channels).startingAt(initialScale),
          Parameter.of(node, Role.SHIFT, channels),
          Parameter.of(node, Role.RUNNING_MEAN, channels),
          Parameter.of(node, Role.RUNNING_VARIANCE, channels));
    }
  }

  /**
   * An element-wise function.
   *
   * @param function which
   */
  record Activation(ActivationFunction function) implements Layer {
    @Override
    public Shape output(List<Shape> inputs) {
      return inputs.getFirst();
    }
  }

  /**
   * The largest value of each window; padding never wins.
   *
   * @param kernel rows and columns of the window
   * @param stride step between two windows
   * @param padding rows and columns added on each side, at most half the kernel
   */
  record MaxPool(int kernel, int stride, int padding) implements Layer {
    /** Checks the ranges. */
    public MaxPool {
      require(kernel >= 1, "max pool", "kernel", kernel, "at least 1");
      require(stride >= 1, "max pool", "stride", stride, "at least 1");
      require(
          padding >= 0 && 2 * padding <= kernel,
          "max pool",
          "padding",
          padding,
          "from 0 to kernel / 2");
    }

    @Override
    public Shape output(List<Shape> inputs) {
      Shape input = inputs.getFirst();
      return new Shape(
          input.channels(),
          windows(input.height(), kernel, stride, padding, input),
          windows(input.width(), kernel, stride, padding, input));
    }
  }

  /**
   * The mean of each window.
   *
   * @param kernel rows and columns of the window
   * @param stride step between two windows
   * @param padding rows and columns of zeros on each side, at most half the kernel
   * @param countsPadding whether a window's sum is always divided by kernel², so that padding
   *     counts as zeros; else by the number of its positions that lie within the map
   */
  record AveragePool(int kernel, int stride, int padding, boolean countsPadding) implements Layer {
    /** Checks the ranges. */
    public AveragePool {
      require(kernel >= 1, "average pool", "kernel", kernel, "at least 1");
      require(stride >= 1, "average pool", "stride", stride, "at least 1");
      require(
          padding >= 0 && 2 * padding <= kernel,
          "average pool",
          "padding",
          padding,
          "from 0 to kernel / 2");
    }

    @Override
    public Shape output(List<Shape> inputs) {
      Shape input = inputs.getFirst();
      return new Shape(
          input.channels(),
          windows(input.height(), kernel, stride, padding, input),
          windows(input.width(), kernel, stride, padding, input));
    }
  }

  /** The mean over all positions of each channel: channels × 1 × 1. */
  record GlobalAveragePool() implements Layer {
    @Override
    public Shape output(List<Shape> inputs) {
      return Shape.features(inputs.getFirst().channels());
    }
  }

  /** The sum of two inputs of one shape: a skip connection. */
  record Add() implements Layer {
    @Override
    public int arity() {
      return 2;
    }

    @Override
    public Shape output(List<Shape> inputs) {
      if (!inputs.getFirst().equals(inputs.getLast())) {
        throw new IllegalArgumentException(
            "an addition takes two inputs of one shape, not %s and %s"
                .formatted(inputs.getFirst(), inputs.getLast()));
      }
      return inputs.getFirst();
    }
  }

  /**
   * The input, and after its channels further ones of zeros.
   *
   * @param channels of the output, at least those of the input
   */
  record PadChannels(int channels) implements Layer {
    /** Checks the range. */
    public PadChannels {
      require(channels >= 1, "padding of channels", "channels", channels, "at least 1");
    }

    @Override
    public Shape output(List<Shape> inputs) {
      Shape input = inputs.getFirst();
      require(
          channels >= input.channels(),
          "padding of channels",
          "channels",
          channels,
          "at least the input's " + input.channels());
      return new Shape(channels, input.height(), input.width());
    }
  }

  /** Feature maps as one vector, in (channel, row, column) order. */
  record Flatten() implements Layer {
    @Override
    public Shape output(List<Shape> inputs) {
      return Shape.features(Math.toIntExact(inputs.getFirst().elements()));
    }
  }

  /**
   * In training, zeroes each value with the given probability and divides the others by what is
   * left, 1 − probability (Srivastava et al. 2014, inverted); the identity in evaluation.
   *
   * @param probability from 0 to below 1
   */
  record Dropout(double probability) implements Layer {
    /** Checks the range. */
    public Dropout {
      require(
          probability >= 0 && probability < 1, "dropout", "probability", probability, "in [0, 1)");
    }

    @Override
    public Shape output(List<Shape> inputs) {
      return inputs.getFirst();
    }
  }

  private static int windows(int extent, int kernel, int stride, int padding, Shape input) {
    int room = extent + 2 * padding - kernel;
    if (room < 0) {
      throw new IllegalArgumentException(
          "a window of %d×%d with padding %d does not fit into %s"
              .formatted(kernel, kernel, padding, input));
    }
    return room / stride + 1;
  }

  private static void require(
      boolean holds, String layer, String what, Number value, String wanted) {
    if (!holds) {
      throw new IllegalArgumentException(
          "%s: %s must be %s, not %s".formatted(layer, what, wanted, value));
    }
  }
}
