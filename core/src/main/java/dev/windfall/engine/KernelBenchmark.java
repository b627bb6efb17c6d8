package dev.windfall.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Offers an engine's kernels by themselves, layer by layer, for someone to time. */
public interface KernelBenchmark {

  /** What of a layer is computed. */
  enum Part {
    /** The outputs. */
    FORWARD("forward"),
    /** The gradient by the inputs. */
    INPUT_GRADIENT("input-gradient"),
    /** The gradient by the weights. */
    WEIGHT_GRADIENT("weight-gradient"),
    /** The outputs and then both gradients, as in a training step. */
    ALL("all");

    private final String label;

    Part(String label) {
      this.label = label;
    }

    /** The name in tables. */
    public String label() {
      return label;
    }

    /** How often every connection is multiplied with every position. */
    public int products() {
      return this == ALL ? 3 : 1;
    }
  }

  /**
   * A layer without bias and what of it is computed: a linear layer, or a convolution of 3×3 with a
   * stride of 1 and a padding of 1.
   *
   * @param part what is computed
   * @param inputs input channels, or features of a linear layer
   * @param outputs output channels, or features of a linear layer
   * @param extent height and width of input and output; 1 for a linear layer
   * @param batchSize samples
   */
  record Case(Part part, int inputs, int outputs, int extent, int batchSize) {

    /** Whether the layer is a linear one. */
    public boolean isLinear() {
      return extent == 1;
    }

    /** The kernel's name, such as {@code conv3x3 forward}. */
    public String kernel() {
      return (isLinear() ? "linear " : "conv3x3 ") + part.label();
    }

    /**
     * Operations of one execution, each multiplication and each addition counted.
     *
     * @param connections weights that exist
     */
    public double flops(long connections) {
      return 2.0 * part.products() * connections * extent * extent * batchSize;
    }
  }

  /** A case in memory, ready to be run again and again; closing it frees the memory. */
  interface Kernel extends AutoCloseable {

    /** What computes it, in a few words, such as the layout of its data. */
    String description();

    /** Useful operations of one execution: {@link Case#flops} of the connections that exist. */
    double flops();

    /** Computes the whole batch once. */
    void run();

    @Override
    void close();
  }

  /**
   * The layers that are usually timed: convolutions of 64 to 512 channels, with as many products
   * each, and a linear layer of 1024 features, on 128 samples.
   */
  static List<Case> usualCases() {
    List<Case> cases = new ArrayList<>();
    for (Part part : Part.values()) {
      for (int channels = 64; channels <= 512; channels *= 2) {
        cases.add(new Case(part, channels, channels, 2048 / channels, 128));
      }
      cases.add(new Case(part, 1024, 1024, 1, 128));
    }
    return cases;
  }

  /**
   * The ways in which this engine can compute a case, on random connections; the fastest counts.
   *
   * @param benchmark what is computed of which layer
   * @param sparsity from 0 to below 1
   * @param threads computing threads
   */
  List<Kernel> prepare(Case benchmark, double sparsity, int threads);

  /**
   * The machine's greatest rate of single-precision operations on one thread, in FLOP/s; empty
   * where the engine cannot tell.
   */
  OptionalDouble peakFlops();
}
