package dev.windfall.engine.contract;

import dev.windfall.network.Layer;
import dev.windfall.network.Shape;

/**
 * A convolution by its definition, over all positions of the dense tensor. A linear layer is one
 * with a kernel of 1 over maps of one pixel.
 *
 * @param groups of channels; an output sees the inputs of its own group
 * @param weight in (output channel, input channel, kernel row, kernel column) order
 */
public record DenseConvolution(int kernel, int stride, int padding, int groups, double[] weight) {

  public static DenseConvolution of(Layer.Conv2d conv, double[] weight) {
    return new DenseConvolution(
        conv.kernel(), conv.stride(), conv.padding(), conv.groups(), weight);
  }

  public static DenseConvolution linear(double[] weight) {
    return new DenseConvolution(1, 1, 0, 1, weight);
  }

  /** One product of the layer, by the indices of its factors and of the sum it belongs to. */
  @FunctionalInterface
  private interface Product {
    void at(int input, int weight, int output);
  }

  private void forEachProduct(DenseMaps in, DenseMaps out, Product product) {
    for (int sample = 0; sample < in.samples(); sample++) {
      for (int channel = 0; channel < out.shape().channels(); channel++) {
        for (int y = 0; y < out.shape().height(); y++) {
          for (int x = 0; x < out.shape().width(); x++) {
            int group = channel * groups / out.shape().channels();
            int output = out.index(sample, channel, y, x);
            forEachProduct(in, sample, channel, group, y, x, output, product);
          }
        }
      }
    }
  }

  private void forEachProduct(
      DenseMaps in, int sample, int channel, int group, int y, int x, int output, Product product) {
    int inputs = in.shape().channels() / groups;
    for (int input = 0; input < inputs; input++) {
      for (int kernelRow = 0; kernelRow < kernel; kernelRow++) {
        for (int kernelColumn = 0; kernelColumn < kernel; kernelColumn++) {
          int row = y * stride - padding + kernelRow;
          int column = x * stride - padding + kernelColumn;
          if (in.contains(row, column)) {
            int place = ((channel * inputs + input) * kernel + kernelRow) * kernel + kernelColumn;
            product.at(in.index(sample, group * inputs + input, row, column), place, output);
          }
        }
      }
    }
  }

  public DenseMaps forward(DenseMaps in, Shape shape) {
    DenseMaps out = DenseMaps.zeros(in.samples(), shape);
    forEachProduct(in, out, (i, w, o) -> out.values()[o] += weight[w] * in.values()[i]);
    return out;
  }

  public DenseMaps inputGradient(DenseMaps in, DenseMaps gradient) {
    DenseMaps result = DenseMaps.like(in);
    forEachProduct(
        in, gradient, (i, w, o) -> result.values()[i] += weight[w] * gradient.values()[o]);
    return result;
  }

  public double[] weightGradient(DenseMaps in, DenseMaps gradient) {
    double[] result = new double[weight.length];
    forEachProduct(in, gradient, (i, w, o) -> result[w] += in.values()[i] * gradient.values()[o]);
    return result;
  }
}
