package dev.windfall.vector;

import dev.windfall.network.Layer;

/**
 * Where a convolution's columns, in (input channel, kernel row, kernel column) order, find their
 * pixels: offsets are in pixels from the window's upper left corner in a buffer with the given
 * geometry. A linear layer is a convolution with a kernel of 1.
 *
 * @param geometry of the input buffer
 * @param kernel rows and columns of the kernel
 * @param stride step between two windows, 1 or 2
 * @param padding zeros that the window may reach; the geometry's halo is at least as wide
 */
record InputWindow(Geometry geometry, int kernel, int stride, int padding) {

  static InputWindow of(Layer.Conv2d conv, Geometry input) {
    return new InputWindow(input, conv.kernel(), conv.stride(), conv.padding());
  }

  static InputWindow ofLinear(Geometry input) {
    return new InputWindow(input, 1, 1, 0);
  }

  int channel(int column) {
    return column / (kernel * kernel);
  }

  int kernelRow(int column) {
    return column / kernel % kernel;
  }

  int kernelColumn(int column) {
    return column % kernel;
  }

  /** The pixel offset of a column. */
  int offset(int column) {
    return (kernelRow(column) * geometry.channels() + channel(column)) * geometry.channelPixels()
        + kernelColumn(column);
  }

  /** The column of a pixel offset: the inverse of {@link #offset}. */
  int column(int offset) {
    int pixels = geometry.channelPixels();
    int line = offset / pixels;
    int channel = line % geometry.channels();
    int kernelRow = line / geometry.channels();
    return (channel * kernel + kernelRow) * kernel + offset % pixels;
  }

  /** How many sets of inputs are reached by different kernel positions: stride². */
  int planes() {
    return stride * stride;
  }
}
