package dev.windfall.network;

/**
 * Wide ResNets (Zagoruyko &amp; Komodakis 2016): three groups of blocks. Images beyond those that
 * the paper uses them for are first made small as in a ResNet; the norm and the activation that
 * stand there between convolution and pool are the first block's.
 */
final class WideResNet {

  private WideResNet() {}

  /** Pre-activation blocks: norm, activation, conv, norm, activation, (dropout,) conv, add. */
  static Network build(String name, int depth, int width, Zoo.Options options) {
    if (depth < 10 || (depth - 4) % 6 != 0 || width < 1) {
      throw new IllegalArgumentException(
          "model '%s': the depth of a wide ResNet is 6n + 4 (10, 16, 22, 28, …), its width ≥ 1"
              .formatted(name));
    }
    int blocks = (depth - 4) / 6;
    NetworkBuilder builder = stem(name, options);
    int channels = options.scaled(16);
    for (int group = 1; group <= 3; group++) {
      int next = options.scaled(Math.multiplyExact(16 << (group - 1), width));
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

  private static NetworkBuilder stem(String name, Zoo.Options options) {
    NetworkBuilder builder = new NetworkBuilder(name, options.input());
    return options.hasImageNetStem()
        ? builder
            .conv("conv1", options.scaled(16), 7, 2)
            .append("pool1", new Layer.MaxPool(3, 2, 1))
        : builder.conv("conv1", options.scaled(16), 3, 1);
  }

  /** Where widths differ, the shortcut is a 1×1 convolution of the block's first activation. */
  private static void wideBlock(
      NetworkBuilder builder,
      String name,
      int channels,
      int next,
      int stride,
      Zoo.Options options) {
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
}
