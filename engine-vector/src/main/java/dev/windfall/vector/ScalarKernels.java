package dev.windfall.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.windfall.network.ActivationFunction;
import dev.windfall.random.DropoutHash;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Plain loops that are obviously right: the reference of the vector kernels, and what runs where
 * the Vector API does not. Lane by lane they do what {@link VectorKernels} does 8 or 16 lanes at a
 * time, in the same order, so both give the same bits.
 */
final class ScalarKernels implements Kernels {

  private static final int LANES = Geometry.LANES;
  private static final int PIXEL = Geometry.PIXEL_BYTES;

  @Override
  public String description() {
    return "scalar";
  }

  private static float get(MemorySegment memory, long offset) {
    return memory.get(JAVA_FLOAT, offset);
  }

  private static void set(MemorySegment memory, long offset, float value) {
    memory.set(JAVA_FLOAT, offset, value);
  }

  private static long pixel(Tile tile, int number) {
    return number < 4 ? number * tile.step() : tile.half() + (number - 4) * tile.step();
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
    for (int row = from; row < to; row++) {
      for (int number = 0; number < Geometry.TILE; number++) {
        for (int lane = 0; lane < LANES; lane++) {
          long place = row * outStride + pixel(outTile, number) + 4L * lane;
          float sum = initial < 0 ? 0 : get(memory, initial + place);
          for (int k = rows.bounds().from(block, row); k < rows.bounds().to(block, row); k++) {
            long source = in + (long) rows.offsets()[k] * PIXEL + pixel(inTile, number) + 4L * lane;
            sum = Math.fma(rows.values()[k], get(memory, source), sum);
          }
          set(memory, out + place, sum);
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
    for (int row = panel.firstRow(); row < panel.endRow(); row++) {
      int end = Math.min(rows.bounds().to(block, row), panel.to());
      for (int k = Math.max(rows.bounds().from(block, row), panel.from()); k < end; k++) {
        long window = in + (long) rows.offsets()[k] * PIXEL;
        for (int lane = 0; lane < LANES; lane++) {
          long place = (long) (k - panel.from()) * PIXEL + 4L * lane;
          float[] chains = {get(partial, place), 0};
          for (int number = 0; number < Geometry.TILE; number++) {
            float x = get(memory, window + pixel(inTile, number) + 4L * lane);
            long source = row * gradientStride + pixel(gradientTile, number) + 4L * lane;
            float g = get(memory, gradient + source);
            chains[number & 1] = number == 1 ? x * g : Math.fma(x, g, chains[number & 1]);
          }
          set(partial, place, chains[0] + chains[1]);
        }
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
    for (int p = 0; p < pixels; p++) {
      for (long lane = 0; lane < PIXEL; lane += Float.BYTES) {
        float sum = 0;
        for (int k = 0; k < 9; k++) {
          sum = Math.fma(weights[from + k], get(memory, in + filter.at(p, k) + lane), sum);
        }
        set(memory, out + (long) p * PIXEL + lane, sum);
      }
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
    for (int k = 0; k < 9; k++) {
      for (long lane = 0; lane < PIXEL; lane += Float.BYTES) {
        long sumPlace = place + (long) k * PIXEL + lane;
        float sum = get(partial, sumPlace);
        for (int p = 0; p < pixels; p++) {
          float g = get(memory, gradient + (long) p * PIXEL + lane);
          sum = Math.fma(g, get(memory, in + filter.at(p, k) + lane), sum);
        }
        set(partial, sumPlace, sum);
      }
    }
  }

  @Override
  public void reduceLanes(MemorySegment partial, int count, float[] into, int offset, boolean add) {
    for (int i = 0; i < count; i++) {
      float[] lanes = new float[LANES];
      for (int lane = 0; lane < LANES; lane++) {
        lanes[lane] = get(partial, (long) i * PIXEL + 4L * lane);
      }
      for (int width = LANES / 2; width > 0; width /= 2) {
        for (int lane = 0; lane < width; lane++) {
          lanes[lane] += lanes[lane + width];
        }
      }
      into[offset + i] = add ? into[offset + i] + lanes[0] : lanes[0];
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
    long[] streams = {stream0, stream1, stream2};
    for (int row = 0; row < 4; row++) {
      for (int stream = 0; stream < 3; stream++) {
        for (int lane = 0; lane < LANES; lane++) {
          long place = partialOffset + (row * 3L + stream) * PIXEL + 4L * lane;
          float sum = get(partial, place);
          for (int p = 0; p < walk.pixels(); p++) {
            long y = p / walk.width();
            long x = streams[stream] + p * walk.inStep() + y * walk.inSkip() + 4L * lane;
            long g = gradient + (long) p * PIXEL + y * walk.gradientSkip() + 4L * lane;
            sum = Math.fma(get(memory, x), get(memory, g + row * rowStride), sum);
          }
          set(partial, place, sum);
        }
      }
    }
  }

  /** What happens to one value: at a byte offset into the row, with its lane's liveness. */
  @FunctionalInterface
  private interface Element {
    void at(long offset, float live);
  }

  /** Visits a row's values, pixel by pixel. */
  private static void forEach(Row row, Element element) {
    for (int p = 0; p < row.pixels(); p++) {
      for (int lane = 0; lane < LANES; lane++) {
        float live = get(row.memory(), row.live() + p * row.liveStep() + 4L * lane);
        element.at((long) p * PIXEL + 4L * lane, live);
      }
    }
  }

  private static float relu(float z) {
    return z <= 0 ? 0 : z;
  }

  @Override
  public void affine(Row row, long x, float a, float b, long out) {
    MemorySegment m = row.memory();
    forEach(row, (i, live) -> set(m, out + i, Math.fma(a, get(m, x + i), b) * live));
  }

  @Override
  public void affineRelu(Row row, long x, float a, float b, long out) {
    MemorySegment m = row.memory();
    forEach(row, (i, live) -> set(m, out + i, relu(Math.fma(a, get(m, x + i), b)) * live));
  }

  private static float pair(MemorySegment m, long x, float a, long y, float c, float b) {
    return Math.fma(a, get(m, x), Math.fma(c, get(m, y), b));
  }

  @Override
  public void affinePair(Row row, long x, float a, long y, float c, float b, long out) {
    MemorySegment m = row.memory();
    forEach(row, (i, live) -> set(m, out + i, pair(m, x + i, a, y + i, c, b) * live));
  }

  @Override
  public void affinePairRelu(Row row, long x, float a, long y, float c, float b, long out) {
    MemorySegment m = row.memory();
    forEach(row, (i, live) -> set(m, out + i, relu(pair(m, x + i, a, y + i, c, b)) * live));
  }

  @Override
  public void activate(Row row, ActivationFunction function, long x) {
    MemorySegment m = row.memory();
    forEach(row, (i, live) -> set(m, x + i, ScalarFunctions.value(function, get(m, x + i))));
  }

  @Override
  public void activationGradient(Row row, ActivationFunction function, long z, long gradient) {
    MemorySegment m = row.memory();
    forEach(
        row,
        (i, live) ->
            set(
                m,
                gradient + i,
                get(m, gradient + i) * ScalarFunctions.derivative(function, get(m, z + i))));
  }

  @Override
  public void dropout(Row row, long x, long keys, int element, int threshold, float scale) {
    MemorySegment m = row.memory();
    for (int p = 0; p < row.pixels(); p++) {
      int number = row.liveStep() == 0 ? element + p : element;
      for (int lane = 0; lane < LANES; lane++) {
        int key = m.get(JAVA_INT, keys + p * row.liveStep() + 4L * lane);
        long place = x + (long) p * PIXEL + 4L * lane;
        boolean dropped = (DropoutHash.of(key, number) >>> 8) < threshold;
        set(m, place, dropped ? 0 : get(m, place) * scale);
      }
    }
  }

  @Override
  public void maskDead(Row row, long x) {
    MemorySegment m = row.memory();
    forEach(row, (i, live) -> set(m, x + i, get(m, x + i) * live));
  }

  @Override
  public void copy(Row row, long x, long out, boolean add) {
    MemorySegment m = row.memory();
    forEach(
        row, (i, live) -> set(m, out + i, add ? get(m, out + i) + get(m, x + i) : get(m, x + i)));
  }

  @Override
  public void reluGradient(Row row, long out, long gradient) {
    MemorySegment m = row.memory();
    forEach(
        row, (i, live) -> set(m, gradient + i, get(m, out + i) <= 0 ? 0 : get(m, gradient + i)));
  }

  /** Adds to one of the pixels of sums, in the lane of a value's offset. */
  private static void addSum(MemorySegment m, long sums, long offset, int which, float a, float b) {
    long place = sums + (long) which * PIXEL + offset % PIXEL;
    set(m, place, Math.fma(a, b, get(m, place)));
  }

  @Override
  public void sums(Row row, long x, float pivot, long sums) {
    MemorySegment m = row.memory();
    forEach(
        row,
        (i, live) -> {
          float distance = (get(m, x + i) - pivot) * live;
          addSum(m, sums, i, 0, distance, 1);
          addSum(m, sums, i, 1, distance, distance);
        });
  }

  @Override
  public void gradientSums(Row row, long g, long x, float mean, long sums) {
    MemorySegment m = row.memory();
    forEach(
        row,
        (i, live) -> {
          float gradient = get(m, g + i);
          addSum(m, sums, i, 0, gradient, 1);
          addSum(m, sums, i, 1, gradient, get(m, x + i) - mean);
        });
  }

  @Override
  public void reluGradientSums(Row row, long d, long x, float a, float b, float mean, long sums) {
    MemorySegment m = row.memory();
    forEach(
        row,
        (i, live) -> {
          float gradient = Math.fma(a, get(m, x + i), b) <= 0 ? 0 : get(m, d + i);
          addSum(m, sums, i, 0, gradient, 1);
          addSum(m, sums, i, 1, gradient, get(m, x + i) - mean);
        });
  }

  @Override
  public void normGradient(
      Row row, long g, long x, float p, float q, float r, long out, boolean add) {
    MemorySegment m = row.memory();
    forEach(
        row,
        (i, live) -> {
          float value = Math.fma(p, get(m, g + i), Math.fma(q, get(m, x + i), r)) * live;
          set(m, out + i, add ? get(m, out + i) + value : value);
        });
  }

  @Override
  public void reluNormGradient(
      Row row, long d, long x, float a, float b, float p, float q, float r, long out, boolean add) {
    MemorySegment m = row.memory();
    forEach(
        row,
        (i, live) -> {
          float gradient = Math.fma(a, get(m, x + i), b) <= 0 ? 0 : get(m, d + i);
          float value = Math.fma(p, gradient, Math.fma(q, get(m, x + i), r)) * live;
          set(m, out + i, add ? get(m, out + i) + value : value);
        });
  }

  @Override
  public void fill(Row row, float value, long out) {
    MemorySegment m = row.memory();
    forEach(row, (i, live) -> set(m, out + i, value));
  }

  @Override
  public void spread(Row row, long pixel, float factor, long out, boolean add) {
    MemorySegment m = row.memory();
    forEach(
        row,
        (i, live) -> {
          float value = get(m, pixel + i % PIXEL);
          set(m, out + i, add ? Math.fma(value, factor, get(m, out + i)) : value * factor);
        });
  }

  @Override
  public void addScaled(Row row, long x, long xStep, float factor, long out, long outStep) {
    MemorySegment m = row.memory();
    forEach(
        row,
        (i, live) -> {
          long place = out + i / PIXEL * outStep + i % PIXEL;
          float value = get(m, x + i / PIXEL * xStep + i % PIXEL);
          set(m, place, Math.fma(factor, value, get(m, place)));
        });
  }

  @Override
  public void maxInto(Row row, long x, long xStep, long out) {
    MemorySegment m = row.memory();
    forEach(
        row,
        (i, live) -> {
          float candidate = get(m, x + i / PIXEL * xStep + i % PIXEL);
          if (candidate > get(m, out + i)) {
            set(m, out + i, candidate);
          }
        });
  }

  @Override
  public void maxGradient(Row row, long x, long max, long g, long taken, long dx, long step) {
    MemorySegment m = row.memory();
    forEach(
        row,
        (i, live) -> {
          long source = i / PIXEL * step + i % PIXEL;
          if (get(m, x + source) == get(m, max + i) && get(m, taken + i) == 0) {
            set(m, taken + i, 1);
            set(m, dx + source, get(m, dx + source) + get(m, g + i));
          }
        });
  }

  @Override
  public void sgdStep(OptimizerSlots slots, int from, int to, SgdConstants step) {
    float[] values = slots.values();
    float[] gradients = slots.gradients();
    float[] momenta = slots.momenta();
    for (int i = from; i < to; i++) {
      float gradient = Math.fma(step.decay(), values[i], gradients[i]);
      float velocity = flush(Math.fma(step.momentum(), momenta[i], gradient));
      float direction = step.nesterov() ? Math.fma(step.momentum(), velocity, gradient) : velocity;
      momenta[i] = velocity;
      values[i] = flush(Math.fma(-step.rate(), direction, values[i]));
    }
    Arrays.fill(gradients, from, to, 0);
  }

  @Override
  public void adamStep(OptimizerSlots slots, int from, int to, AdamConstants step) {
    float[] values = slots.values();
    float[] momenta = slots.momenta();
    float[] variances = slots.variances();
    for (int i = from; i < to; i++) {
      float gradient = Math.fma(step.decay(), values[i], slots.gradients()[i]);
      float mean = flush(Math.fma(step.beta1(), momenta[i], step.rest1() * gradient));
      float square = Math.fma(step.beta2(), variances[i], step.rest2() * gradient * gradient);
      float variance = square < AdamConstants.SMALLEST_VARIANCE ? 0 : square;
      float scale = Math.fma((float) Math.sqrt(variance), step.rootCorrection(), step.epsilon());
      momenta[i] = mean;
      variances[i] = variance;
      values[i] = flush(Math.fma(-step.rate(), mean / scale, values[i]));
    }
    Arrays.fill(slots.gradients(), from, to, 0);
  }

  @Override
  public double peakLoop(long iterations) {
    float a = 1;
    float b = 1;
    float c = 1;
    float d = 1;
    for (long i = 0; i < iterations; i++) {
      a = Math.fma(a, 0.999f, 0.001f);
      b = Math.fma(b, 0.999f, 0.001f);
      c = Math.fma(c, 0.999f, 0.001f);
      d = Math.fma(d, 0.999f, 0.001f);
    }
    return Float.isNaN(a + b + c + d) ? 0 : 8.0 * iterations;
  }

  /** Subnormal numbers slow some machines down by a factor; they are noise here. */
  private static float flush(float value) {
    return Math.abs(value) < SgdConstants.SMALLEST ? 0 : value;
  }
}
