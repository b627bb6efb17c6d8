package dev.windfall.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.windfall.engine.Growth;
import dev.windfall.engine.KernelBenchmark;
import dev.windfall.engine.Mode;
import dev.windfall.network.Layer;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.Connectivity;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Times forward, input gradient and weight gradient of single layers: the same code that a session
 * runs, on random connections and a whole batch, so that activations come from the caches in which
 * they are in training.
 */
final class VectorKernelBenchmark implements KernelBenchmark {

  private static final String FORWARD = "forward";
  private static final String INPUT_GRADIENT = "input-gradient";
  private static final String WEIGHT_GRADIENT = "weight-gradient";
  private static final int WARM_UP = 12;
  private static final int REPETITIONS = 9;
  private static final long PEAK_ITERATIONS = 20_000_000;

  private final Kernels kernels;

  VectorKernelBenchmark(Kernels kernels) {
    this.kernels = kernels;
  }

  @Override
  public List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (String kernel : List.of(FORWARD, INPUT_GRADIENT, WEIGHT_GRADIENT)) {
      for (int channels = 64; channels <= 512; channels *= 2) {
        cases.add(new Case("conv3x3 " + kernel, channels, channels, 2048 / channels, 128));
      }
      cases.add(new Case("linear " + kernel, 1024, 1024, 1, 128));
    }
    return cases;
  }

  @Override
  public double peakFlops() {
    double best = 0;
    for (int round = 0; round < 5; round++) {
      long start = System.nanoTime();
      double flops = kernels.peakLoop(PEAK_ITERATIONS);
      best = Math.max(best, flops / ((System.nanoTime() - start) * 1e-9));
    }
    return best;
  }

  @Override
  public Timing time(Case benchmark, double sparsity, int threads) {
    try (Arena arena = Arena.ofShared();
        Crew crew = new Crew(threads)) {
      Bed bed = Bed.of(benchmark, sparsity, arena, crew, kernels);
      Runnable work = bed.work(benchmark.kernel());
      long[] nanoseconds = new long[REPETITIONS];
      for (int i = -WARM_UP; i < REPETITIONS; i++) {
        long start = System.nanoTime();
        work.run();
        if (i >= 0) {
          nanoseconds[i] = System.nanoTime() - start;
        }
      }
      Arrays.sort(nanoseconds);
      double flops = 2.0 * bed.weights().count() * bed.positions() * benchmark.batchSize();
      return new Timing(nanoseconds[REPETITIONS / 2], flops);
    }
  }

  /** A layer with its buffers, filled with noise. */
  private record Bed(
      SparseWeights weights, Buffer in, Buffer out, Buffer gradient, Buffer inGradient, Pass pass) {

    static Bed of(Case benchmark, double sparsity, Arena arena, Crew crew, Kernels kernels) {
      boolean linear = benchmark.extent() == 1;
      Shape shape = new Shape(benchmark.inputs(), benchmark.extent(), benchmark.extent());
      Layer layer =
          linear
              ? new Layer.Linear(benchmark.outputs(), false)
              : new Layer.Conv2d(benchmark.outputs(), 3, 1, 1, false);
      Geometry input = Geometry.of(shape, 1);
      Geometry output = Geometry.of(layer.output(List.of(shape)), 0);
      Buffer in = new Buffer(input, false);
      Buffer out = new Buffer(output, true);
      Buffer gradient = new Buffer(output.withHalo(1), false);
      Buffer inGradient = new Buffer(input.withHalo(0), true);
      List<Buffer> buffers = List.of(in, out, gradient, inGradient);
      buffers.forEach(buffer -> buffer.use(0));
      MemoryPlan plan = new MemoryPlan(benchmark.batchSize());
      plan.place(buffers);
      long live = plan.reserve((long) benchmark.batchSize() * Float.BYTES);
      long scratchBytes = (WeightGradient.LARGEST_PANEL + 64L) * Geometry.PIXEL_BYTES;
      long scratch = plan.reserve(scratchBytes * crew.size());
      MemorySegment memory = WorkMemory.allocate(arena, plan.bytes());
      Machine machine =
          new Machine(memory, kernels, crew, new Stopwatch(), live, scratch, scratchBytes);
      long[] ids = new long[benchmark.batchSize()];
      Pass pass = new Pass(machine, benchmark.batchSize(), Mode.TRAIN, 0, ids, Growth.NONE);
      fill(memory, in, pass);
      fill(memory, gradient, pass);
      Parameter parameter = layer.parameters("bench", shape).getFirst();
      InputWindow window =
          layer instanceof Layer.Conv2d conv
              ? InputWindow.of(conv, input)
              : InputWindow.ofLinear(input);
      SparseWeights weights =
          new SparseWeights(
              parameter, window, gradient.geometry(), randomConnections(parameter, sparsity));
      for (int k = 0; k < weights.count(); k++) {
        weights.values()[k] = StatelessRandom.gaussianAt(1, k);
      }
      return new Bed(weights, in, out, gradient, inGradient, pass);
    }

    private static void fill(MemorySegment memory, Buffer buffer, Pass pass) {
      Geometry geometry = buffer.geometry();
      for (int block = 0; block < pass.blocks(geometry); block++) {
        for (int row = 0; row < geometry.height(); row++) {
          for (int channel = 0; channel < geometry.channels(); channel++) {
            long place = buffer.at(block, row, channel, 0);
            for (int i = 0; i < geometry.width() * Geometry.LANES; i++) {
              memory.set(JAVA_FLOAT, place + 4L * i, (i * 37 % 101 - 50) * 0.02f);
            }
          }
        }
      }
    }

    private static Connectivity randomConnections(Parameter parameter, double sparsity) {
      StatelessRandom random = StatelessRandom.of(1, "bench");
      int[] columns = new int[Math.toIntExact(parameter.elements())];
      long[] starts = new long[parameter.rows() + 1];
      int count = 0;
      for (int row = 0; row < parameter.rows(); row++) {
        for (int column = 0; column < parameter.rowLength(); column++) {
          if (random.nextDouble() >= sparsity) {
            columns[count++] = column;
          }
        }
        starts[row + 1] = count;
      }
      return Connectivity.of(
          parameter.rows(), parameter.rowLength(), starts, Arrays.copyOf(columns, count));
    }

    /** Output positions of one sample. */
    long positions() {
      Geometry geometry = out.geometry();
      return geometry.vector() ? 1 : (long) geometry.height() * geometry.width();
    }

    Runnable work(String kernel) {
      String which = kernel.substring(kernel.indexOf(' ') + 1);
      return switch (which) {
        case FORWARD -> {
          ForwardProduct forward = new ForwardProduct(weights, in, out);
          yield () -> forward.run(pass, null, null);
        }
        case INPUT_GRADIENT -> {
          InputGradient input = new InputGradient(weights, new WorkArray());
          BackwardPlan.Target target = new BackwardPlan.Target(inGradient, false);
          yield () -> input.run(pass, gradient, target, null);
        }
        case WEIGHT_GRADIENT -> {
          WeightGradient weight = new WeightGradient(weights, in);
          yield () -> weight.run(pass, gradient);
        }
        default -> throw new IllegalArgumentException("unknown kernel '" + kernel + "'");
      };
    }
  }
}
