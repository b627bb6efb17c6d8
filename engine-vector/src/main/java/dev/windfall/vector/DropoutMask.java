package dev.windfall.vector;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.windfall.random.DropoutHash;

/** One layer's dropout: which elements of which samples are zeroed in a step. */
final class DropoutMask {

  private final String layer;
  private final long seed;
  private final long keys;
  private final int threshold;
  private final float scale;

  /**
   * A mask.
   *
   * @param layer the node's name
   * @param keys offset of room for one int per sample in the session's memory
   */
  DropoutMask(String layer, double probability, long seed, long keys) {
    this.layer = layer;
    this.seed = seed;
    this.keys = keys;
    this.threshold = DropoutHash.threshold(probability);
    this.scale = (float) (1 / (1 - probability));
  }

  /** Hashes the samples of a batch. */
  void prepare(Pass pass) {
    for (int sample = 0; sample < pass.samples(); sample++) {
      int key = DropoutHash.key(seed, layer, pass.step(), pass.sampleIds()[sample]);
      pass.memory().set(JAVA_INT, keys + 4L * sample, key);
    }
  }

  /** Applies the mask to a row of values, or of gradients. */
  void apply(
      Pass pass,
      Kernels.Row pixels,
      Geometry geometry,
      int block,
      int row,
      int channel,
      long values) {
    int element =
        geometry.vector() ? channel : (channel * geometry.height() + row) * geometry.width();
    pass.kernels()
        .dropout(
            pixels, values, keys + Pass.blockLanes(geometry, block), element, threshold, scale);
  }
}
