package dev.windfall.network;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Networks by name: the LeNets (LeCun et al. 1998) with ReLU and max pools, plain multilayer
 * perceptrons, wide ResNets (Zagoruyko &amp; Komodakis 2016) and the ResNets of basic blocks (He et
 * al. 2016) with the stem for small images.
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
   */
  public record Options(Shape input, int classes, double dropout, ActivationFunction activation) {
    /** Without dropout, with ReLU. */
    public static Options of(Shape input, int classes) {
      return new Options(input, classes, 0, ActivationFunction.RELU);
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
        new Entry("resnet-18", "ResNet of basic blocks [2, 2, 2, 2], 3×3 stem"),
        new Entry("resnet-34", "ResNet of basic blocks [3, 4, 6, 3], 3×3 stem"));
  }

  /**
   * The shape of the images that a model was published for, where somebody names no other: digits
   * of 1×28×28 pixels or photographs of 3×32×32.
   *
   * @param name one of {@link #entries}, or a member of a family
   */
  public static Shape usualInput(String name) {
    return name.startsWith("lenet-") || name.startsWith("mlp-")
        ? new Shape(1, 28, 28)
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
    if (options.dropout() != 0 && !wrn.matches()) {
      throw new IllegalArgumentException(
          "dropout %s: %s has no dropout; only wide ResNets (wrn-DEPTH-WIDTH) have"
              .formatted(options.dropout(), name));
    }
    wrn.reset();
    if (mlp.matches()) {
      return perceptron(name, widths(mlp.group(1)), options);
    }
    if (wrn.matches()) {
      return wideResNet(
          name, Integer.parseInt(wrn.group(1)), Integer.parseInt(wrn.group(2)), options);
    }
    return switch (name) {
      case "lenet-300-100" -> perceptron(name, List.of(300, 100), options);
      case "lenet-5" -> lenet5(options);
      case "resnet-18" -> resNet(name, List.of(2, 2, 2, 2), options);
      case "resnet-34" -> resNet(name, List.of(3, 4, 6, 3), options);
      default ->
          throw new IllegalArgumentException(
              "unknown model '%s'; known: %s"
                  .formatted(name, String.join(" ", entries().stream().map(Entry::name).toList())));
    };
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
          .linear("linear" + layer, widths.get(layer - 1))
          .activation("activation" + layer, options.activation());
    }
    return builder.linear("classifier", options.classes()).build();
  }

  private static Network lenet5(Options options) {
    return new NetworkBuilder("lenet-5", options.input())
        .append("conv1", new Layer.Conv2d(6, 5, 1, 0, true))
        .activation("activation1", options.activation())
        .maxPool("pool1", 2, 2)
        .append("conv2", new Layer.Conv2d(16, 5, 1, 0, true))
        .activation("activation2", options.activation())
        .maxPool("pool2", 2, 2)
        .flatten("flatten")
        .linear("linear1", 120)
        .activation("activation3", options.activation())
        .linear("linear2", 84)
        .activation("activation4", options.activation())
        .linear("classifier", options.classes())
        .build();
  }

  /** Pre-activation blocks: norm, activation, conv, norm, activation, (dropout,) conv, add. */
  private static Network wideResNet(String name, int depth, int width, Options options) {
    if (depth < 10 || (depth - 4) % 6 != 0 || width < 1) {
      throw new IllegalArgumentException(
          "model '%s': the depth of a wide ResNet is 6n + 4 (10, 16, 22, 28, …), its width ≥ 1"
              .formatted(name));
    }
    int blocks = (depth - 4) / 6;
    NetworkBuilder builder = new NetworkBuilder(name, options.input()).conv("conv1", 16, 3, 1);
    int channels = 16;
    for (int group = 1; group <= 3; group++) {
      int next = (16 * width) << (group - 1);
      for (int block = 1; block <= blocks; block++) {
        int stride = group > 1 && block == 1 ? 2 : 1;
        wideBlock(
            builder, "group%d.block%d".formatted(group, block), channels, next, stride, options);
        channels = next;
      }
    }
    return builder
        .batchNorm("norm")
        .activation("activation", options.activation())
        .globalAveragePool("pool")
        .linear("classifier", options.classes())
        .build();
  }

  /** Where widths differ, the shortcut is a 1×1 convolution of the block's first activation. */
  private static void wideBlock(
      NetworkBuilder builder, String name, int channels, int next, int stride, Options options) {
    String input = builder.current();
    builder
        .batchNorm(name + ".norm1")
        .activation(name + ".activation1", options.activation())
        .conv(name + ".conv1", next, 3, stride)
        .batchNorm(name + ".norm2")
        .activation(name + ".activation2", options.activation())
        .dropout(name + ".dropout", options.dropout())
        .conv(name + ".conv2", next, 3, 1);
    String branch = builder.current();
    String shortcut = input;
    if (channels != next || stride != 1) {
      shortcut = name + ".shortcut";
      builder.from(name + ".activation1").conv(shortcut, next, 1, stride).from(branch);
    }
    builder.add(name + ".add", shortcut);
  }

  private static Network resNet(String name, List<Integer> blocksByGroup, Options options) {
    if (options.input().height() > 64 || options.input().width() > 64) {
      throw new IllegalArgumentException(
          "model '%s' has a stem for images of up to 64×64 pixels, not %s"
              .formatted(name, options.input()));
    }
    NetworkBuilder builder =
        new NetworkBuilder(name, options.input())
            .conv("conv1", 64, 3, 1)
            .batchNorm("norm1")
            .activation("activation1", options.activation());
    int channels = 64;
    for (int group = 1; group <= blocksByGroup.size(); group++) {
      int next = 64 << (group - 1);
      for (int block = 1; block <= blocksByGroup.get(group - 1); block++) {
        int stride = group > 1 && block == 1 ? 2 : 1;
        basicBlock(
            builder, "group%d.block%d".formatted(group, block), channels, next, stride, options);
        channels = next;
      }
    }
    return builder.globalAveragePool("pool").linear("classifier", options.classes()).build();
  }

  /** Where shapes differ, the shortcut is a 1×1 convolution with batch norm (option B). */
  private static void basicBlock(
      NetworkBuilder builder, String name, int channels, int next, int stride, Options options) {
    String shortcut = builder.current();
    builder
        .conv(name + ".conv1", next, 3, stride)
        .batchNorm(name + ".norm1")
        .activation(name + ".activation1", options.activation())
        .conv(name + ".conv2", next, 3, 1)
        .batchNorm(name + ".norm2");
    String branch = builder.current();
    if (channels != next || stride != 1) {
      builder.from(shortcut).conv(name + ".shortcut", next, 1, stride);
      shortcut = name + ".shortcut-norm";
      builder.batchNorm(shortcut).from(branch);
    }
    builder.add(name + ".add", shortcut).activation(name + ".activation2", options.activation());
  }
}
