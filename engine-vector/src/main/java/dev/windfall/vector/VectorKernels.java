package dev.windfall.vector;

import dev.windfall.network.ActivationFunction;
import dev.windfall.random.DropoutHash;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernels on the Vector API, with 16 or 8 lanes. The width is a constant of the class, chosen
 * when it is loaded ({@link KernelChoice}), so that the compiler sees one species only. A pixel is
 * one vector of 16 lanes or two of 8; element-wise loops visit the lanes of all pixels, then, with
 * 8 lanes, the other half.
 */
final class VectorKernels implements Kernels {

  private static final VectorSpecies<Float> SPECIES = KernelChoice.species();
  private static final VectorSpecies<Integer> INTS = SPECIES.withLanes(int.class);
  private static final boolean WHOLE = SPECIES.length() == Geometry.LANES;
  private static final int PIXEL = Geometry.PIXEL_BYTES;
  private static final int BYTES = SPECIES.vectorByteSize();
  private static final int UPPER = PIXEL / 2;

  @Override
  public String description() {
    return WHOLE ? "Vector API, 16 lanes" : "Vector API, 8 lanes";
  }

  private static FloatVector load(MemorySegment memory, long offset) {
    return FloatVector.fromMemorySegment(SPECIES, memory, offset, ByteOrder.LITTLE_ENDIAN);
  }

