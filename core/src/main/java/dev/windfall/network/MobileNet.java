package dev.windfall.network;

import java.util.List;

/**
 * MobileNet (Howard et al. 2017, table 1): after the first convolution 13 pairs of a depthwise 3×3
 * and a 1×1 convolution, each followed by batch norm and activation.
 */
final class MobileNet {

  /** One pair: channels that the 1×1 convolution yields, stride of the depthwise one. */
  private record Pair(int channels, int stride) {}

  private static final List<Pair> PAIRS =
      List.of(
          new Pair(64, 1),
          new Pair(128, 2),
          new Pair(128, 1),
          new Pair(256, 2),
          new Pair(256, 1),
          new Pair(512, 2),
          new Pair(512, 1),
          new Pair(512, 1),
          new Pair(512, 1),
          new Pair(512, 1),
          new Pair(512, 1),
          new Pair(1024, 2),
          new Pair(1024, 1));

  private MobileNet() {}

  static Network build(Zoo.Options options) {
    int channels = options.scaled(32);
    NetworkBuilder builder =
        new NetworkBuilder("mobilenet-v1", options.input())
            .conv("conv1", channels, 3, options.hasImageNetStem() ? 2 : 1)
            .batchNorm("norm1")
            .activation("activation1", options.activation());
    for (int number = 1; number <= PAIRS.size(); number++) {
      Pair pair = PAIRS.get(number - 1);
      String place = "block" + number;
      builder
          .depthwiseConv(place + ".depthwise", channels, 3, pair.stride())
          .batchNorm(place + ".norm1")
          .activation(place + ".activation1", options.activation());
      channels = options.scaled(pair.channels());
      builder
          .conv(place + ".pointwise", channels, 1, 1)
          .batchNorm(place + ".norm2")
          .activation(place + ".activation2", options.activation());
    }
    return builder.globalAveragePool("pool").linear("classifier", options.classes()).build();
  }
}
