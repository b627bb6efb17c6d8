package dev.windfall.vector;

import dev.windfall.network.Layer;

/**
 * Where a convolution's connections find their pixels: a column of the weight matrix, in (input
 * channel of the group, kernel row, kernel column) order, becomes an offset in pixels from the
 * window's upper left corner in a buffer with the given geometry. So a grouped convolution is
 * nothing special to the kernels: the offsets of a row reach the channels of its group alone. A
 * linear layer is a convolution with a kernel of 1.
 *
 * @param geometry of the input buffer
 * @param kernel rows and columns of the kernel
 * @param stride step between two windows, 1 or 2
 * @param padding zeros that the window may reach; the geometry's halo is at least as wide
 * @param groups into how many groups the input channels are split
 */
record InputWindow(Geometry geometry, int kernel, int stride, int padding, int groups) {

  static InputWindow of(Layer.Conv2d conv, Geometry input) {
    return new InputWindow(input, conv.kernel(), conv.stride(), conv.padding(), conv.groups());
  }

  static InputWindow ofLinear(Geometry input) {
    return new InputWindow(input, 1, 1, 0, 1);
  }

  private int groupChannels() {
    return geometry.channels() / groups;
  }

  /**
   * The pixel offset of a column.
   *
   * @param group whose row of the weight matrix it is
   */
  int offset(int group, int column) {
    int channel = group * groupChannels() + column / (kernel * kernel);
    int kernelRow = column / kernel % kernel;
    return (kernelRow * geometry.channels() + channel) * geometry.channelPixels() + column % kernel;
  }

  /** The column of a pixel offset: the inverse of {@link #offset}. */
  int column(int offset) {
    return (channel(offset) % groupChannels() * kernel + kernelRow(offset)) * kernel
        + kernelColumn(offset);
  }

  /** The input channel that a pixel offset lies in. */
  int channel(int offset) {
    return offset / geometry.channelPixels() % geometry.channels();
  }

  /** The row of the kernel that a pixel offset belongs to. */
  int kernelRow(int offset) {
    return offset / geometry.channelPixels() / geometry.channels();
  }

  /** The column of the kernel that a pixel offset belongs to. */
  int kernelColumn(int offset) {
    return offset % geometry.channelPixels();
  }

  /** How many sets of inputs are reached by different kernel positions: stride². */
  int planes() {
    return stride * stride;
  }
}
