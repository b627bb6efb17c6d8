package dev.windfall.network;

import java.util.List;

/**
 * VGG-16 (Simonyan &amp; Zisserman 2015, configuration D) as it is used on small images: a batch
 * norm after each of the 13 convolutions, and one linear layer instead of three, on the mean over
 * what the five max pools leave.
 */
final class Vgg {

  private static final List<Integer> CHANNELS = List.of(64, 128, 256, 512, 512);
  private static final List<Integer> CONVOLUTIONS = List.of(2, 2, 3, 3, 3);

  private Vgg() {}

  static Network build(Zoo.Options options) {
    NetworkBuilder builder = new NetworkBuilder("vgg-16", options.input());
    for (int group = 1; group <= CHANNELS.size(); group++) {
      int channels = options.scaled(CHANNELS.get(group - 1));
      String place = "group" + group;
      for (int number = 1; number <= CONVOLUTIONS.get(group - 1); number++) {
        builder
            .conv(place + ".conv" + number, channels, 3, 1)
            .batchNorm(place + ".norm" + number)
            .activation(place + ".activation" + number, options.activation());
      }
      builder.maxPool(place + ".pool", 2, 2);
    }
    return builder.globalAveragePool("pool").linear("classifier", options.classes()).build();
  }
}
