package dev.windfall.data;

/** Turns 8-bit pixels into standardised floats, by a table of the 256 levels of each channel. */
final class Standardisation {
  private final int plane;
  private final float[][] table;

  Standardisation(ImageShape shape, ChannelStatistics statistics) {
    if (statistics.mean().size() != shape.channels()) {
      throw new IllegalArgumentException(
          "images of %s need statistics of %d channels, found %d"
              .formatted(shape, shape.channels(), statistics.mean().size()));
    }
    this.plane = shape.height() * shape.width();
    this.table = new float[shape.channels()][256];
    for (int channel = 0; channel < table.length; channel++) {
      double mean = statistics.mean().get(channel);
      double deviation = statistics.deviation().get(channel);
      for (int level = 0; level < 256; level++) {
        table[channel][level] = (float) ((level / 255.0 - mean) / deviation);
      }
    }
  }

  /** Standardises one image into a batch, from the given position on. */
  void apply(byte[] image, float[] into, int offset) {
    for (int channel = 0; channel < table.length; channel++) {
      float[] levels = table[channel];
      int start = channel * plane;
      for (int i = start; i < start + plane; i++) {
        into[offset + i] = levels[image[i] & 0xFF];
      }
    }
  }
}
