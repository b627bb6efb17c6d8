package dev.windfall.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.engine.OptimizerStep;
import dev.windfall.network.ActivationFunction;
import dev.windfall.random.DropoutHash;
import dev.windfall.random.StatelessRandom;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The vector kernels leave the same bits in all of their memory as the scalar ones: also where they
 * have nothing to write.
 */
final class KernelsTest {

  private static final Kernels SCALAR = new ScalarKernels();
  private static final Kernels VECTOR = new VectorKernels();

  private static final int PIXEL = Geometry.PIXEL_BYTES;
  private static final List<Integer> SIZES = List.of(1, 2, 3, 5, 7, 8, 9, 16, 23);

  /** Bytes of a region: operands stand in different ones. */
  private static final long REGION = 256L * PIXEL;

  private static final long X = 0;
  private static final long Y = REGION;
  private static final long OUT = 2 * REGION;
  private static final long SUMS = 3 * REGION;
  private static final long LIVE = 4 * REGION;
  private static final long KEYS = 5 * REGION;
  private static final long PARTIAL = 6 * REGION;
  private static final long ALL = 7 * REGION;

  /**
   * What one of the two kernels gets.
   *
   * @param memory seven regions of random numbers; the one of live lanes has zeros and ones
   * @param random draws the same for both kernels
   * @param pixels of a row, or as many of anything else
   * @param steps whether live lanes differ from pixel to pixel
   */
  private record Bench(
      Kernels kernels, MemorySegment memory, StatelessRandom random, int pixels, boolean steps) {

    Kernels.Row row() {
      return new Kernels.Row(memory, pixels, LIVE, steps ? PIXEL : 0);
    }

    float draw() {
      return value(random);
    }

    MemorySegment partial() {
      return memory.asSlice(PARTIAL, REGION);
    }
  }

  /** Calls a kernel; the array that it returns is compared, too. */
  @FunctionalInterface
  private interface Call {
    float[] on(Bench bench);
  }

  private static final float[] NOTHING = {};

  /** Mostly ordinary numbers, some of them zeros of both signs, tiny or huge. */
  private static float value(StatelessRandom random) {
    float ordinary = (float) random.nextGaussian();
    return switch (random.nextInt(12)) {
      case 0 -> 0f;
      case 1 -> -0f;
      case 2 -> ordinary * 1e-32f;
      case 3 -> ordinary * 1e8f;
      case 4 -> ordinary * 60;
      default -> ordinary;
    };
  }

