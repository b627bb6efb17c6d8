package dev.windfall.data;

/** Turns the 8-bit pixels of an image into standardised floats. */
sealed interface Standardisation {
  /** What a data set asks for. */
  static Standardisation of(Dataset dataset) {
    return switch (dataset.standardisation()) {
      case BY_CHANNEL -> new ByChannel(dataset.shape(), dataset.statistics());
      case BY_IMAGE -> new ByImage(dataset.shape().size());
    };
  }

  /** Standardises one image into a batch, from the given position on. */
  void apply(byte[] image, float[] into, int offset);

  /** By a table of the 256 levels of each channel. */
  final class ByChannel implements Standardisation {
    private final int plane;
    private final float[][] table;

    ByChannel(ImageShape shape, ChannelStatistics statistics) {
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

    @Override
    public void apply(byte[] image, float[] into, int offset) {
      for (int channel = 0; channel < table.length; channel++) {
        float[] levels = table[channel];
        int start = channel * plane;
        for (int i = start; i < start + plane; i++) {
          into[offset + i] = levels[image[i] & 0xFF];
        }
      }
    }
  }

  /** By the mean and deviation of all values of an image. */
  record ByImage(int size) implements Standardisation {
    @Override
    public void apply(byte[] image, float[] into, int offset) {
      long sum = 0;
      for (int i = 0; i < size; i++) {
        sum += image[i] & 0xFF;
      }
      double mean = (double) sum / size;
      double squares = 0;
      for (int i = 0; i < size; i++) {
        double distance = (image[i] & 0xFF) - mean;
        squares += distance * distance;
      }
      double deviation = Math.max(Math.sqrt(squares / size), 1 / Math.sqrt(size));
      for (int i = 0; i < size; i++) {
        into[offset + i] = (float) (((image[i] & 0xFF) - mean) / deviation);
      }
    }
  }
}
