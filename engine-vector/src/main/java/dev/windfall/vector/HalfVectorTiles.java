package dev.windfall.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The hot kernels on vectors of 8 lanes, for machines with 16 vector registers: a pixel is two
 * vectors, and a call does four pixels (eight vectors; sixteen would spill). The sums are those of
 * {@link VectorTiles}, lane by lane.
 */
final class HalfVectorTiles {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_256;
  private static final int PIXEL = Geometry.PIXEL_BYTES;
  private static final int UPPER = PIXEL / 2;

  private HalfVectorTiles() {}

  private static FloatVector load(MemorySegment memory, long offset) {
    return FloatVector.fromMemorySegment(SPECIES, memory, offset, ByteOrder.LITTLE_ENDIAN);
  }

  private static void store(FloatVector vector, MemorySegment memory, long offset) {
    vector.intoMemorySegment(memory, offset, ByteOrder.LITTLE_ENDIAN);
  }

  /** Four pixels, {@code inStep} bytes apart in the input and {@code outStep} in the output. */
  static void multiplyRow(
      MemorySegment memory,
      long in,
      long inStep,
      int[] offsets,
      float[] values,
      int from,
      int to,
      long out,
      long outStep) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector b0 = a0;
    FloatVector a1 = a0;
    FloatVector b1 = a0;
    FloatVector a2 = a0;
    FloatVector b2 = a0;
    FloatVector a3 = a0;
    FloatVector b3 = a0;
    long s2 = 2 * inStep;
    long s3 = 3 * inStep;
    for (long k = from; k < to; k++) {
      FloatVector w = FloatVector.broadcast(SPECIES, values[(int) k]);
      long p = in + (long) offsets[(int) k] * PIXEL;
      a0 = w.fma(load(memory, p), a0);
      b0 = w.fma(load(memory, p + UPPER), b0);
      a1 = w.fma(load(memory, p + inStep), a1);
      b1 = w.fma(load(memory, p + inStep + UPPER), b1);
      a2 = w.fma(load(memory, p + s2), a2);
      b2 = w.fma(load(memory, p + s2 + UPPER), b2);
      a3 = w.fma(load(memory, p + s3), a3);
      b3 = w.fma(load(memory, p + s3 + UPPER), b3);
    }
    store(a0, memory, out);
    store(b0, memory, out + UPPER);
    store(a1, memory, out + outStep);
    store(b1, memory, out + outStep + UPPER);
    store(a2, memory, out + 2 * outStep);
    store(b2, memory, out + 2 * outStep + UPPER);
    store(a3, memory, out + 3 * outStep);
    store(b3, memory, out + 3 * outStep + UPPER);
  }

  /** {@link #multiplyRow} on top of initial values that lie like the output. */
  static void multiplyRowOnto(
      MemorySegment memory,
      long in,
      long inStep,
      int[] offsets,
      float[] values,
      int from,
      int to,
      long out,
      long outStep,
      long initial) {
    FloatVector a0 = load(memory, initial);
    FloatVector b0 = load(memory, initial + UPPER);
    FloatVector a1 = load(memory, initial + outStep);
    FloatVector b1 = load(memory, initial + outStep + UPPER);
    FloatVector a2 = load(memory, initial + 2 * outStep);
    FloatVector b2 = load(memory, initial + 2 * outStep + UPPER);
    FloatVector a3 = load(memory, initial + 3 * outStep);
    FloatVector b3 = load(memory, initial + 3 * outStep + UPPER);
    long s2 = 2 * inStep;
    long s3 = 3 * inStep;
    for (long k = from; k < to; k++) {
      FloatVector w = FloatVector.broadcast(SPECIES, values[(int) k]);
      long p = in + (long) offsets[(int) k] * PIXEL;
      a0 = w.fma(load(memory, p), a0);
      b0 = w.fma(load(memory, p + UPPER), b0);
      a1 = w.fma(load(memory, p + inStep), a1);
      b1 = w.fma(load(memory, p + inStep + UPPER), b1);
      a2 = w.fma(load(memory, p + s2), a2);
      b2 = w.fma(load(memory, p + s2 + UPPER), b2);
      a3 = w.fma(load(memory, p + s3), a3);
      b3 = w.fma(load(memory, p + s3 + UPPER), b3);
    }
    store(a0, memory, out);
    store(b0, memory, out + UPPER);
    store(a1, memory, out + outStep);
    store(b1, memory, out + outStep + UPPER);
    store(a2, memory, out + 2 * outStep);
    store(b2, memory, out + 2 * outStep + UPPER);
    store(a3, memory, out + 3 * outStep);
    store(b3, memory, out + 3 * outStep + UPPER);
  }

  /** One half of the lanes of eight pixels of a row's gradient against each connection. */
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

  /** One half of the lanes of two rows of the gradient against three streams of the input. */
  static void denseGradient(
      MemorySegment memory,
      long stream0,
      long stream1,
      long stream2,
      long gradient,
      long rowStride,
      Kernels.PixelWalk walk,
      MemorySegment partial,
      long place) {
    FloatVector a0 = load(partial, place);
    FloatVector a1 = load(partial, place + PIXEL);
    FloatVector a2 = load(partial, place + 2 * PIXEL);
    FloatVector b0 = load(partial, place + 3 * PIXEL);
    FloatVector b1 = load(partial, place + 4 * PIXEL);
    FloatVector b2 = load(partial, place + 5 * PIXEL);
    long g = gradient;
    long x = 0;
    long width = walk.width();
    long inStep = walk.inStep();
    long inSkip = walk.inSkip();
    long gradientSkip = walk.gradientSkip();
    long left = width;
    for (long p = walk.pixels(); p > 0; p--) {
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
      g += PIXEL;
      x += inStep;
      if (--left == 0) {
        left = width;
        x += inSkip;
        g += gradientSkip;
      }
    }
    store(a0, partial, place);
    store(a1, partial, place + PIXEL);
    store(a2, partial, place + 2 * PIXEL);
    store(b0, partial, place + 3 * PIXEL);
    store(b1, partial, place + 4 * PIXEL);
    store(b2, partial, place + 5 * PIXEL);
  }
}
