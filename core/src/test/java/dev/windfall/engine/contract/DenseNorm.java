package dev.windfall.engine.contract;

/**
 * Batch normalisation over given statistics, and back through the batch's own by the chain rule
 * (Ioffe &amp; Szegedy 2015, section 3).
 */
public record DenseNorm(double epsilon, double[] scale, double[] shift) {

  /**
   * Mean and variance of each channel.
   *
   * @param variance the biased one, over all values
   * @param count values of each channel
   */
  public record Statistics(double[] mean, double[] variance, int count) {

    static Statistics of(DenseMaps x) {
      int channels = x.shape().channels();
      int count = x.values().length / channels;
      double[] mean = new double[channels];
      double[] variance = new double[channels];
      for (int i = 0; i < x.values().length; i++) {
        mean[x.channel(i)] += x.values()[i] / count;
      }
      for (int i = 0; i < x.values().length; i++) {
        double distance = x.values()[i] - mean[x.channel(i)];
        variance[x.channel(i)] += distance * distance / count;
      }
      return new Statistics(mean, variance, count);
    }

    /** The unbiased variance; of a single value there is none, and the biased one stands in. */
    double[] unbiased() {
      double[] result = variance.clone();
      for (int channel = 0; channel < result.length && count > 1; channel++) {
        result[channel] *= count / (count - 1.0);
      }
      return result;
    }
  }

  private double inverse(Statistics statistics, int channel) {
    return 1 / Math.sqrt(statistics.variance()[channel] + epsilon);
  }

  public DenseMaps forward(DenseMaps x, Statistics statistics) {
    DenseMaps result = DenseMaps.like(x);
    for (int i = 0; i < x.values().length; i++) {
      int channel = x.channel(i);
      double normal = (x.values()[i] - statistics.mean()[channel]) * inverse(statistics, channel);
      result.values()[i] = normal * scale[channel] + shift[channel];
    }
    return result;
  }

  /** The gradients of input, scale and shift. */
  public record Gradients(DenseMaps input, double[] scale, double[] shift) {}

  public Gradients backward(DenseMaps x, DenseMaps gradient, Statistics statistics) {
    int channels = scale.length;
    double[] ofScale = new double[channels];
    double[] ofShift = new double[channels];
    double[] ofMean = new double[channels];
    double[] ofVariance = new double[channels];
    for (int i = 0; i < x.values().length; i++) {
      int c = x.channel(i);
      double g = gradient.values()[i];
      double distance = x.values()[i] - statistics.mean()[c];
      double inverse = inverse(statistics, c);
      ofShift[c] += g;
      ofScale[c] += g * distance * inverse;
      ofVariance[c] += g * scale[c] * distance * -0.5 * inverse * inverse * inverse;
      ofMean[c] -= g * scale[c] * inverse;
    }
    DenseMaps input = DenseMaps.like(x);
    for (int i = 0; i < x.values().length; i++) {
      int c = x.channel(i);
      double distance = x.values()[i] - statistics.mean()[c];
      input.values()[i] =
          gradient.values()[i] * scale[c] * inverse(statistics, c)
              + ofVariance[c] * 2 * distance / statistics.count()
              + ofMean[c] / statistics.count();
    }
    return new Gradients(input, ofScale, ofShift);
  }
}
