package dev.windfall.vector;

import dev.windfall.engine.OptimizerStep;
import dev.windfall.network.ActivationFunction;
import java.lang.foreign.MemorySegment;

/**
 * The loops that everything else is made of, on one memory and on byte offsets into it. A pixel is
 * 64 bytes: 16 float lanes of 16 samples. All implementations give the same bits: products and sums
 * are fused where it says fma, and every sum has one order.
 *
 * <p>The planner has checked every offset; kernels do not check again.
 */
interface Kernels {

  /** How the eight pixels of a tile lie: pixel 0–3 in steps, pixel 4–7 in steps behind a half. */
  record Tile(long step, long half) {
    /** Eight pixels one behind the other, {@code stride} pixels apart. */
    static Tile row(int stride) {
      long step = (long) stride * Geometry.PIXEL_BYTES;
      return new Tile(step, 4 * step);
    }

    /** Two rows of four pixels. */
    static Tile twoRows(int stride, long rowBytes) {
      return new Tile((long) stride * Geometry.PIXEL_BYTES, rowBytes);
    }

    /** Whether the pixels of each half stand one behind the other. */
    boolean isConsecutive() {
      return step == Geometry.PIXEL_BYTES;
    }
  }

  /** What this machine runs, in words for people: {@code AVX-512}, {@code scalar}. */
  String description();

  /**
   * One tile of output pixels for a range of rows of a sparse matrix, and of these the connections
   * of one block of columns: {@code out[r] = initial[r] + Σₖ value(k) · in[offset(k)]}, in the
   * order of k, each step one fma. Block after block on top of each other gives the same bits as
   * all of a row at once.
   *
   * @param in where the tile's window begins in the input
   * @param inTile how the window's pixels lie
   * @param rows the sparse rows: offsets are in pixels relative to {@code in}
   * @param block which block of columns
   * @param from first row
   * @param to behind the last row
   * @param out where the tile of row 0 begins in the output
   * @param outTile how the output's pixels lie
   * @param outStride bytes from one row's output to the next row's
   * @param initial where the tile of row 0's initial values begins, laid out like the output; −1
   *     for zeros
   */
  void multiplyTile(
      MemorySegment memory,
      long in,
      Tile inTile,
      SparseRows rows,
      int block,
      int from,
      int to,
      long out,
      Tile outTile,
      long outStride,
      long initial);

  /**
   * Adds one tile's part of the gradient of a sparse matrix's values: {@code partial[k] += Σ pixels
   * in[offset(k)] · gradient[row of k]}, lane by lane, even and odd pixels in a chain each.
   *
   * @param panel which connections
   * @param block and of these only those of one block of columns
   * @param gradient where the tile of row 0 begins in the output's gradient
   * @param gradientTile how the gradient's pixels lie: in steps of one pixel
   * @param gradientStride bytes from one row to the next
   * @param partial a pixel of 16 lanes for each connection of the panel
   */
  void weightGradientTile(
      MemorySegment memory,
      long in,
      Tile inTile,
      SparseRows rows,
      Panel panel,
      int block,
      long gradient,
      Tile gradientTile,
      long gradientStride,
      MemorySegment partial);

  /**
   * A row of a 3×3 filter over one channel: {@code out[p] = Σₖ weight(k) · in[p, k]} for k from 0
   * to 8, in this order, each step one fma: the sum of {@link #multiplyTile} for a row of nine
   * connections.
   *
   * @param in what the first pixel's first weight reads
   * @param filter where the others read
   * @param weights nine of them count
   * @param from the first of these
   * @param out where the first pixel goes; the others follow it
   * @param pixels how many
   */
  void depthwiseRow(
      MemorySegment memory,
      long in,
      Filter filter,
      float[] weights,
      int from,
      long out,
      int pixels);

  /**
   * Adds a row's part of the gradient of a 3×3 filter over one channel: {@code partial[k] += Σₚ
   * gradient[p] · in[p, k]}, lane by lane, pixel after pixel.
   *
   * @param in what the first pixel's first weight reads
   * @param filter where the others read
   * @param gradient of the first pixel; the others follow it
   * @param pixels how many
   * @param partial nine pixels from byte {@code place}
   */
  void depthwiseGradientRow(
      MemorySegment memory,
      long in,
      Filter filter,
      long gradient,
      int pixels,
      MemorySegment partial,
      long place);

  /**
   * Where the weights of a 3×3 filter read, in bytes; steps may be negative.
   *
   * @param rowStep from one row of weights to the next
   * @param columnStep from one weight of a row to the next
   * @param pixelStep from one output's to the next output's
   */
  record Filter(long rowStep, long columnStep, long pixelStep) {

    /** Where a weight reads, relative to the first one of the first pixel. */
    long at(int pixel, int weight) {
      return pixel * pixelStep + weight / 3 * rowStep + weight % 3 * columnStep;
    }
  }

  /**
   * Sums the 16 lanes of consecutive pixels in a fixed tree: lane i + lane i+8, then 4, 2, 1.
   *
   * @param partial pixels from byte 0 on
   * @param count pixels
   * @param into the sums, from {@code offset}
   * @param add whether sums are added to what is there
   */
  void reduceLanes(MemorySegment partial, int count, float[] into, int offset, boolean add);

  /**
   * Adds some rows' part of a dense gradient: {@code partial[4 · 3 pixels] += Σ pixels in[stream s
   * + pixel] · gradient[row r + pixel]} for 4 rows of the tensor × 3 streams of the input.
   *
   * @param stream0 where the first stream begins in the input
   * @param stream1 the second
   * @param stream2 the third
   * @param gradient where the first of the four rows begins in the output's gradient
   * @param rowStride bytes from one of the four to the next
   * @param walk which pixels
   * @param partial 12 pixels, row-major, from byte {@code partialOffset}
   */
  void denseGradient(
      MemorySegment memory,
      long stream0,
      long stream1,
      long stream2,
      long gradient,
      long rowStride,
      PixelWalk walk,
      MemorySegment partial,
      long partialOffset);

