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
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Forward, input gradient and weight gradient of single layers: the same code that a session runs,
 * on random connections and a whole batch, so that activations do not come from the nearest caches.
 */
final class VectorKernelBenchmark implements KernelBenchmark {

  private static final long PEAK_ITERATIONS = 20_000_000;

  private final Kernels kernels;

  VectorKernelBenchmark(Kernels kernels) {
    this.kernels = kernels;
  }

  @Override
  public OptionalDouble peakFlops() {
    double best = 0;
    for (int round = 0; round < 5; round++) {
      long start = System.nanoTime();
      double flops = kernels.peakLoop(PEAK_ITERATIONS);
      best = Math.max(best, flops / ((System.nanoTime() - start) * 1e-9));
    }
    return OptionalDouble.of(best);
  }

  /** There is one way. */
  @Override
  public List<Kernel> prepare(Case benchmark, double sparsity, int threads) {
    Arena arena = Arena.ofShared();
    Crew crew = new Crew(threads);
    Bed bed = Bed.of(benchmark, sparsity, arena, crew, kernels);
    double flops = benchmark.flops(bed.weights().count());
    return List.of(
        new Prepared(kernels.description(), flops, bed.work(benchmark.part()), crew, arena));
  }

  /** A kernel with its threads and its memory. */
  private record Prepared(String description, double flops, Runnable work, Crew crew, Arena arena)
      implements Kernel {

    @Override
    public void run() {
      work.run();
    }

    @Override
    public void close() {
      crew.close();
      arena.close();
    }
  }

  /** A layer with its buffers, filled with noise. */
  private record Bed(
      SparseWeights weights, Buffer in, Buffer out, Buffer gradient, Buffer inGradient, Pass pass) {

    static Bed of(Case benchmark, double sparsity, Arena arena, Crew crew, Kernels kernels) {
      Shape shape = new Shape(benchmark.inputs(), benchmark.extent(), benchmark.extent());
      Layer layer =
          benchmark.isLinear()
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

    Runnable work(Part part) {
      return switch (part) {
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
        case ALL -> {
          List<Runnable> parts =
              List.of(work(Part.FORWARD), work(Part.INPUT_GRADIENT), work(Part.WEIGHT_GRADIENT));
          yield () -> parts.forEach(Runnable::run);
        }
      };
    }
  }
}
