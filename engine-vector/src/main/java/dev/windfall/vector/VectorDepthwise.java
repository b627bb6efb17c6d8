package dev.windfall.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of depthwise 3×3 convolutions on vectors: a whole row of a channel's map, with the nine
 * weights, or the nine sums of their gradients, in registers.
 */
final class VectorDepthwise {

  private static final VectorSpecies<Float> SPECIES = KernelChoice.species();
  private static final int PIXEL = Geometry.PIXEL_BYTES;

  private VectorDepthwise() {}

  private static FloatVector load(MemorySegment memory, long offset) {
    return FloatVector.fromMemorySegment(SPECIES, memory, offset, ByteOrder.LITTLE_ENDIAN);
  }

  private static void store(FloatVector vector, MemorySegment memory, long offset) {
    vector.intoMemorySegment(memory, offset, ByteOrder.LITTLE_ENDIAN);
  }

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }

  /** {@link Kernels#depthwiseRow} for the lanes that begin at {@code in} and {@code out}. */
  static void row(
      MemorySegment memory,
      long in,
      Kernels.Filter filter,
      float[] weights,
      int from,
      long out,
      int pixels) {
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector w0 = constant(weights[from]);
    FloatVector w1 = constant(weights[from + 1]);
    FloatVector w2 = constant(weights[from + 2]);
    FloatVector w3 = constant(weights[from + 3]);
    FloatVector w4 = constant(weights[from + 4]);
    FloatVector w5 = constant(weights[from + 5]);
    FloatVector w6 = constant(weights[from + 6]);
    FloatVector w7 = constant(weights[from + 7]);
    FloatVector w8 = constant(weights[from + 8]);
    long c1 = filter.columnStep();
    long c2 = 2 * c1;
    long step = filter.pixelStep();
    long x = in;
    long y = in + filter.rowStep();
    long z = y + filter.rowStep();
    long end = out + (long) pixels * PIXEL;
    for (long place = out; place < end; place += PIXEL) {
      FloatVector sum = w0.fma(load(memory, x), zero);
      sum = w1.fma(load(memory, x + c1), sum);
      sum = w2.fma(load(memory, x + c2), sum);
      sum = w3.fma(load(memory, y), sum);
      sum = w4.fma(load(memory, y + c1), sum);
      sum = w5.fma(load(memory, y + c2), sum);
      sum = w6.fma(load(memory, z), sum);
      sum = w7.fma(load(memory, z + c1), sum);
      sum = w8.fma(load(memory, z + c2), sum);
      store(sum, memory, place);
      x += step;
      y += step;
      z += step;
    }
  }

  /** {@link Kernels#depthwiseGradientRow} for the lanes that begin at the given places. */
  static void gradientRow(
      MemorySegment memory,
      long in,
      Kernels.Filter filter,
      long gradient,
      int pixels,
      MemorySegment partial,
      long place) {
    FloatVector s0 = load(partial, place);
    FloatVector s1 = load(partial, place + PIXEL);
    FloatVector s2 = load(partial, place + 2 * PIXEL);
    FloatVector s3 = load(partial, place + 3 * PIXEL);
    FloatVector s4 = load(partial, place + 4 * PIXEL);
    FloatVector s5 = load(partial, place + 5 * PIXEL);
    FloatVector s6 = load(partial, place + 6 * PIXEL);
    FloatVector s7 = load(partial, place + 7 * PIXEL);
    FloatVector s8 = load(partial, place + 8 * PIXEL);
    long c1 = filter.columnStep();
    long c2 = 2 * c1;
    long step = filter.pixelStep();
    long x = in;
    long y = in + filter.rowStep();
    long z = y + filter.rowStep();
    long end = gradient + (long) pixels * PIXEL;
    for (long source = gradient; source < end; source += PIXEL) {
      FloatVector g = load(memory, source);
      s0 = g.fma(load(memory, x), s0);
      s1 = g.fma(load(memory, x + c1), s1);
      s2 = g.fma(load(memory, x + c2), s2);
      s3 = g.fma(load(memory, y), s3);
      s4 = g.fma(load(memory, y + c1), s4);
      s5 = g.fma(load(memory, y + c2), s5);
      s6 = g.fma(load(memory, z), s6);
      s7 = g.fma(load(memory, z + c1), s7);
      s8 = g.fma(load(memory, z + c2), s8);
      x += step;
      y += step;
      z += step;
    }
    store(s0, partial, place);
    store(s1, partial, place + PIXEL);
    store(s2, partial, place + 2 * PIXEL);
    store(s3, partial, place + 3 * PIXEL);
    store(s4, partial, place + 4 * PIXEL);
    store(s5, partial, place + 5 * PIXEL);
    store(s6, partial, place + 6 * PIXEL);
    store(s7, partial, place + 7 * PIXEL);
    store(s8, partial, place + 8 * PIXEL);
  }
}
