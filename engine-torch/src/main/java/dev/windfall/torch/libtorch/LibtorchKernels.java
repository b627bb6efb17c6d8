package dev.windfall.torch.libtorch;

import dev.windfall.engine.KernelBenchmark;
import dev.windfall.torch.tensor.TensorLibrary;
import dev.windfall.torch.tensor.TensorLibrary.Recording;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * Dense layers by libtorch: convolutions by oneDNN in each layout that libtorch can hand to it, and
 * linear layers by BLAS and by oneDNN. The same functions are called as when a recorded computation
 * is differentiated. A sparsity changes nothing but the count of useful operations.
 */
final class LibtorchKernels implements KernelBenchmark {

  /** The order of feature maps in memory, from one layer to the next. */
  private enum Layout {
    /** N×C×H×W. */
    PLAIN,
    /** N×H×W×C. */
    CHANNELS_LAST,
    /** What oneDNN chooses itself, so that nothing is rearranged between its layers. */
    BLOCKED
  }

  private static final long[] ONE = {1, 1};

  private final TensorLibrary library;

  LibtorchKernels(TensorLibrary library) {
    this.library = library;
  }

  @Override
  public List<Kernel> prepare(Case benchmark, double sparsity, int threads) {
    long weights = (long) benchmark.inputs() * benchmark.outputs() * (benchmark.isLinear() ? 1 : 9);
    double flops = benchmark.flops(Math.round((1 - sparsity) * weights));
    List<Kernel> kernels = new ArrayList<>();
    for (Layout layout : Layout.values()) {
      if (!benchmark.isLinear()) {
        kernels.add(convolution(benchmark, layout, flops, threads));
      } else if (layout != Layout.CHANNELS_LAST) {
        kernels.add(linear(benchmark, layout, flops, threads));
      }
    }
    return kernels;
  }

  /** Feature maps, weights and an output gradient of one layer. */
  private record Operands(Tensor input, Tensor weight, Tensor gradient) {

    /** Random numbers, kept until they are freed. */
    static Operands kept(Layout layout, long[] input, long[] weight, long[] gradient) {
      return inScope(
          () -> {
            Operands plain =
                new Operands(torch.randn(input), torch.randn(weight), torch.randn(gradient));
            Operands made = plain.in(layout);
            made.input.retainReference();
            made.weight.retainReference();
            made.gradient.retainReference();
            return made;
          });
    }

    private Operands in(Layout layout) {
      return switch (layout) {
        case PLAIN -> this;
        case CHANNELS_LAST ->
            new Operands(
                input.contiguous(MemoryFormat.ChannelsLast),
                weight.contiguous(MemoryFormat.ChannelsLast),
                gradient.contiguous(MemoryFormat.ChannelsLast));
        // Weights stay as an optimizer sees them; oneDNN rearranges them in each call.
        case BLOCKED -> new Operands(blocked(input), weight, blocked(gradient));
      };
    }

    /** Of maps, only what a convolution gives is in the layout that oneDNN chooses for itself. */
    private Tensor blocked(Tensor tensor) {
      Tensor opaque = tensor.to_mkldnn();
      return tensor.dim() == 4 ? convolution(opaque, weight) : opaque;
    }

    void free() {
      input.close();
      weight.close();
      gradient.close();
    }
  }

  /** Computes in a scope of its own; what is not kept is freed at its end. */
  @SuppressWarnings("try") // Whatever is made meanwhile belongs to the scope.
  private static <T> T inScope(Supplier<T> work) {
    try (LibtorchScope scope = new LibtorchScope(Recording.OFF)) {
      return work.get();
    }
  }

  private Kernel convolution(Case benchmark, Layout layout, double flops, int threads) {
    long extent = benchmark.extent();
    Operands operands =
        Operands.kept(
            layout,
            new long[] {benchmark.batchSize(), benchmark.inputs(), extent, extent},
            new long[] {benchmark.outputs(), benchmark.inputs(), 3, 3},
            new long[] {benchmark.batchSize(), benchmark.outputs(), extent, extent});
    String name = layout.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return prepared(
        "oneDNN, %s layout".formatted(name),
        flops,
        threads,
        operands,
        () -> convolve(operands, benchmark.part()));
  }

  private static Tensor convolution(Tensor input, Tensor weight) {
    return torch.conv2d(input, weight, new TensorOptional(), ONE, ONE, ONE, 1);
  }

  private static void convolve(Operands operands, Part part) {
    if (part == Part.FORWARD || part == Part.ALL) {
      convolution(operands.input(), operands.weight());
    }
    if (part != Part.FORWARD) {
      torch.convolution_backward(
          operands.gradient(),
          operands.input(),
          operands.weight(),
          new LongArrayRefOptional(),
          ONE,
          ONE,
          ONE,
          false,
          new long[2],
          1,
          gradients(part));
    }
  }

  /** Which gradients are wanted: by input, weight and bias. */
  private static BoolPointer gradients(Part part) {
    return new BoolPointer(3)
        .put(0, part != Part.WEIGHT_GRADIENT)
        .put(1, part != Part.INPUT_GRADIENT)
        .put(2, false);
  }

  private Kernel linear(Case benchmark, Layout layout, double flops, int threads) {
    Operands operands =
        Operands.kept(
            layout,
            new long[] {benchmark.batchSize(), benchmark.inputs()},
            new long[] {benchmark.outputs(), benchmark.inputs()},
            new long[] {benchmark.batchSize(), benchmark.outputs()});
    return layout == Layout.BLOCKED
        ? prepared(
            "oneDNN", flops, threads, operands, () -> multiplyByOneDnn(operands, benchmark.part()))
        : prepared("BLAS", flops, threads, operands, () -> multiply(operands, benchmark.part()));
  }

  private static void multiply(Operands operands, Part part) {
    if (part == Part.FORWARD || part == Part.ALL) {
      torch.linear(operands.input(), operands.weight(), new TensorOptional());
    }
    if (part == Part.INPUT_GRADIENT || part == Part.ALL) {
      operands.gradient().mm(operands.weight());
    }
    if (part == Part.WEIGHT_GRADIENT || part == Part.ALL) {
      operands.gradient().t().mm(operands.input());
    }
  }

  private static void multiplyByOneDnn(Operands operands, Part part) {
    if (part == Part.FORWARD || part == Part.ALL) {
      torch.mkldnn_linear(operands.input(), operands.weight());
    }
    if (part == Part.INPUT_GRADIENT || part == Part.ALL) {
      torch.mkldnn_linear_backward_input(
          operands.input().shape(), operands.gradient(), operands.weight());
    }
    if (part == Part.WEIGHT_GRADIENT || part == Part.ALL) {
      torch.mkldnn_linear_backward_weights(
          operands.gradient(), operands.input(), operands.weight(), false);
    }
  }

  private Kernel prepared(String way, double flops, int threads, Operands operands, Runnable work) {
    String description = "libtorch %s: %s".formatted(Libtorch.version(), way);
    Runnable withThreads =
        () -> {
          library.useThreads(threads);
          inScope(
              () -> {
                work.run();
                return true;
              });
        };
    return new Prepared(description, flops, operands, withThreads);
  }

  /** A kernel with its memory. */
  private record Prepared(String description, double flops, Operands operands, Runnable work)
      implements Kernel {

    @Override
    public void run() {
      work.run();
    }

    @Override
    public void close() {
      operands.free();
    }
  }

  @Override
  public OptionalDouble peakFlops() {
    return OptionalDouble.empty();
  }
}
