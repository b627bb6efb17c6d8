package dev.windfall.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What {@code bench kernels} prints.
 *
 * @param machine processor and kernels
 * @param peakGflops the most single-precision operations on one thread, in 10⁹ per second; null
 *     where the engine cannot tell
 * @param rows by kernel, layer and sparsity
 * @param medians of the speedups; empty where nothing was divided
 * @param breakEven by kernel and layer; empty where nothing was divided
 */
record KernelReport(
    String machine,
    @Nullable Double peakGflops,
    List<Row> rows,
    List<MedianSpeedup> medians,
    List<BreakEven> breakEven) {

  /**
   * One kernel on one layer.
   *
   * @param gflops useful operations, 2 · connections · positions, in 10⁹ per second
   * @param worstGflops of the slowest start
   * @param milliseconds for the whole batch
   * @param denseMilliseconds of the fastest dense way, measured in turns; null where there is none
   * @param speedup dense over sparse time; null where there is no dense one
   * @param denseBy what computed the dense one; null where there is none
   */
  record Row(
      String kernel,
      String shape,
      double sparsity,
      int threads,
      double gflops,
      double worstGflops,
      double milliseconds,
      @Nullable Double denseMilliseconds,
      @Nullable Double speedup,
      @Nullable String denseBy) {}

  /** The median of a kernel's speedups over its layers. */
  record MedianSpeedup(String kernel, double sparsity, double speedup) {}

  /**
   * From which sparsity on the sparse kernel is the faster one.
   *
   * @param losesAt the greatest measured sparsity at which it is not; null where there is none
   * @param winsAt the next measured one; null where there is none
   * @param sparsity between the two, where the quotient of sparse and dense time, interpolated
   *     linearly, is 1; null where one of them is missing
   */
  record BreakEven(
      String kernel,
      String shape,
      @Nullable Double losesAt,
      @Nullable Double winsAt,
      @Nullable Double sparsity) {}

  /** The report on some rows. */
  static KernelReport of(String machine, @Nullable Double peakGflops, List<Row> rows) {
    List<Row> divided = rows.stream().filter(row -> row.speedup() != null).toList();
    List<MedianSpeedup> medians = new ArrayList<>();
    for (List<Row> same : grouped(divided, row -> row.kernel() + row.sparsity())) {
      Row first = same.getFirst();
      medians.add(
          new MedianSpeedup(first.kernel(), first.sparsity(), median(same, KernelReport::speedup)));
    }
    List<BreakEven> breakEven =
        grouped(divided, row -> row.kernel() + row.shape()).stream()
            .map(KernelReport::breakEven)
            .toList();
    return new KernelReport(machine, peakGflops, rows, medians, breakEven);
  }

  /** The medians over several starts' reports on the same cases. */
  static KernelReport combine(List<KernelReport> starts) {
    List<Row> all = starts.stream().flatMap(report -> report.rows().stream()).toList();
    List<Row> rows =
        grouped(all, row -> row.kernel() + row.shape() + row.sparsity()).stream()
            .map(KernelReport::combineRows)
            .toList();
    boolean hasPeak = starts.getFirst().peakGflops() != null;
    Double peak =
        hasPeak ? (Double) Median.of(starts.stream().mapToDouble(report -> peak(report))) : null;
    return of(starts.getFirst().machine(), peak, rows);
  }

  private static double peak(KernelReport report) {
    return Objects.requireNonNull(report.peakGflops());
  }

  private static double speedup(Row row) {
    return Objects.requireNonNull(row.speedup());
  }

  private static double denseMilliseconds(Row row) {
    return Objects.requireNonNull(row.denseMilliseconds());
  }

  private static double median(List<Row> rows, ToDoubleFunction<Row> of) {
    return Median.of(rows.stream().mapToDouble(of));
  }

  private static List<List<Row>> grouped(List<Row> rows, Function<Row, String> by) {
    Map<String, List<Row>> groups =
        rows.stream().collect(Collectors.groupingBy(by, LinkedHashMap::new, Collectors.toList()));
    return List.copyOf(groups.values());
  }

  private static Row combineRows(List<Row> same) {
    Row first = same.getFirst();
    boolean divided = first.speedup() != null;
    return new Row(
        first.kernel(),
        first.shape(),
        first.sparsity(),
        first.threads(),
        median(same, Row::gflops),
        same.stream().mapToDouble(Row::gflops).min().orElseThrow(),
        median(same, Row::milliseconds),
        divided ? (Double) median(same, KernelReport::denseMilliseconds) : null,
        divided ? (Double) median(same, KernelReport::speedup) : null,
        divided
            ? same.stream().map(Row::denseBy).distinct().collect(Collectors.joining(" or "))
            : null);
  }

  private static BreakEven breakEven(List<Row> sameLayer) {
    List<Row> ascending =
        sameLayer.stream().sorted(Comparator.comparingDouble(Row::sparsity)).toList();
    int wins = ascending.size();
    while (wins > 0 && speedup(ascending.get(wins - 1)) > 1) {
      wins--;
    }
    Row losing = wins == 0 ? null : ascending.get(wins - 1);
    Row winning = wins == ascending.size() ? null : ascending.get(wins);
    return new BreakEven(
        ascending.getFirst().kernel(),
        ascending.getFirst().shape(),
        losing == null ? null : (Double) losing.sparsity(),
        winning == null ? null : (Double) winning.sparsity(),
        losing == null || winning == null ? null : (Double) crossing(losing, winning));
  }

  private static double crossing(Row losing, Row winning) {
    double before = 1 / speedup(losing);
    double behind = 1 / speedup(winning);
    double way = (before - 1) / (before - behind);
    return losing.sparsity() + way * (winning.sparsity() - losing.sparsity());
  }

  /** Prints tables for people. */
  void print(PrintWriter out) {
    out.printf(
        "%s%s%n%n",
        machine,
        peakGflops == null ? "" : "; peak of one thread %.0f GFLOP/s".formatted(peakGflops));
    out.printf(
        "%-24s %-28s %8s %8s %9s %9s %8s %9s %9s %8s  %s%n",
        "kernel",
        "layer",
        "sparsity",
        "threads",
        "GFLOP/s",
        "worst",
        "of peak",
        "ms",
        "dense ms",
        "speedup",
        "dense by");
    rows.forEach(row -> print(row, out));
    out.printf(
        "%nGFLOP/s are useful operations: 2 · connections · positions. 'all' is forward and both"
            + " gradients.%n");
    if (medians.isEmpty()) {
      out.printf(
          "For the times of dense layers beside them: --engines vector,torch (libtorch is fetched"
              + " once).%n");
      return;
    }
    out.printf("%nMedian of the speedups over a kernel's layers:%n");
    for (MedianSpeedup median : medians) {
      out.printf(
          "  %-24s %5.1f %%  %6.2f%n", median.kernel(), 100 * median.sparsity(), median.speedup());
    }
    out.printf(
        "%nSparsity from which the sparse kernel is the faster one, its time over the dense one's"
            + " interpolated%nbetween the measured sparsities around:%n");
    for (BreakEven one : breakEven) {
      out.printf("  %-24s %-28s %s%n", one.kernel(), one.shape(), text(one));
    }
  }

  private static String text(BreakEven one) {
    if (one.sparsity() != null) {
      return Figures.percent(one.sparsity());
    }
    return one.winsAt() == null
        ? "above %s".formatted(Figures.percent(Objects.requireNonNull(one.losesAt())))
        : "below %s".formatted(Figures.percent(one.winsAt()));
  }

  private void print(Row row, PrintWriter out) {
    out.printf(
        "%-24s %-28s %8.3f %8d %9.1f %9.1f %8s %9.2f %9s %8s  %s%n",
        row.kernel(),
        row.shape(),
        row.sparsity(),
        row.threads(),
        row.gflops(),
        row.worstGflops(),
        peakGflops == null
            ? "-"
            : "%.1f%%".formatted(100 * row.gflops() / (peakGflops * row.threads())),
        row.milliseconds(),
        Figures.orDash("%.2f", row.denseMilliseconds()),
        Figures.orDash("%.2f", row.speedup()),
        row.denseBy() == null ? "-" : row.denseBy());
  }
}
