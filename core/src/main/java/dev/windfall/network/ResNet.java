package dev.windfall.network;

import java.util.List;

/**
 * ResNets (He et al. 2016): four groups of residual blocks of 64, 128, 256 and 512 channels, each
 * group but the first halving height and width.
 */
final class ResNet {

  private ResNet() {}

  /** What stands between two additions. */
  enum Block {
    /** Two 3×3 convolutions. */
    BASIC(1),
    /**
     * 1×1, 3×3 and 1×1 convolutions, the last one with four times the channels. The stride is the
     * 3×3 convolution's, as in most implementations since Goyal et al. 2017.
     */
    BOTTLENECK(4);

    private final int expansion;

    Block(int expansion) {
      this.expansion = expansion;
    }
  }

  static Network build(String name, List<Integer> blocksByGroup, Block block, Zoo.Options options) {
    NetworkBuilder builder = stem(name, options);
    int channels = options.scaled(64);
    for (int group = 1; group <= blocksByGroup.size(); group++) {
      int inner = options.scaled(64 << (group - 1));
      int next = Math.multiplyExact(inner, block.expansion);
      for (int number = 1; number <= blocksByGroup.get(group - 1); number++) {
        int stride = group > 1 && number == 1 ? 2 : 1;
        String place = "group%d.block%d".formatted(group, number);
        String before = builder.current();
        branch(builder, place, block, inner, stride, options);
        join(builder, place, before, channels != next || stride != 1, next, stride);
        builder.activation(
            place + (block == Block.BASIC ? ".activation2" : ".activation3"), options.activation());
        channels = next;
      }
    }
    return builder.globalAveragePool("pool").linear("classifier", options.classes()).build();
  }

  /** 3×3 for small images; else 7×7 and a max pool, which leave a quarter of height and width. */
  private static NetworkBuilder stem(String name, Zoo.Options options) {
    boolean small = !options.hasImageNetStem();
    NetworkBuilder builder =
        new NetworkBuilder(name, options.input())
            .conv("conv1", options.scaled(64), small ? 3 : 7, small ? 1 : 2)
            .batchNorm("norm1")
            .activation("activation1", options.activation());
    return small ? builder : builder.append("pool1", new Layer.MaxPool(3, 2, 1));
  }

  private static void branch(
      NetworkBuilder builder,
      String place,
      Block block,
      int inner,
      int stride,
      Zoo.Options options) {
    switch (block) {
      case BASIC ->
          builder
              .conv(place + ".conv1", inner, 3, stride)
              .batchNorm(place + ".norm1")
              .activation(place + ".activation1", options.activation())
              .conv(place + ".conv2", inner, 3, 1)
              .append(place + ".norm2", lastNorm(options));
      case BOTTLENECK ->
          builder
              .conv(place + ".conv1", inner, 1, 1)
              .batchNorm(place + ".norm1")
              .activation(place + ".activation1", options.activation())
              .conv(place + ".conv2", inner, 3, stride)
              .batchNorm(place + ".norm2")
              .activation(place + ".activation2", options.activation())
              .conv(place + ".conv3", inner * block.expansion, 1, 1)
              .append(place + ".norm3", lastNorm(options));
    }
  }

  /** What ends a residual branch. */
  private static Layer.BatchNorm lastNorm(Zoo.Options options) {
    return options.zeroInitResidual() ? Layer.BatchNorm.zero() : Layer.BatchNorm.standard();
  }

  /** Where shapes differ, the shortcut is a 1×1 convolution with batch norm (option B). */
  private static void join(
      NetworkBuilder builder, String place, String before, boolean differs, int next, int stride) {
    String shortcut = before;
    if (differs) {
      String branch = builder.current();
      shortcut = place + ".shortcut-norm";
      builder.from(before).conv(place + ".shortcut", next, 1, stride).batchNorm(shortcut);
      builder.from(branch);
    }
    builder.add(place + ".add", shortcut);
  }
}
