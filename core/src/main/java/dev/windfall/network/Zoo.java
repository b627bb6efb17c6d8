package dev.windfall.network;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Networks by name: the LeNets (LeCun et al. 1998) with ReLU and max pools, plain multilayer
 * perceptrons, wide ResNets (Zagoruyko &amp; Komodakis 2016), ResNets (He et al. 2016), VGG-16
 * (Simonyan &amp; Zisserman 2015) with batch norm, and MobileNet (Howard et al. 2017).
 *
 * <p>ResNets, wide ResNets and MobileNet begin with the layers of a {@link Stem}.
 */
public final class Zoo {

  private static final Pattern MLP = Pattern.compile("mlp((?:-\\d{1,9})+)");
  private static final Pattern WRN = Pattern.compile("wrn-(\\d{1,4})-(\\d{1,4})");

  private Zoo() {}

  /**
   * What a network of the zoo is built for.
   *
   * @param input shape of one sample
   * @param classes outputs
   * @param dropout probability of the dropout inside wide ResNets' blocks; 0 for none
   * @param activation the function after every hidden layer
   * @param width factor on the channels or units of every layer but the last, above 0; see {@link
   *     #scaled}
   * @param stem the first layers of ResNets, wide ResNets and MobileNet
   * @param zeroInitResidual whether the scale of the batch norm that ends a residual branch of a
   *     ResNet starts at 0, so that every block begins as its shortcut (Goyal et al. 2017)
   */
  public record Options(
      Shape input,
      int classes,
      double dropout,
      ActivationFunction activation,
      double width,
      Stem stem,
      boolean zeroInitResidual) {

    /** Pixels of height and width up to which a network gets its first layers for small images. */
    public static final int SMALL_IMAGE = 64;

    /** Checks the width. */
    public Options {
      if (!(width > 0) || width > 1e6) {
        throw new IllegalArgumentException(
            "width must be above 0 and at most a million, not " + width);
      }
    }

    /** With the first layers that suit the input, and scales that start at 1. */
    public Options(
        Shape input, int classes, double dropout, ActivationFunction activation, double width) {
      this(input, classes, dropout, activation, width, Stem.AUTO, false);
    }

    /** Without dropout, with ReLU, as wide as published. */
    public static Options of(Shape input, int classes) {
      return new Options(input, classes, 0, ActivationFunction.RELU, 1);
    }

    /** Whether the input is at most {@link #SMALL_IMAGE} pixels high and wide. */
    public boolean isSmallImage() {
      return input.height() <= SMALL_IMAGE && input.width() <= SMALL_IMAGE;
    }

    /** Whether the first layers are those for ImageNet: as asked, or by the input. */
    boolean hasImageNetStem() {
      return stem == Stem.IMAGENET || (stem == Stem.AUTO && !isSmallImage());
    }

    /** The same options with other first layers. */
    public Options withStem(Stem other) {
      return new Options(input, classes, dropout, activation, width, other, zeroInitResidual);
    }

    /** The same options with or without residual branches that begin as nothing. */
    public Options withZeroInitResidual(boolean zero) {
      return new Options(input, classes, dropout, activation, width, stem, zero);
    }

    /**
     * The channels that a layer has in a network of this width: ⌊width · channels⌋, but at least 1
     * where there is any. The width counts as the decimal number that was written: 0.29 · 100 is
     * 29.
     *
     * @throws IllegalArgumentException where these are more than an int holds
     */
    public int scaled(int channels) {
      BigDecimal exact = BigDecimal.valueOf(width).multiply(BigDecimal.valueOf(channels));
      if (exact.compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) > 0) {
        throw new IllegalArgumentException(
            "width %s makes more than %d of %d channels"
                .formatted(width, Integer.MAX_VALUE, channels));
      }
      return Math.max(Math.min(1, channels), exact.intValue());
    }
  }

  /**
   * A family of networks.
   *
   * @param name a name, or the pattern of a family's names
   * @param description one line
   */
  public record Entry(String name, String description) {}

  /** What there is, one line each. */
  public static List<Entry> entries() {
    return List.of(
        new Entry("lenet-300-100", "multilayer perceptron with 300 and 100 hidden units"),
        new Entry("lenet-5", "two 5×5 convolutions (6, 16) and three linear layers (120, 84)"),
        new Entry("mlp-W1-W2-…", "multilayer perceptron with hidden layers of W1, W2, … units"),
        new Entry("wrn-DEPTH-WIDTH", "wide ResNet, such as wrn-22-2; depth is 6n + 4"),
        new Entry("resnet-18", "ResNet of basic blocks [2, 2, 2, 2]"),
        new Entry("resnet-34", "ResNet of basic blocks [3, 4, 6, 3]"),
        new Entry("resnet-50", "ResNet of bottleneck blocks [3, 4, 6, 3]"),
        new Entry("vgg-16", "13 convolutions with batch norm, and one linear layer"),
        new Entry("mobilenet-v1", "13 depthwise separable convolutions with batch norm"));
  }

  /**
   * The shape of the images that a model is mostly used for, where somebody names no other: digits
   * of 1×28×28 pixels, or photographs of 3×32×32 or 3×224×224.
   *
   * @param name one of {@link #entries}, or a member of a family
   */
  public static Shape usualInput(String name) {
    if (name.startsWith("lenet-") || name.startsWith("mlp-")) {
      return new Shape(1, 28, 28);
    }
    return name.equals("resnet-50") || name.equals("mobilenet-v1")
        ? new Shape(3, 224, 224)
        : new Shape(3, 32, 32);
  }

  /**
   * Builds a network.
   *
   * @param name one of {@link #entries}, or a member of a family
   * @param options input, classes and variations
   * @throws IllegalArgumentException for an unknown name, which lists the known ones, an option
   *     that the network has no place for, or an input that does not fit
   */
  public static Network build(String name, Options options) {
    Matcher mlp = MLP.matcher(name);
    Matcher wrn = WRN.matcher(name);
    requirePlaces(name, options);
    if (mlp.matches()) {
      return perceptron(name, widths(mlp.group(1)), options);
    }
    if (wrn.matches()) {
      return WideResNet.build(
          name, Integer.parseInt(wrn.group(1)), Integer.parseInt(wrn.group(2)), options);
    }
    return switch (name) {
      case "lenet-300-100" -> perceptron(name, List.of(300, 100), options);
      case "lenet-5" -> lenet5(options);
      case "resnet-18" -> ResNet.build(name, List.of(2, 2, 2, 2), ResNet.Block.BASIC, options);
      case "resnet-34" -> ResNet.build(name, List.of(3, 4, 6, 3), ResNet.Block.BASIC, options);
      case "resnet-50" -> ResNet.build(name, List.of(3, 4, 6, 3), ResNet.Block.BOTTLENECK, options);
      case "vgg-16" -> Vgg.build(options);
      case "mobilenet-v1" -> MobileNet.build(options);
      default ->
          throw new IllegalArgumentException(
              "unknown model '%s'; known: %s"
                  .formatted(name, String.join(" ", entries().stream().map(Entry::name).toList())));
    };
  }

  /** Refuses options that the network has no place for. */
  private static void requirePlaces(String name, Options options) {
    boolean wide = WRN.matcher(name).matches();
    boolean residual = name.startsWith("resnet-");
    if (options.dropout() != 0 && !wide) {
      throw new IllegalArgumentException(
          "dropout %s: %s has no dropout; only wide ResNets (wrn-DEPTH-WIDTH) have"
              .formatted(options.dropout(), name));
    }
    if (options.stem() != Stem.AUTO && !wide && !residual && !name.equals("mobilenet-v1")) {
      throw new IllegalArgumentException(
          "stem %s: %s has first layers of one form only; leave it at auto"
              .formatted(options.stem().label(), name));
    }
    if (options.zeroInitResidual() && !residual) {
      throw new IllegalArgumentException(
          "zero-init-residual: %s has no residual branches that end in a batch norm; only ResNets"
                  .formatted(name)
              + " (resnet-18, resnet-34, resnet-50) have");
    }
  }

  private static List<Integer> widths(String dashed) {
    return Arrays.stream(dashed.substring(1).split("-", -1)).map(Integer::valueOf).toList();
  }

  private static Network perceptron(String name, List<Integer> widths, Options options) {
    NetworkBuilder builder = new NetworkBuilder(name, options.input());
    if (!options.input().isVector()) {
      builder.flatten("flatten");
    }
    for (int layer = 1; layer <= widths.size(); layer++) {
      builder
          .linear("linear" + layer, options.scaled(widths.get(layer - 1)))
          .activation("activation" + layer, options.activation());
    }
    return builder.linear("classifier", options.classes()).build();
  }

  private static Network lenet5(Options options) {
    return new NetworkBuilder("lenet-5", options.input())
        .append("conv1", new Layer.Conv2d(options.scaled(6), 5, 1, 0, true))
        .activation("activation1", options.activation())
        .maxPool("pool1", 2, 2)
        .append("conv2", new Layer.Conv2d(options.scaled(16), 5, 1, 0, true))
        .activation("activation2", options.activation())
        .maxPool("pool2", 2, 2)
        .flatten("flatten")
        .linear("linear1", options.scaled(120))
        .activation("activation3", options.activation())
        .linear("linear2", options.scaled(84))
        .activation("activation4", options.activation())
        .linear("classifier", options.classes())
        .build();
  }
}