  private static final Map<String, Call> CALLS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("affine", on(b -> b.kernels.affine(b.row(), X, b.draw(), b.draw(), OUT))),
              Map.entry(
                  "affineRelu", on(b -> b.kernels.affineRelu(b.row(), X, b.draw(), b.draw(), OUT))),
              Map.entry(
                  "affinePair",
                  on(b -> b.kernels.affinePair(b.row(), X, b.draw(), Y, b.draw(), b.draw(), OUT))),
              Map.entry(
                  "affinePairRelu",
                  on(
                      b ->
                          b.kernels.affinePairRelu(
                              b.row(), X, b.draw(), Y, b.draw(), b.draw(), OUT))),
              Map.entry("activate", on(KernelsTest::activate)),
              Map.entry("activationGradient", on(KernelsTest::activationGradient)),
              Map.entry("dropout", on(KernelsTest::dropout)),
              Map.entry("maskDead", on(b -> b.kernels.maskDead(b.row(), X))),
              Map.entry("copy", on(KernelsTest::copy)),
              Map.entry("reluGradient", on(b -> b.kernels.reluGradient(b.row(), X, OUT))),
              Map.entry("sums", on(b -> b.kernels.sums(b.row(), X, b.draw(), SUMS))),
              Map.entry(
                  "gradientSums", on(b -> b.kernels.gradientSums(b.row(), Y, X, b.draw(), SUMS))),
              Map.entry(
                  "reluGradientSums",
                  on(
                      b ->
                          b.kernels.reluGradientSums(
                              b.row(), Y, X, b.draw(), b.draw(), b.draw(), SUMS))),
              Map.entry("normGradient", on(KernelsTest::normGradient)),
              Map.entry("reluNormGradient", on(KernelsTest::reluNormGradient)),
              Map.entry("fill", on(b -> b.kernels.fill(b.row(), b.draw(), OUT))),
              Map.entry("spread", on(KernelsTest::spread)),
              Map.entry("addScaled", on(KernelsTest::addScaled)),
              Map.entry("maxInto", on(KernelsTest::maxInto)),
              Map.entry("maxGradient", on(KernelsTest::maxGradient)),
              Map.entry("multiplyTile", on(KernelsTest::multiplyTile)),
              Map.entry("weightGradientTile", on(KernelsTest::weightGradientTile)),
              Map.entry("depthwiseRow", KernelsTest::depthwiseRow),
              Map.entry("depthwiseGradientRow", on(KernelsTest::depthwiseGradientRow)),
              Map.entry("denseGradient", on(KernelsTest::denseGradient)),
              Map.entry("reduceLanes", KernelsTest::reduceLanes),
              Map.entry("sgdStep", KernelsTest::sgdStep),
              Map.entry("adamStep", KernelsTest::adamStep)));

  private static Call on(Consumer<Bench> call) {
    return bench -> {
      call.accept(bench);
      return NOTHING;
    };
  }

  static Set<String> names() {
    return CALLS.keySet();
  }

  @ParameterizedTest
  @MethodSource("names")
  void vectorAndScalarGiveTheSameBits(String name) {
    for (int pixels : SIZES) {
      for (boolean steps : new boolean[] {false, true}) {
        for (long seed = 0; seed < 4; seed++) {
          requireSameBits(name, pixels, steps, seed);
        }
      }
    }
  }

  private static void requireSameBits(String name, int pixels, boolean steps, long seed) {
    try (Arena arena = Arena.ofConfined()) {
      Bench scalar = bench(SCALAR, arena, pixels, steps, seed);
      Bench vector = bench(VECTOR, arena, pixels, steps, seed);
      Call call = CALLS.getOrDefault(name, bench -> NOTHING);
      assertThat(bits(call.on(vector)))
          .as("%s of %d, seed %d", name, pixels, seed)
          .isEqualTo(bits(call.on(scalar)));
      assertThat(bits(vector.memory.toArray(JAVA_FLOAT)))
          .as("memory after %s of %d, steps %s, seed %d", name, pixels, steps, seed)
          .isEqualTo(bits(scalar.memory.toArray(JAVA_FLOAT)));
    }
  }

  private static int[] bits(float[] values) {
    int[] result = new int[values.length];
    Arrays.setAll(result, i -> Float.floatToIntBits(values[i]));
    return result;
  }

  private static Bench bench(Kernels kernels, Arena arena, int pixels, boolean steps, long seed) {
    StatelessRandom random = StatelessRandom.of(seed, "kernels", pixels, steps ? 1 : 0);
    MemorySegment memory = arena.allocate(ALL, PIXEL);
    for (long place = 0; place < ALL; place += Float.BYTES) {
      memory.set(JAVA_FLOAT, place, value(random));
    }
    for (long place = LIVE; place < LIVE + REGION; place += Float.BYTES) {
      memory.set(JAVA_FLOAT, place, random.nextInt(4) == 0 ? 0 : 1);
    }
    return new Bench(kernels, memory, random, pixels, steps);
  }

  @Test
  void everyKernelIsCompared() {
    Set<String> kernels =
        new TreeSet<>(
            Stream.of(Kernels.class.getDeclaredMethods())
                .filter(method -> !method.isSynthetic())
                .map(Method::getName)
                .toList());
    assertThat(kernels).contains("description", "peakLoop");
    kernels.removeAll(List.of("description", "peakLoop"));
    assertThat(names()).containsExactlyElementsOf(kernels);
  }

  @Test
  void thePeakLoopCountsItsOperations() {
    for (Kernels kernels : List.of(SCALAR, VECTOR)) {
      double once = kernels.peakLoop(1000);
      assertThat(once).isPositive();
      assertThat(kernels.peakLoop(3000)).isEqualTo(3 * once);
    }
  }

  private static void activate(Bench bench) {
    long place = X;
    for (ActivationFunction function : ActivationFunction.values()) {
      bench.kernels.activate(bench.row(), function, place);
      place += 24L * PIXEL;
    }
  }

  private static void activationGradient(Bench bench) {
    long place = 0;
    for (ActivationFunction function : ActivationFunction.values()) {
      bench.kernels.activationGradient(bench.row(), function, X + place, Y + place);
      place += 24L * PIXEL;
    }
  }

  private static void dropout(Bench bench) {
    int element = bench.random.nextInt(1 << 20);
    int threshold = DropoutHash.threshold(bench.random.nextInt(5) / 5.0);
    bench.kernels.dropout(bench.row(), X, KEYS, element, threshold, 1.25f);
  }

  private static void copy(Bench bench) {
    bench.kernels.copy(bench.row(), X, OUT, false);
    bench.kernels.copy(bench.row(), Y, OUT, true);
    bench.kernels.copy(bench.row(), Y, Y, true);
  }

  private static void normGradient(Bench bench) {
    for (boolean add : new boolean[] {false, true}) {
      float p = bench.draw();
      bench.kernels.normGradient(bench.row(), Y, X, p, bench.draw(), bench.draw(), OUT, add);
      bench.kernels.normGradient(bench.row(), Y, X, p, bench.draw(), bench.draw(), Y, add);
    }
  }

  private static void reluNormGradient(Bench bench) {
    for (boolean add : new boolean[] {false, true}) {
      float a = bench.draw();
      float b = bench.draw();
      float p = bench.draw();
      float q = bench.draw();
      bench.kernels.reluNormGradient(bench.row(), Y, X, a, b, p, q, bench.draw(), OUT, add);
    }
  }

  private static void spread(Bench bench) {
    bench.kernels.spread(bench.row(), X, bench.draw(), OUT, false);
    bench.kernels.spread(bench.row(), Y, bench.draw(), OUT, true);
  }

  private static void addScaled(Bench bench) {
    for (int stride = 1; stride <= 3; stride++) {
      long step = (long) stride * PIXEL;
      bench.kernels.addScaled(bench.row(), X + PIXEL, step, bench.draw(), OUT, PIXEL);
      bench.kernels.addScaled(bench.row(), Y, PIXEL, bench.draw(), OUT + PIXEL, step);
    }
  }

  private static void maxInto(Bench bench) {
    for (int stride = 1; stride <= 3; stride++) {
      bench.kernels.maxInto(bench.row(), X + PIXEL, (long) stride * PIXEL, OUT);
    }
  }

  /** Two candidates of each window, as overlapping windows have them. */
  private static void maxGradient(Bench bench) {
    Kernels.Row row = bench.row();
    long step = 2L * PIXEL;
    bench.kernels.fill(row, Float.NEGATIVE_INFINITY, OUT);
    bench.kernels.fill(row, 0, SUMS);
    bench.kernels.maxInto(row, X, step, OUT);
    bench.kernels.maxInto(row, X + PIXEL, step, OUT);
    long dx = PARTIAL;
    bench.kernels.maxGradient(row, X, OUT, Y, SUMS, dx, step);
    bench.kernels.maxGradient(row, X + PIXEL, OUT, Y, SUMS, dx + PIXEL, step);
  }

  /** Rows of different lengths, the first and the last of them empty. */
  private static Kernels.SparseRows rows(Bench bench, int mostOffset, int blocks) {
    int count = bench.pixels;
    int[] starts = new int[count + 3];
    for (int row = 1; row <= count; row++) {
      int length = bench.random.nextInt(3) == 0 ? 0 : bench.random.nextInt(13);
      starts[row + 1] = starts[row] + length;
    }
    starts[count + 2] = starts[count + 1];
    int[] offsets = new int[starts[count + 2]];
    float[] values = new float[offsets.length];
    for (int k = 0; k < offsets.length; k++) {
      offsets[k] = bench.random.nextInt(mostOffset);
      values[k] = bench.draw();
    }
    return new Kernels.SparseRows(bounds(bench, starts, blocks), offsets, values);
  }

  /** Where rows cross from block to block of columns: anywhere. */
  private static ColumnBlocks bounds(Bench bench, int[] starts, int blocks) {
    int rows = starts.length - 1;
    int[] bounds = new int[(blocks + 1) * rows];
    for (int row = 0; row < rows; row++) {
      int connection = starts[row];
      for (int block = 0; block < blocks; block++) {
        bounds[block * rows + row] = connection;
        connection += bench.random.nextInt(starts[row + 1] - connection + 1);
      }
      bounds[blocks * rows + row] = starts[row + 1];
    }
    return new ColumnBlocks(rows, blocks, bounds);
  }

  /** A tile of either form, {@code stride} pixels apart. */
  private static Kernels.Tile tile(boolean narrow, int stride) {
    return narrow ? Kernels.Tile.twoRows(stride, 19L * PIXEL) : Kernels.Tile.row(stride);
  }

  private static void multiplyTile(Bench bench) {
    Kernels.SparseRows rows = rows(bench, 200, 3);
    int count = rows.bounds().rows();
    int from = bench.steps ? 1 : 0;
    int block = 0;
    for (int inStride = 1; inStride <= 2; inStride++) {
      for (int outStride = 1; outStride <= 2; outStride++) {
        for (boolean narrow : new boolean[] {false, true}) {
          Kernels.Tile in = tile(narrow, inStride);
          Kernels.Tile out = tile(narrow, outStride);
          long[] initials = {-1, SUMS, OUT};
          for (long initial : initials) {
            bench.kernels.multiplyTile(
                bench.memory, X, in, rows, block++ % 3, from, count, OUT, out, 9L * PIXEL, initial);
          }
        }
      }
    }
  }

  private static void weightGradientTile(Bench bench) {
    Kernels.SparseRows rows = rows(bench, 200, 2);
    int count = rows.offsets().length;
    if (count == 0) {
      return;
    }
    int from = bench.random.nextInt(count);
    int to = from + 1 + bench.random.nextInt(count - from);
    Kernels.Panel panel = new Kernels.Panel(0, rows.bounds().rows(), from, to);
    assertThat(panel.count()).isPositive();
    for (int inStride = 1; inStride <= 2; inStride++) {
      for (boolean narrow : new boolean[] {false, true}) {
        Kernels.Tile in = tile(narrow, inStride);
        Kernels.Tile gradient = tile(narrow, 1);
        bench.kernels.weightGradientTile(
            bench.memory,
            X,
            in,
            rows,
            panel,
            inStride - 1,
            Y,
            gradient,
            8L * PIXEL,
            bench.partial());
      }
    }
  }

  /** Filters that read forwards in steps of either length, and backwards. */
  private static final List<Kernels.Filter> FILTERS =
      List.of(
          new Kernels.Filter(60L * PIXEL, PIXEL, PIXEL),
          new Kernels.Filter(60L * PIXEL, PIXEL, 2L * PIXEL),
          new Kernels.Filter(-60L * PIXEL, -PIXEL, PIXEL));

  private static float[] depthwiseRow(Bench bench) {
    float[] weights = new float[11];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = bench.draw();
    }
    long out = OUT;
    for (Kernels.Filter filter : FILTERS) {
      long in = filter.rowStep() < 0 ? X + 125L * PIXEL : X;
      bench.kernels.depthwiseRow(bench.memory, in, filter, weights, 2, out, bench.pixels);
      out += 25L * PIXEL;
    }
    return weights;
  }

  private static void depthwiseGradientRow(Bench bench) {
    long place = 0;
    for (Kernels.Filter filter : FILTERS) {
      long in = filter.rowStep() < 0 ? X + 125L * PIXEL : X;
      bench.kernels.depthwiseGradientRow(
          bench.memory, in, filter, Y, bench.pixels, bench.partial(), place);
      place += 9L * PIXEL;
    }
  }

  private static void denseGradient(Bench bench) {
    for (int stride = 1; stride <= 2; stride++) {
      for (int rows = 1; rows <= 3; rows++) {
        Kernels.PixelWalk walk =
            new Kernels.PixelWalk(
                rows * bench.pixels, bench.pixels, (long) stride * PIXEL, 5L * PIXEL, 2L * PIXEL);
        bench.kernels.denseGradient(
            bench.memory,
            X,
            X + 3L * PIXEL,
            X + 70L * PIXEL,
            Y,
            25L * PIXEL,
            walk,
            bench.partial(),
            12L * stride * PIXEL);
      }
    }
  }

  private static float[] reduceLanes(Bench bench) {
    float[] sums = new float[bench.pixels + 3];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = bench.draw();
    }
    bench.kernels.reduceLanes(bench.partial(), bench.pixels, sums, 1, bench.steps);
    bench.kernels.reduceLanes(bench.partial(), bench.pixels, sums, 2, true);
    return sums;
  }

  private static OptimizerSlots slots(Bench bench) {
    float[][] slots = new float[4][5 * bench.pixels];
    for (float[] slot : slots) {
      for (int i = 0; i < slot.length; i++) {
        slot[i] = bench.draw();
      }
    }
    for (int i = 0; i < slots[3].length; i++) {
      slots[3][i] = Math.abs(slots[3][i]) * (i % 3 == 0 ? 1e-38f : 1);
    }
    return new OptimizerSlots(slots[0], slots[1], slots[2], slots[3]);
  }

  private static float[] all(OptimizerSlots slots) {
    int size = slots.values().length;
    float[] all = Arrays.copyOf(slots.values(), 4 * size);
    System.arraycopy(slots.gradients(), 0, all, size, size);
    System.arraycopy(slots.momenta(), 0, all, 2 * size, size);
    System.arraycopy(slots.variances(), 0, all, 3 * size, size);
    return all;
  }

  private static float[] sgdStep(Bench bench) {
    OptimizerSlots slots = slots(bench);
    float decay = bench.random.nextInt(2) * 5e-4f;
    SgdConstants constants = new SgdConstants(0.1f, 0.9f, bench.steps, decay);
    bench.kernels.sgdStep(slots, 1, slots.values().length - 1, constants);
    return all(slots);
  }

  private static float[] adamStep(Bench bench) {
    OptimizerSlots slots = slots(bench);
    OptimizerStep.Adam adam =
        new OptimizerStep.Adam(1e-3, 0.9, 0.999, 1e-8, bench.random.nextInt(2) * 5e-4, false);
    long number = 1L + bench.random.nextInt(1000);
    AdamConstants constants = AdamConstants.of(adam, number, true);
    bench.kernels.adamStep(slots, 1, slots.values().length - 1, constants);
    return all(slots);
  }
}