  /** {@code out = fma(a, x, b) · live}, on a row of pixels. */
  void affine(Row row, long x, float a, float b, long out);

  /** {@code out = max(0, fma(a, x, b)) · live}. */
  void affineRelu(Row row, long x, float a, float b, long out);

  /** {@code out = fma(a, x, fma(c, y, b)) · live}. */
  void affinePair(Row row, long x, float a, long y, float c, float b, long out);

  /** {@code out = max(0, fma(a, x, fma(c, y, b))) · live}. */
  void affinePairRelu(Row row, long x, float a, long y, float c, float b, long out);

  /** {@code x = function(x)} in place; 0 stays 0 only where the function says so. */
  void activate(Row row, ActivationFunction function, long x);

  /** {@code gradient = gradient · function′(z)}. */
  void activationGradient(Row row, ActivationFunction function, long z, long gradient);

  /**
   * Dropout in place: lane-wise zero where the hash of (key of the lane, element) is below the
   * threshold, else times {@code scale}. The same call on a gradient is its own backward.
   *
   * @param keys 16 ints, one per lane and pixel where {@link Row#live} has a step
   * @param element number of the row's first element in its sample
   */
  void dropout(Row row, long x, long keys, int element, int threshold, float scale);

  /** {@code x = x · live}: zeroes dead lanes. */
  void maskDead(Row row, long x);

  /** {@code out = x}, or {@code out = out + x}. */
  void copy(Row row, long x, long out, boolean add);

  /** {@code gradient = out > 0 ? gradient : 0} in place. */
  void reluGradient(Row row, long out, long gradient);

  /**
   * Adds Σ (x − pivot) · live and Σ (x − pivot)² · live, lane by lane.
   *
   * @param sums two pixels
   */
  void sums(Row row, long x, float pivot, long sums);

  /** Adds Σ g and Σ g · (x − mean), lane by lane, to two pixels. */
  void gradientSums(Row row, long g, long x, float mean, long sums);

  /** {@link #gradientSums} of {@code g = fma(a, x, b) > 0 ? d : 0}. */
  void reluGradientSums(Row row, long d, long x, float a, float b, float mean, long sums);

  /** {@code out = fma(p, g, fma(q, x, r)) · live}, or that added to {@code out}. */
  void normGradient(Row row, long g, long x, float p, float q, float r, long out, boolean add);

  /** {@link #normGradient} of {@code g = fma(a, x, b) > 0 ? d : 0}. */
  void reluNormGradient(
      Row row, long d, long x, float a, float b, float p, float q, float r, long out, boolean add);

  /** {@code out = value}. */
  void fill(Row row, float value, long out);

  /** {@code out = factor · pixel}, or that added to {@code out}, for every pixel of the row. */
  void spread(Row row, long pixel, float factor, long out, boolean add);

  /**
   * {@code out = fma(factor, x, out)} for pixels of x that are {@code xStep} bytes apart, and of
   * out that are {@code outStep} bytes apart.
   */
  void addScaled(Row row, long x, long xStep, float factor, long out, long outStep);

  /** {@code out = max(out, x)} for pixels of x that are {@code xStep} bytes apart. */
  void maxInto(Row row, long x, long xStep, long out);

  /**
   * Hands a window's gradient to the first candidate that equals the maximum: where {@code x ==
   * max} and {@code taken == 0}, adds g to dx and sets taken to 1.
   */
  void maxGradient(Row row, long x, long max, long g, long taken, long dx, long step);

  /**
   * One optimizer step on the values {@code from} to {@code to}, with {@link OptimizerStep.Sgd}'s
   * formula; clears the gradients.
   */
  void sgdStep(OptimizerSlots slots, int from, int to, SgdConstants step);

  /** As the other, with {@link OptimizerStep.Adam}'s formula. */
  void adamStep(OptimizerSlots slots, int from, int to, AdamConstants step);

  /**
   * Multiplies and adds in registers as fast as the machine can.
   *
   * @return the operations of all iterations
   */
  double peakLoop(long iterations);

  /**
   * A row of pixels.
   *
   * @param memory what offsets refer to
   * @param pixels how many
   * @param live offset of a pixel of ones (live lanes) and zeros (dead lanes)
   * @param liveStep bytes to the live lanes of the next pixel: 0 where all pixels are of the same
   *     samples
   */
  record Row(MemorySegment memory, int pixels, long live, long liveStep) {}

  /**
   * Some rows of an output map, and the inputs under them.
   *
   * @param pixels in all
   * @param width pixels of a row
   * @param inStep bytes between the inputs of two pixels of a row
   * @param inSkip bytes more from a row's last input to the next row's first
   * @param gradientSkip bytes more from a row's last gradient to the next row's first
   */
  record PixelWalk(int pixels, int width, long inStep, long inSkip, long gradientSkip) {}

  /**
   * Sparse rows as a kernel reads them.
   *
   * @param bounds where the connections of each block of columns begin and end
   * @param offsets in pixels
   * @param values one per offset
   */
  record SparseRows(ColumnBlocks bounds, int[] offsets, float[] values) {}

  /**
   * Consecutive connections, which may begin and end within a row.
   *
   * @param firstRow the row of the first connection
   * @param endRow behind the row of the last connection
   * @param from first connection
   * @param to behind the last connection
   */
  record Panel(int firstRow, int endRow, int from, int to) {

    /** Connections of the panel. */
    int count() {
      return to - from;
    }
  }
}
