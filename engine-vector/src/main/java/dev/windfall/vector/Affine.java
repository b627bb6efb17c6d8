package dev.windfall.vector;

import dev.windfall.engine.Mode;
import dev.windfall.network.Layer;

/**
 * A factor and an addend per channel, by which an element-wise pass reads a tensor, and the way
 * back through them: {@code ∂x = p · g + q · x + r}.
 */
sealed interface Affine {

  /** Computes the constants of the way forward for this batch. */
  void prepare(Pass pass, Tensor source);

  /** Computes the constants of the way back from Σ g and Σ g · (x − center). */
  void finish(Pass pass, Tensor source, ChannelSums sums);

  /** What gradients' products are taken relative to. */
  float center(int channel);

  /** The factor of x. */
  float factor(int channel);

  /** What is added. */
  float addend(int channel);

  /** p. */
  float ofGradient(int channel);

  /** q. */
  float ofValue(int channel);

  /** r. */
  float constant(int channel);

  /** x itself: nothing to learn. */
  record Identity() implements Affine {
    @Override
    public void prepare(Pass pass, Tensor source) {}

    @Override
    public void finish(Pass pass, Tensor source, ChannelSums sums) {}

    @Override
    public float center(int channel) {
      return 0;
    }

    @Override
    public float factor(int channel) {
      return 1;
    }

    @Override
    public float addend(int channel) {
      return 0;
    }

    @Override
    public float ofGradient(int channel) {
      return 1;
    }

    @Override
    public float ofValue(int channel) {
      return 0;
    }

    @Override
    public float constant(int channel) {
      return 0;
    }
  }

  /**
   * x + bias.
   *
   * @param bias one per channel
   */
  record Bias(DenseParameter bias) implements Affine {
    @Override
    public void prepare(Pass pass, Tensor source) {}

    @Override
    public void finish(Pass pass, Tensor source, ChannelSums sums) {
      int groups = pass.rowGroups(source.data().geometry());
      for (int channel = 0; channel < bias.values().length; channel++) {
        bias.gradients()[channel] += (float) sums.total(groups, channel, 0);
      }
    }

    @Override
    public float center(int channel) {
      return 0;
    }

    @Override
    public float factor(int channel) {
      return 1;
    }

    @Override
    public float addend(int channel) {
      return bias.values()[channel];
    }

    @Override
    public float ofGradient(int channel) {
      return 1;
    }

    @Override
    public float ofValue(int channel) {
      return 0;
    }

    @Override
    public float constant(int channel) {
      return 0;
    }
  }

  /**
   * Batch normalisation (Ioffe &amp; Szegedy 2015): γ (x − mean) / √(variance + ε) + β. The
   * variance of a batch is Σ (x − pivot)² / n − (mean − pivot)², with the running mean as the
   * pivot, which is near the mean once training has begun.
   */
  final class Norm implements Affine {
    private final Layer.BatchNorm layer;
    private final DenseParameter scale;
    private final DenseParameter shift;
    private final DenseParameter runningMean;
    private final DenseParameter runningVariance;
    private final ChannelSums sums;
    private final float[] mean;
    private final float[] inverseDeviation;
    private final float[] factor;
    private final float[] addend;
    private final float[] ofGradient;
    private final float[] ofValue;
    private final float[] constant;
    private boolean isSummedByProducer;

    Norm(
        Layer.BatchNorm layer,
        DenseParameter scale,
        DenseParameter shift,
        DenseParameter runningMean,
        DenseParameter runningVariance,
        ChannelSums sums) {
      this.layer = layer;
      this.scale = scale;
      this.shift = shift;
      this.runningMean = runningMean;
      this.runningVariance = runningVariance;
      this.sums = sums;
      int channels = scale.values().length;
      this.mean = new float[channels];
      this.inverseDeviation = new float[channels];
      this.factor = new float[channels];
      this.addend = new float[channels];
      this.ofGradient = new float[channels];
      this.ofValue = new float[channels];
      this.constant = new float[channels];
    }

