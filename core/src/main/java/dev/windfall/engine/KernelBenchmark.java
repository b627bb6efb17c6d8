package dev.windfall.engine;

import java.util.List;

/** Times an engine's kernels by themselves, hot in their loops but cold in the caches. */
public interface KernelBenchmark {

  /**
   * A kernel on one layer.
   *
   * @param kernel its name, such as {@code conv3x3 forward}
   * @param inputs input channels, or features of a linear layer
   * @param outputs output channels, or features of a linear layer
   * @param extent height and width of input and output; 1 for a linear layer
   * @param batchSize samples
   */
  record Case(String kernel, int inputs, int outputs, int extent, int batchSize) {}

  /**
   * A measurement.
   *
   * @param nanoseconds median time of one execution over the whole batch
   * @param flops useful operations of one execution: 2 · connections · positions · samples
   */
  record Timing(double nanoseconds, double flops) {}

  /** The cases that this engine measures by default, smallest layer first. */
  List<Case> cases();

  /**
   * Runs one case on random connections.
   *
   * @param benchmark which kernel and layer
   * @param sparsity from 0 to below 1
   * @param threads computing threads
   */
  Timing time(Case benchmark, double sparsity, int threads);

  /** The machine's greatest rate of single-precision operations on one thread, in FLOP/s. */
  double peakFlops();
}
