package dev.windfall.cli;

import dev.windfall.engine.KernelBenchmark;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Times kernels at several sparsities, in turns with dense ones of the same layer. */
final class KernelTimer {

  private static final int ROUNDS = 9;

  /** Until the compiler has done its work; each kernel warms up by itself. */
  private static final long WARM_UP_NANOSECONDS = 400_000_000L;

  private static final long PATIENCE_NANOSECONDS = 60_000_000_000L;

  private final KernelBenchmark sparse;
  private final @Nullable KernelBenchmark dense;
  private final int threads;

  /**
   * A timer.
   *
   * @param sparse whose kernels are timed
   * @param dense by whose fastest way at sparsity 0 they are divided; null: by nothing
   * @param threads computing threads of both
   */
  KernelTimer(KernelBenchmark sparse, @Nullable KernelBenchmark dense, int threads) {
    this.sparse = sparse;
    this.dense = dense;
    this.threads = threads;
  }

  /** One case's rows, a row for each sparsity. */
  List<KernelReport.Row> time(KernelBenchmark.Case one, List<Double> sparsities) {
    List<List<KernelBenchmark.Kernel>> ways = new ArrayList<>();
    try {
      for (double sparsity : sparsities) {
        ways.add(sparse.prepare(one, sparsity, threads));
      }
      if (dense != null) {
        ways.add(dense.prepare(one, 0, threads));
      }
      List<Timed> timed = time(ways.stream().flatMap(List::stream).toList());
      List<Timed> fastest = ways.stream().map(kernels -> fastest(kernels, timed)).toList();
      Timed divisor = dense == null ? null : fastest.getLast();
      return IntStream.range(0, sparsities.size())
          .mapToObj(i -> row(one, sparsities.get(i), fastest.get(i), divisor))
          .toList();
    } finally {
      ways.forEach(kernels -> kernels.forEach(KernelBenchmark.Kernel::close));
    }
  }

  /** A kernel and the median of its times. */
  private record Timed(KernelBenchmark.Kernel kernel, double nanoseconds) {}

  private static List<Timed> time(List<KernelBenchmark.Kernel> kernels) {
    List<Runnable> pieces = kernels.stream().<Runnable>map(kernel -> kernel::run).toList();
    pieces.forEach(piece -> Turns.run(List.of(piece), Integer.MAX_VALUE, WARM_UP_NANOSECONDS));
    double[] medians = Turns.medians(pieces, ROUNDS, PATIENCE_NANOSECONDS);
    return IntStream.range(0, medians.length)
        .mapToObj(i -> new Timed(kernels.get(i), medians[i]))
        .toList();
  }

  private static Timed fastest(List<KernelBenchmark.Kernel> ways, List<Timed> timed) {
    return timed.stream()
        .filter(one -> ways.contains(one.kernel()))
        .min(Comparator.comparingDouble(Timed::nanoseconds))
        .orElseThrow();
  }

  private KernelReport.Row row(
      KernelBenchmark.Case one, double sparsity, Timed own, @Nullable Timed divisor) {
    double gflops = own.kernel().flops() / own.nanoseconds();
    return new KernelReport.Row(
        one.kernel(),
        shape(one),
        sparsity,
        threads,
        gflops,
        gflops,
        own.nanoseconds() / 1e6,
        divisor == null ? null : divisor.nanoseconds() / 1e6,
        divisor == null ? null : divisor.nanoseconds() / own.nanoseconds(),
        divisor == null ? null : divisor.kernel().description());
  }

  private static String shape(KernelBenchmark.Case one) {
    return one.isLinear()
        ? "%d→%d, batch %d".formatted(one.inputs(), one.outputs(), one.batchSize())
        : "%d→%d, %d×%d, batch %d"
            .formatted(one.inputs(), one.outputs(), one.extent(), one.extent(), one.batchSize());
  }
}