    @Override
    public void prepare(Pass pass, Tensor source) {
      if (pass.mode() == Mode.EVALUATE) {
        for (int channel = 0; channel < mean.length; channel++) {
          setStatistics(channel, runningMean.values()[channel], runningVariance.values()[channel]);
        }
        return;
      }
      Geometry geometry = source.data().geometry();
      if (!isSummedByProducer) {
        pass.forEachPiece(geometry, piece -> sum(pass, piece, source.data()));
      }
      double count = count(pass, geometry);
      int groups = pass.rowGroups(geometry);
      for (int channel = 0; channel < mean.length; channel++) {
        double distance = sums.total(groups, channel, 0) / count;
        double variance = Math.max(0, sums.total(groups, channel, 1) / count - distance * distance);
        double batchMean = runningMean.values()[channel] + distance;
        setBatchStatistics(pass.mode(), channel, batchMean, variance, count);
      }
    }

    /** Lets the convolution that computes the source sum its pieces. */
    void joinSums(ConvolutionOperation producer) {
      producer.afterForward((pass, piece) -> sum(pass, piece, producer.result().data()));
      isSummedByProducer = true;
    }

    private void sum(Pass pass, Pass.Piece piece, Buffer x) {
      Kernels.Row pixels = pass.row(x.geometry(), piece.block(), x.geometry().width());
      float[] pivots = runningMean.values();
      sums.sum(
          pass,
          piece,
          (row, channel, place) ->
              pass.kernels()
                  .sums(pixels, x.at(piece.block(), row, channel, 0), pivots[channel], place));
    }

    private void setBatchStatistics(
        Mode mode, int channel, double batchMean, double variance, double count) {
      setStatistics(channel, batchMean, variance);
      if (mode == Mode.TRAIN) {
        double unbiased = count > 1 ? variance * count / (count - 1) : variance;
        move(runningMean.values(), channel, batchMean);
        move(runningVariance.values(), channel, unbiased);
      }
    }

    private void move(float[] running, int channel, double newest) {
      running[channel] =
          (float) ((1 - layer.momentum()) * running[channel] + layer.momentum() * newest);
    }

    private void setStatistics(int channel, double newMean, double variance) {
      double inverse = 1 / Math.sqrt(variance + layer.epsilon());
      mean[channel] = (float) newMean;
      inverseDeviation[channel] = (float) inverse;
      factor[channel] = (float) (scale.values()[channel] * inverse);
      addend[channel] =
          (float) (shift.values()[channel] - newMean * scale.values()[channel] * inverse);
    }

    /** Samples × positions that the statistics are over. */
    private static double count(Pass pass, Geometry geometry) {
      return geometry.vector()
          ? pass.samples()
          : (double) pass.samples() * geometry.height() * geometry.width();
    }

    @Override
    public void finish(Pass pass, Tensor source, ChannelSums gradientSums) {
      Geometry geometry = source.data().geometry();
      double count = count(pass, geometry);
      int groups = pass.rowGroups(geometry);
      for (int channel = 0; channel < mean.length; channel++) {
        double ofShift = gradientSums.total(groups, channel, 0);
        double product = gradientSums.total(groups, channel, 1);
        double inverse = inverseDeviation[channel];
        shift.gradients()[channel] += (float) ofShift;
        scale.gradients()[channel] += (float) (product * inverse);
        double p = scale.values()[channel] * inverse;
        double q = -p * inverse * inverse * product / count;
        ofGradient[channel] = (float) p;
        ofValue[channel] = (float) q;
        constant[channel] = (float) (-p * ofShift / count - q * mean[channel]);
      }
    }

    @Override
    public float center(int channel) {
      return mean[channel];
    }

    @Override
    public float factor(int channel) {
      return factor[channel];
    }

    @Override
    public float addend(int channel) {
      return addend[channel];
    }

    @Override
    public float ofGradient(int channel) {
      return ofGradient[channel];
    }

    @Override
    public float ofValue(int channel) {
      return ofValue[channel];
    }

    @Override
    public float constant(int channel) {
      return constant[channel];
    }
  }
}