  private static void store(FloatVector vector, MemorySegment memory, long offset) {
    vector.intoMemorySegment(memory, offset, ByteOrder.LITTLE_ENDIAN);
  }

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }

  @Override
  public void multiplyTile(
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
      long initial) {
    if (!WHOLE) {
      multiplyHalfTile(memory, in, inTile, rows, block, from, to, out, outTile, outStride, initial);
      return;
    }
    boolean consecutive = inTile.isConsecutive() && outTile.isConsecutive();
    int[] bounds = rows.bounds().bounds();
    int first = block * rows.bounds().rows();
    int last = first + rows.bounds().rows();
    int[] offsets = rows.offsets();
    float[] values = rows.values();
    for (int row = from; row < to; row++) {
      int start = bounds[first + row];
      int end = bounds[last + row];
      long place = out + row * outStride;
      if (initial < 0) {
        if (consecutive) {
          VectorTiles.multiplyRow(memory, in, inTile, offsets, values, start, end, place, outTile);
        } else {
          VectorTiles.multiplySteppedRow(
              memory, in, inTile, offsets, values, start, end, place, outTile);
        }
      } else {
        long onto = initial + row * outStride;
        if (consecutive) {
          VectorTiles.multiplyRowOnto(
              memory, in, inTile, offsets, values, start, end, place, outTile, onto);
        } else {
          VectorTiles.multiplySteppedRowOnto(
              memory, in, inTile, offsets, values, start, end, place, outTile, onto);
        }
      }
    }
  }

  private static void multiplyHalfTile(
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
      long initial) {
    for (int row = from; row < to; row++) {
      int start = rows.bounds().from(block, row);
      int end = rows.bounds().to(block, row);
      for (int part = 0; part < 2; part++) {
        long place = row * outStride + part * outTile.half();
        long source = in + part * inTile.half();
        if (initial < 0) {
          HalfVectorTiles.multiplyRow(
              memory,
              source,
              inTile.step(),
              rows.offsets(),
              rows.values(),
              start,
              end,
              out + place,
              outTile.step());
        } else {
          HalfVectorTiles.multiplyRowOnto(
              memory,
              source,
              inTile.step(),
              rows.offsets(),
              rows.values(),
              start,
              end,
              out + place,
              outTile.step(),
              initial + place);
        }
      }
    }
  }

  @Override
  public void weightGradientTile(
      MemorySegment memory,
      long in,
      Tile inTile,
      SparseRows rows,
      Panel panel,
      int block,
      long gradient,
      Tile gradientTile,
      long gradientStride,
      MemorySegment partial) {
    int[] offsets = rows.offsets();
    boolean consecutive = inTile.isConsecutive();
    for (int row = panel.firstRow(); row < panel.endRow(); row++) {
      int start = Math.max(rows.bounds().from(block, row), panel.from());
      int end = Math.min(rows.bounds().to(block, row), panel.to());
      if (start >= end) {
        continue;
      }
      long place = (long) (start - panel.from()) * PIXEL;
      long g = gradient + row * gradientStride;
      if (!WHOLE) {
        for (int h = 0; h < PIXEL; h += UPPER) {
          HalfVectorTiles.weightGradientRow(
              memory, in + h, inTile, offsets, start, end, g + h, gradientTile, partial, place + h);
        }
      } else if (consecutive) {
        VectorTiles.weightGradientRow(
            memory, in, inTile, offsets, start, end, g, gradientTile, partial, place);
      } else {
        VectorTiles.weightGradientSteppedRow(
            memory, in, inTile, offsets, start, end, g, gradientTile, partial, place);
      }
    }
  }

  @Override
  public void depthwiseRow(
      MemorySegment memory,
      long in,
      Filter filter,
      float[] weights,
      int from,
      long out,
      int pixels) {
    for (int h = 0; h < PIXEL; h += BYTES) {
      VectorDepthwise.row(memory, in + h, filter, weights, from, out + h, pixels);
    }
  }

  @Override
  public void depthwiseGradientRow(
      MemorySegment memory,
      long in,
      Filter filter,
      long gradient,
      int pixels,
      MemorySegment partial,
      long place) {
    for (int h = 0; h < PIXEL; h += BYTES) {
      VectorDepthwise.gradientRow(memory, in + h, filter, gradient + h, pixels, partial, place + h);
    }
  }

  @Override
  public void reduceLanes(MemorySegment partial, int count, float[] into, int offset, boolean add) {
    float[] four = new float[4];
    for (int i = 0; i < count; i++) {
      long place = (long) i * PIXEL;
      FloatVector eight =
          FloatVector.fromMemorySegment(
                  FloatVector.SPECIES_256, partial, place, ByteOrder.LITTLE_ENDIAN)
              .add(
                  FloatVector.fromMemorySegment(
                      FloatVector.SPECIES_256, partial, place + UPPER, ByteOrder.LITTLE_ENDIAN));
      FloatVector low = (FloatVector) eight.castShape(FloatVector.SPECIES_128, 0);
      FloatVector high = (FloatVector) eight.castShape(FloatVector.SPECIES_128, 1);
      low.add(high).intoArray(four, 0);
      float sum = (four[0] + four[2]) + (four[1] + four[3]);
      into[offset + i] = add ? into[offset + i] + sum : sum;
    }
  }

  @Override
  public void denseGradient(
      MemorySegment memory,
      long stream0,
      long stream1,
      long stream2,
      long gradient,
      long rowStride,
      PixelWalk walk,
      MemorySegment partial,
      long partialOffset) {
    if (WHOLE) {
      VectorTiles.denseGradient(
          memory, stream0, stream1, stream2, gradient, rowStride, walk, partial, partialOffset);
      return;
    }
    for (int pair = 0; pair < 2; pair++) {
      for (int lanes = 0; lanes < PIXEL; lanes += UPPER) {
        HalfVectorTiles.denseGradient(
            memory,
            stream0 + lanes,
            stream1 + lanes,
            stream2 + lanes,
            gradient + 2L * pair * rowStride + lanes,
            rowStride,
            walk,
            partial,
            partialOffset + 6L * pair * PIXEL + lanes);
      }
    }
  }

  @Override
  public void affine(Row row, long x, float a, float b, long out) {
    MemorySegment m = row.memory();
    FloatVector factor = constant(a);
    FloatVector addend = constant(b);
    for (int h = 0; h < PIXEL; h += BYTES) {
      long live = row.live() + h;
      for (long i = h, end = (long) row.pixels() * PIXEL; i < end; i += PIXEL) {
        store(factor.fma(load(m, x + i), addend).mul(load(m, live)), m, out + i);
        live += row.liveStep();
      }
    }
  }

  @Override
  public void affineRelu(Row row, long x, float a, float b, long out) {
    MemorySegment m = row.memory();
    FloatVector factor = constant(a);
    FloatVector addend = constant(b);
    for (int h = 0; h < PIXEL; h += BYTES) {
      long live = row.live() + h;
      for (long i = h, end = (long) row.pixels() * PIXEL; i < end; i += PIXEL) {
        FloatVector z = factor.fma(load(m, x + i), addend);
        store(VectorFunctions.relu(z).mul(load(m, live)), m, out + i);
        live += row.liveStep();
      }
    }
  }

  @Override
  public void affinePair(Row row, long x, float a, long y, float c, float b, long out) {
    MemorySegment m = row.memory();
    FloatVector first = constant(a);
    FloatVector second = constant(c);
    FloatVector addend = constant(b);
    for (int h = 0; h < PIXEL; h += BYTES) {
      long live = row.live() + h;
      for (long i = h, end = (long) row.pixels() * PIXEL; i < end; i += PIXEL) {
        FloatVector z = first.fma(load(m, x + i), second.fma(load(m, y + i), addend));
        store(z.mul(load(m, live)), m, out + i);
        live += row.liveStep();
      }
    }
  }

  @Override
  public void affinePairRelu(Row row, long x, float a, long y, float c, float b, long out) {
    MemorySegment m = row.memory();
    FloatVector first = constant(a);
    FloatVector second = constant(c);
    FloatVector addend = constant(b);
    for (int h = 0; h < PIXEL; h += BYTES) {
      long live = row.live() + h;
      for (long i = h, end = (long) row.pixels() * PIXEL; i < end; i += PIXEL) {
        FloatVector z = first.fma(load(m, x + i), second.fma(load(m, y + i), addend));
        store(VectorFunctions.relu(z).mul(load(m, live)), m, out + i);
        live += row.liveStep();
      }
    }
  }

  @Override
  public void activate(Row row, ActivationFunction function, long x) {
    MemorySegment m = row.memory();
    for (long i = x, end = x + (long) row.pixels() * PIXEL; i < end; i += BYTES) {
      store(VectorFunctions.value(function, load(m, i)), m, i);
    }
  }

  @Override
  public void activationGradient(Row row, ActivationFunction function, long z, long gradient) {
    MemorySegment m = row.memory();
    for (long i = 0, end = (long) row.pixels() * PIXEL; i < end; i += BYTES) {
      FloatVector derivative = VectorFunctions.derivative(function, load(m, z + i));
      store(load(m, gradient + i).mul(derivative), m, gradient + i);
    }
  }

  @Override
  public void dropout(Row row, long x, long keys, int element, int threshold, float scale) {
    MemorySegment m = row.memory();
    boolean elementsDiffer = row.liveStep() == 0;
    for (int h = 0; h < PIXEL; h += BYTES) {
      for (int p = 0; p < row.pixels(); p++) {
        IntVector key =
            IntVector.fromMemorySegment(
                INTS, m, keys + p * row.liveStep() + h, ByteOrder.LITTLE_ENDIAN);
        int number = elementsDiffer ? element + p : element;
        IntVector hash = key.lanewise(VectorOperators.XOR, number * DropoutHash.ELEMENT_FACTOR);
        hash = hash.lanewise(VectorOperators.XOR, hash.lanewise(VectorOperators.LSHR, 16));
        hash = hash.mul(DropoutHash.FIRST_FACTOR);
        hash = hash.lanewise(VectorOperators.XOR, hash.lanewise(VectorOperators.LSHR, 13));
        hash = hash.mul(DropoutHash.SECOND_FACTOR);
        hash = hash.lanewise(VectorOperators.XOR, hash.lanewise(VectorOperators.LSHR, 16));
        VectorMask<Float> dropped =
            hash.lanewise(VectorOperators.LSHR, 8)
                .compare(VectorOperators.LT, threshold)
                .cast(SPECIES);
        long place = x + (long) p * PIXEL + h;
        store(load(m, place).mul(scale).blend(0, dropped), m, place);
      }
    }
  }

  @Override
  public void maskDead(Row row, long x) {
    MemorySegment m = row.memory();
    for (int h = 0; h < PIXEL; h += BYTES) {
      long live = row.live() + h;
      for (long i = x + h, end = x + (long) row.pixels() * PIXEL; i < end; i += PIXEL) {
        store(load(m, i).mul(load(m, live)), m, i);
        live += row.liveStep();
      }
    }
  }

  @Override
  public void copy(Row row, long x, long out, boolean add) {
    MemorySegment m = row.memory();
    for (long i = 0, end = (long) row.pixels() * PIXEL; i < end; i += BYTES) {
      FloatVector value = load(m, x + i);
      store(add ? load(m, out + i).add(value) : value, m, out + i);
    }
  }

  @Override
  public void reluGradient(Row row, long out, long gradient) {
    MemorySegment m = row.memory();
    for (long i = 0, end = (long) row.pixels() * PIXEL; i < end; i += BYTES) {
      FloatVector g = load(m, gradient + i);
      store(VectorFunctions.whereAbove(load(m, out + i), g), m, gradient + i);
    }
  }

  @Override
  public void sums(Row row, long x, float pivot, long sums) {
    MemorySegment m = row.memory();
    FloatVector center = constant(pivot);
    for (int h = 0; h < PIXEL; h += BYTES) {
      FloatVector first = load(m, sums + h);
      FloatVector second = load(m, sums + PIXEL + h);
      long live = row.live() + h;
      for (long i = h, end = (long) row.pixels() * PIXEL; i < end; i += PIXEL) {
        FloatVector distance = load(m, x + i).sub(center).mul(load(m, live));
        first = first.add(distance);
        second = distance.fma(distance, second);
        live += row.liveStep();
      }
      store(first, m, sums + h);
      store(second, m, sums + PIXEL + h);
    }
  }

  @Override
  public void gradientSums(Row row, long g, long x, float mean, long sums) {
    MemorySegment m = row.memory();
    FloatVector center = constant(mean);
    for (int h = 0; h < PIXEL; h += BYTES) {
      FloatVector first = load(m, sums + h);
      FloatVector second = load(m, sums + PIXEL + h);
      for (long i = h, end = (long) row.pixels() * PIXEL; i < end; i += PIXEL) {
        FloatVector gradient = load(m, g + i);
        first = first.add(gradient);
        second = gradient.fma(load(m, x + i).sub(center), second);
      }
      store(first, m, sums + h);
      store(second, m, sums + PIXEL + h);
    }
  }

  @Override
  public void reluGradientSums(Row row, long d, long x, float a, float b, float mean, long sums) {
    MemorySegment m = row.memory();
    FloatVector factor = constant(a);
    FloatVector addend = constant(b);
    FloatVector center = constant(mean);
    for (int h = 0; h < PIXEL; h += BYTES) {
      FloatVector first = load(m, sums + h);
      FloatVector second = load(m, sums + PIXEL + h);
      for (long i = h, end = (long) row.pixels() * PIXEL; i < end; i += PIXEL) {
        FloatVector value = load(m, x + i);
        FloatVector gradient =
            VectorFunctions.whereAbove(factor.fma(value, addend), load(m, d + i));
        first = first.add(gradient);
        second = gradient.fma(value.sub(center), second);
      }
      store(first, m, sums + h);
      store(second, m, sums + PIXEL + h);
    }
  }

  @Override
  public void normGradient(
      Row row, long g, long x, float p, float q, float r, long out, boolean add) {
    MemorySegment m = row.memory();
    FloatVector first = constant(p);
    FloatVector second = constant(q);
    FloatVector addend = constant(r);
    for (int h = 0; h < PIXEL; h += BYTES) {
      long live = row.live() + h;
      for (long i = h, end = (long) row.pixels() * PIXEL; i < end; i += PIXEL) {
        FloatVector value =
            first.fma(load(m, g + i), second.fma(load(m, x + i), addend)).mul(load(m, live));
        store(add ? load(m, out + i).add(value) : value, m, out + i);
        live += row.liveStep();
      }
    }
  }

  @Override
  public void reluNormGradient(
      Row row, long d, long x, float a, float b, float p, float q, float r, long out, boolean add) {
    MemorySegment m = row.memory();
    FloatVector factor = constant(a);
    FloatVector shift = constant(b);
    FloatVector first = constant(p);
    FloatVector second = constant(q);
    FloatVector addend = constant(r);
    for (int h = 0; h < PIXEL; h += BYTES) {
      long live = row.live() + h;
      for (long i = h, end = (long) row.pixels() * PIXEL; i < end; i += PIXEL) {
        FloatVector value = load(m, x + i);
        FloatVector gradient = VectorFunctions.whereAbove(factor.fma(value, shift), load(m, d + i));
        FloatVector result = first.fma(gradient, second.fma(value, addend)).mul(load(m, live));
        store(add ? load(m, out + i).add(result) : result, m, out + i);
        live += row.liveStep();
      }
    }
  }

  @Override
  public void fill(Row row, float value, long out) {
    FloatVector filler = constant(value);
    for (long i = out, end = out + (long) row.pixels() * PIXEL; i < end; i += BYTES) {
      store(filler, row.memory(), i);
    }
  }

  @Override
  public void spread(Row row, long pixel, float factor, long out, boolean add) {
    MemorySegment m = row.memory();
    FloatVector scale = constant(factor);
    for (int h = 0; h < PIXEL; h += BYTES) {
      FloatVector source = load(m, pixel + h);
      for (long i = out + h, end = out + (long) row.pixels() * PIXEL; i < end; i += PIXEL) {
        store(add ? source.fma(scale, load(m, i)) : source.mul(scale), m, i);
      }
    }
  }

  @Override
  public void addScaled(Row row, long x, long xStep, float factor, long out, long outStep) {
    MemorySegment m = row.memory();
    FloatVector scale = constant(factor);
    for (int h = 0; h < PIXEL; h += BYTES) {
      for (int p = 0; p < row.pixels(); p++) {
        long place = out + p * outStep + h;
        store(scale.fma(load(m, x + p * xStep + h), load(m, place)), m, place);
      }
    }
  }

  @Override
  public void maxInto(Row row, long x, long xStep, long out) {
    MemorySegment m = row.memory();
    for (int h = 0; h < PIXEL; h += BYTES) {
      for (int p = 0; p < row.pixels(); p++) {
        long place = out + (long) p * PIXEL + h;
        FloatVector best = load(m, place);
        FloatVector candidate = load(m, x + p * xStep + h);
        store(best.blend(candidate, candidate.compare(VectorOperators.GT, best)), m, place);
      }
    }
  }

  @Override
  public void maxGradient(Row row, long x, long max, long g, long taken, long dx, long step) {
    MemorySegment m = row.memory();
    for (int h = 0; h < PIXEL; h += BYTES) {
      for (int p = 0; p < row.pixels(); p++) {
        long place = (long) p * PIXEL + h;
        long source = p * step + h;
        FloatVector already = load(m, taken + place);
        VectorMask<Float> takes =
            load(m, x + source)
                .compare(VectorOperators.EQ, load(m, max + place))
                .and(already.compare(VectorOperators.EQ, 0));
        store(already.blend(1, takes), m, taken + place);
        FloatVector before = load(m, dx + source);
        store(before.blend(before.add(load(m, g + place)), takes), m, dx + source);
      }
    }
  }

  @Override
  public void sgdStep(OptimizerSlots slots, int from, int to, SgdConstants step) {
    float[] values = slots.values();
    float[] gradients = slots.gradients();
    float[] momenta = slots.momenta();
    FloatVector decay = constant(step.decay());
    FloatVector momentum = constant(step.momentum());
    FloatVector rate = constant(-step.rate());
    boolean nesterov = step.nesterov();
    int i = from;
    for (; i <= to - SPECIES.length(); i += SPECIES.length()) {
      FloatVector value = FloatVector.fromArray(SPECIES, values, i);
      FloatVector gradient = decay.fma(value, FloatVector.fromArray(SPECIES, gradients, i));
      FloatVector velocity =
          flush(momentum.fma(FloatVector.fromArray(SPECIES, momenta, i), gradient));
      FloatVector direction = nesterov ? momentum.fma(velocity, gradient) : velocity;
      velocity.intoArray(momenta, i);
      flush(rate.fma(direction, value)).intoArray(values, i);
      FloatVector.zero(SPECIES).intoArray(gradients, i);
    }
    TAIL.sgdStep(slots, i, to, step);
  }

  @Override
  public void adamStep(OptimizerSlots slots, int from, int to, AdamConstants step) {
    FloatVector decay = constant(step.decay());
    FloatVector beta1 = constant(step.beta1());
    FloatVector rest1 = constant(step.rest1());
    FloatVector beta2 = constant(step.beta2());
    FloatVector rest2 = constant(step.rest2());
    FloatVector rootCorrection = constant(step.rootCorrection());
    FloatVector epsilon = constant(step.epsilon());
    FloatVector rate = constant(-step.rate());
    int i = from;
    for (; i <= to - SPECIES.length(); i += SPECIES.length()) {
      FloatVector value = FloatVector.fromArray(SPECIES, slots.values(), i);
      FloatVector gradient = decay.fma(value, FloatVector.fromArray(SPECIES, slots.gradients(), i));
      FloatVector momentum = FloatVector.fromArray(SPECIES, slots.momenta(), i);
      FloatVector mean = flush(beta1.fma(momentum, rest1.mul(gradient)));
      FloatVector variance = FloatVector.fromArray(SPECIES, slots.variances(), i);
      FloatVector square = beta2.fma(variance, rest2.mul(gradient).mul(gradient));
      square = square.blend(0, square.compare(VectorOperators.LT, AdamConstants.SMALLEST_VARIANCE));
      FloatVector scale = square.sqrt().fma(rootCorrection, epsilon);
      mean.intoArray(slots.momenta(), i);
      square.intoArray(slots.variances(), i);
      flush(rate.fma(mean.div(scale), value)).intoArray(slots.values(), i);
      FloatVector.zero(SPECIES).intoArray(slots.gradients(), i);
    }
    TAIL.adamStep(slots, i, to, step);
  }

  @Override
  public double peakLoop(long iterations) {
    FloatVector factor = constant(0.999f);
    FloatVector addend = constant(0.001f);
    FloatVector a = constant(1);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    FloatVector e = a;
    FloatVector f = a;
    FloatVector g = a;
    FloatVector h = a;
    FloatVector i = a;
    FloatVector j = a;
    for (long n = 0; n < iterations; n++) {
      a = a.fma(factor, addend);
      b = b.fma(factor, addend);
      c = c.fma(factor, addend);
      d = d.fma(factor, addend);
      e = e.fma(factor, addend);
      f = f.fma(factor, addend);
      g = g.fma(factor, addend);
      h = h.fma(factor, addend);
      i = i.fma(factor, addend);
      j = j.fma(factor, addend);
    }
    float sum = a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).lane(0);
    return Float.isNaN(sum) ? 0 : 20.0 * SPECIES.length() * iterations;
  }

  private static final ScalarKernels TAIL = new ScalarKernels();

  private static FloatVector flush(FloatVector x) {
    return x.blend(0, x.abs().compare(VectorOperators.LT, SgdConstants.SMALLEST));
  }
}
