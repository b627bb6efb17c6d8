package dev.windfall.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The hot kernels on vectors of 16 lanes: a pixel is one vector, a tile eight. Each method is one
 * row of one tile with a single loop over the row's connections: the tile's outputs stay in
 * registers, and the inputs come straight from memory into the fma.
 *
 * <p>The loop's variable is a long on purpose: C2 unrolls an int loop, spills the accumulators and
 * loses two thirds of the speed.
 */
final class VectorTiles {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_512;
  private static final int PIXEL = Geometry.PIXEL_BYTES;

  private VectorTiles() {}

  private static FloatVector load(MemorySegment memory, long offset) {
    return FloatVector.fromMemorySegment(SPECIES, memory, offset, ByteOrder.LITTLE_ENDIAN);
  }

  private static void store(FloatVector vector, MemorySegment memory, long offset) {
    vector.intoMemorySegment(memory, offset, ByteOrder.LITTLE_ENDIAN);
  }

  /** One row of a tile whose pixels stand one behind the other, or in two halves that do. */
  static void multiplyRow(
      MemorySegment memory,
      long in,
      Kernels.Tile inTile,
      int[] offsets,
      float[] values,
      int from,
      int to,
      long out,
      Kernels.Tile outTile) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    FloatVector a4 = a0;
    FloatVector a5 = a0;
    FloatVector a6 = a0;
    FloatVector a7 = a0;
    long half = inTile.half();
    for (long k = from; k < to; k++) {
      FloatVector w = FloatVector.broadcast(SPECIES, values[(int) k]);
      long p = in + (long) offsets[(int) k] * PIXEL;
      long q = p + half;
      a0 = w.fma(load(memory, p), a0);
      a1 = w.fma(load(memory, p + PIXEL), a1);
      a2 = w.fma(load(memory, p + 2 * PIXEL), a2);
      a3 = w.fma(load(memory, p + 3 * PIXEL), a3);
      a4 = w.fma(load(memory, q), a4);
      a5 = w.fma(load(memory, q + PIXEL), a5);
      a6 = w.fma(load(memory, q + 2 * PIXEL), a6);
      a7 = w.fma(load(memory, q + 3 * PIXEL), a7);
    }
    long upper = out + outTile.half();
    store(a0, memory, out);
    store(a1, memory, out + PIXEL);
    store(a2, memory, out + 2 * PIXEL);
    store(a3, memory, out + 3 * PIXEL);
    store(a4, memory, upper);
    store(a5, memory, upper + PIXEL);
    store(a6, memory, upper + 2 * PIXEL);
    store(a7, memory, upper + 3 * PIXEL);
  }

  /** {@link #multiplyRow} on top of initial values that lie like the output. */
  static void multiplyRowOnto(
      MemorySegment memory,
      long in,
      Kernels.Tile inTile,
      int[] offsets,
      float[] values,
      int from,
      int to,
      long out,
      Kernels.Tile outTile,
      long initial) {
    long initialUpper = initial + outTile.half();
    FloatVector a0 = load(memory, initial);
    FloatVector a1 = load(memory, initial + PIXEL);
    FloatVector a2 = load(memory, initial + 2 * PIXEL);
    FloatVector a3 = load(memory, initial + 3 * PIXEL);
    FloatVector a4 = load(memory, initialUpper);
    FloatVector a5 = load(memory, initialUpper + PIXEL);
    FloatVector a6 = load(memory, initialUpper + 2 * PIXEL);
    FloatVector a7 = load(memory, initialUpper + 3 * PIXEL);
    long half = inTile.half();
    for (long k = from; k < to; k++) {
      FloatVector w = FloatVector.broadcast(SPECIES, values[(int) k]);
      long p = in + (long) offsets[(int) k] * PIXEL;
      long q = p + half;
      a0 = w.fma(load(memory, p), a0);
      a1 = w.fma(load(memory, p + PIXEL), a1);
      a2 = w.fma(load(memory, p + 2 * PIXEL), a2);
      a3 = w.fma(load(memory, p + 3 * PIXEL), a3);
      a4 = w.fma(load(memory, q), a4);
      a5 = w.fma(load(memory, q + PIXEL), a5);
      a6 = w.fma(load(memory, q + 2 * PIXEL), a6);
      a7 = w.fma(load(memory, q + 3 * PIXEL), a7);
    }
    long upper = out + outTile.half();
    store(a0, memory, out);
    store(a1, memory, out + PIXEL);
    store(a2, memory, out + 2 * PIXEL);
    store(a3, memory, out + 3 * PIXEL);
    store(a4, memory, upper);
    store(a5, memory, upper + PIXEL);
    store(a6, memory, upper + 2 * PIXEL);
    store(a7, memory, upper + 3 * PIXEL);
  }

  /** {@link #multiplyRow} for pixels in steps of any length, as strides make them. */
  static void multiplySteppedRow(
      MemorySegment memory,
      long in,
      Kernels.Tile inTile,
      int[] offsets,
      float[] values,
      int from,
      int to,
      long out,
      Kernels.Tile outTile) {
    long t1 = outTile.step();
    long t2 = 2 * outTile.step();
    long t3 = 3 * outTile.step();
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    FloatVector a4 = a0;
    FloatVector a5 = a0;
    FloatVector a6 = a0;
    FloatVector a7 = a0;
    long s1 = inTile.step();
    long s2 = 2 * inTile.step();
    long s3 = 3 * inTile.step();
    long half = inTile.half();
    for (long k = from; k < to; k++) {
      FloatVector w = FloatVector.broadcast(SPECIES, values[(int) k]);
      long p = in + (long) offsets[(int) k] * PIXEL;
      long q = p + half;
      a0 = w.fma(load(memory, p), a0);
      a1 = w.fma(load(memory, p + s1), a1);
      a2 = w.fma(load(memory, p + s2), a2);
      a3 = w.fma(load(memory, p + s3), a3);
      a4 = w.fma(load(memory, q), a4);
      a5 = w.fma(load(memory, q + s1), a5);
      a6 = w.fma(load(memory, q + s2), a6);
      a7 = w.fma(load(memory, q + s3), a7);
    }
    long upper = out + outTile.half();
    store(a0, memory, out);
    store(a1, memory, out + t1);
    store(a2, memory, out + t2);
    store(a3, memory, out + t3);
    store(a4, memory, upper);
    store(a5, memory, upper + t1);
    store(a6, memory, upper + t2);
    store(a7, memory, upper + t3);
  }

  /** {@link #multiplySteppedRow} on top of initial values that lie like the output. */
  static void multiplySteppedRowOnto(
      MemorySegment memory,
      long in,
      Kernels.Tile inTile,
      int[] offsets,
      float[] values,
      int from,
      int to,
      long out,
      Kernels.Tile outTile,
      long initial) {
    long t1 = outTile.step();
    long t2 = 2 * outTile.step();
    long t3 = 3 * outTile.step();
    long initialUpper = initial + outTile.half();
    FloatVector a0 = load(memory, initial);
    FloatVector a1 = load(memory, initial + t1);
    FloatVector a2 = load(memory, initial + t2);
    FloatVector a3 = load(memory, initial + t3);
    FloatVector a4 = load(memory, initialUpper);
    FloatVector a5 = load(memory, initialUpper + t1);
    FloatVector a6 = load(memory, initialUpper + t2);
    FloatVector a7 = load(memory, initialUpper + t3);
    long s1 = inTile.step();
    long s2 = 2 * inTile.step();
    long s3 = 3 * inTile.step();
    long half = inTile.half();
    for (long k = from; k < to; k++) {
      FloatVector w = FloatVector.broadcast(SPECIES, values[(int) k]);
      long p = in + (long) offsets[(int) k] * PIXEL;
      long q = p + half;
      a0 = w.fma(load(memory, p), a0);
      a1 = w.fma(load(memory, p + s1), a1);
      a2 = w.fma(load(memory, p + s2), a2);
      a3 = w.fma(load(memory, p + s3), a3);
      a4 = w.fma(load(memory, q), a4);
      a5 = w.fma(load(memory, q + s1), a5);
      a6 = w.fma(load(memory, q + s2), a6);
      a7 = w.fma(load(memory, q + s3), a7);
    }
    long upper = out + outTile.half();
    store(a0, memory, out);
    store(a1, memory, out + t1);
    store(a2, memory, out + t2);
    store(a3, memory, out + t3);
    store(a4, memory, upper);
    store(a5, memory, upper + t1);
    store(a6, memory, upper + t2);
    store(a7, memory, upper + t3);
  }

  /**
   * The weight gradient of one row of a tile: eight pixels of its gradient, which stay in
   * registers, against each connection.
   */
  static void weightGradientRow(
      MemorySegment memory,
      long in,
      Kernels.Tile inTile,
      int[] offsets,
      int from,
      int to,
      long gradient,
      Kernels.Tile gradientTile,
      MemorySegment partial,
      long partialOffset) {
    long upper = gradient + gradientTile.half();
    FloatVector g0 = load(memory, gradient);
    FloatVector g1 = load(memory, gradient + PIXEL);
    FloatVector g2 = load(memory, gradient + 2 * PIXEL);
    FloatVector g3 = load(memory, gradient + 3 * PIXEL);
    FloatVector g4 = load(memory, upper);
    FloatVector g5 = load(memory, upper + PIXEL);
    FloatVector g6 = load(memory, upper + 2 * PIXEL);
    FloatVector g7 = load(memory, upper + 3 * PIXEL);
    long half = inTile.half();
    for (long k = from; k < to; k++) {
      long p = in + (long) offsets[(int) k] * PIXEL;
      long q = p + half;
      long place = partialOffset + (k - from) * PIXEL;
      FloatVector even = load(memory, p).fma(g0, load(partial, place));
      FloatVector odd = load(memory, p + PIXEL).mul(g1);
      even = load(memory, p + 2 * PIXEL).fma(g2, even);
      odd = load(memory, p + 3 * PIXEL).fma(g3, odd);
      even = load(memory, q).fma(g4, even);
      odd = load(memory, q + PIXEL).fma(g5, odd);
      even = load(memory, q + 2 * PIXEL).fma(g6, even);
      odd = load(memory, q + 3 * PIXEL).fma(g7, odd);
      store(even.add(odd), partial, place);
    }
  }

  /** {@link #weightGradientRow} for pixels in steps of any length. */
  static void weightGradientSteppedRow(
      MemorySegment memory,
      long in,
      Kernels.Tile inTile,
      int[] offsets,
      int from,
      int to,
      long gradient,
      Kernels.Tile gradientTile,
      MemorySegment partial,
      long partialOffset) {
    long upper = gradient + gradientTile.half();
    FloatVector g0 = load(memory, gradient);
    FloatVector g1 = load(memory, gradient + PIXEL);
    FloatVector g2 = load(memory, gradient + 2 * PIXEL);
    FloatVector g3 = load(memory, gradient + 3 * PIXEL);
    FloatVector g4 = load(memory, upper);
    FloatVector g5 = load(memory, upper + PIXEL);
    FloatVector g6 = load(memory, upper + 2 * PIXEL);
    FloatVector g7 = load(memory, upper + 3 * PIXEL);
    long s1 = inTile.step();
    long s2 = 2 * inTile.step();
    long s3 = 3 * inTile.step();
    long half = inTile.half();
    for (long k = from; k < to; k++) {
      long p = in + (long) offsets[(int) k] * PIXEL;
      long q = p + half;
      long place = partialOffset + (k - from) * PIXEL;
      FloatVector even = load(memory, p).fma(g0, load(partial, place));
      FloatVector odd = load(memory, p + s1).mul(g1);
      even = load(memory, p + s2).fma(g2, even);
      odd = load(memory, p + s3).fma(g3, odd);
      even = load(memory, q).fma(g4, even);
      odd = load(memory, q + s1).fma(g5, odd);
      even = load(memory, q + s2).fma(g6, even);
      odd = load(memory, q + s3).fma(g7, odd);
      store(even.add(odd), partial, place);
    }
  }

  /** Four rows of the gradient against three streams of the input. */
  static void denseGradientRow(
      MemorySegment memory,
      long stream0,
      long stream1,
      long stream2,
      long gradient,
      long rowStride,
      int pixels,
      long inStep,
      MemorySegment partial,
      long place) {
    FloatVector a0 = load(partial, place);
    FloatVector a1 = load(partial, place + PIXEL);
    FloatVector a2 = load(partial, place + 2 * PIXEL);
    FloatVector b0 = load(partial, place + 3 * PIXEL);
    FloatVector b1 = load(partial, place + 4 * PIXEL);
    FloatVector b2 = load(partial, place + 5 * PIXEL);
    FloatVector c0 = load(partial, place + 6 * PIXEL);
    FloatVector c1 = load(partial, place + 7 * PIXEL);
    FloatVector c2 = load(partial, place + 8 * PIXEL);
    FloatVector d0 = load(partial, place + 9 * PIXEL);
    FloatVector d1 = load(partial, place + 10 * PIXEL);
    FloatVector d2 = load(partial, place + 11 * PIXEL);
    long g = gradient;
    long x = 0;
    for (long p = 0; p < pixels; p++) {
      FloatVector x0 = load(memory, stream0 + x);
      FloatVector x1 = load(memory, stream1 + x);
      FloatVector x2 = load(memory, stream2 + x);
      FloatVector row = load(memory, g);
      a0 = x0.fma(row, a0);
      a1 = x1.fma(row, a1);
      a2 = x2.fma(row, a2);
      row = load(memory, g + rowStride);
      b0 = x0.fma(row, b0);
      b1 = x1.fma(row, b1);
      b2 = x2.fma(row, b2);
      row = load(memory, g + 2 * rowStride);
      c0 = x0.fma(row, c0);
      c1 = x1.fma(row, c1);
      c2 = x2.fma(row, c2);
      row = load(memory, g + 3 * rowStride);
      d0 = x0.fma(row, d0);
      d1 = x1.fma(row, d1);
      d2 = x2.fma(row, d2);
      g += PIXEL;
      x += inStep;
    }
    store(a0, partial, place);
    store(a1, partial, place + PIXEL);
    store(a2, partial, place + 2 * PIXEL);
    store(b0, partial, place + 3 * PIXEL);
    store(b1, partial, place + 4 * PIXEL);
    store(b2, partial, place + 5 * PIXEL);
    store(c0, partial, place + 6 * PIXEL);
    store(c1, partial, place + 7 * PIXEL);
    store(c2, partial, place + 8 * PIXEL);
    store(d0, partial, place + 9 * PIXEL);
    store(d1, partial, place + 10 * PIXEL);
    store(d2, partial, place + 11 * PIXEL);
  }
}
