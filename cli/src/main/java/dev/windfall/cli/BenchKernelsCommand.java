package dev.windfall.cli;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.windfall.engine.KernelBenchmark;
import dev.windfall.experiment.Engines;
import dev.windfall.experiment.JsonText;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Times single kernels over several starts of the JVM. */
@Command(
    name = "kernels",
    description =
        "Times convolution and linear kernels: median and worst of several starts of the JVM, and"
            + " the machine's peak in the same run.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  windfall bench kernels --kernel forward --sparsity 0.9"})
final class BenchKernelsCommand implements Callable<Integer> {

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      defaultValue = "vector",
      description = "Engine whose kernels are timed. Default: ${DEFAULT-VALUE}.")
  private String engine = "vector";

  @Option(
      names = "--sparsity",
      paramLabel = "SHARE",
      split = ",",
      defaultValue = "0.9,0.95,0.98",
      description = "Sparsities. Default: ${DEFAULT-VALUE}.")
  private List<Double> sparsities = List.of();

  @Option(
      names = "--kernel",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Only kernels whose name contains this, such as 'conv3x3 forward'.")
  private String kernel = "";

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Computing threads. Default: ${DEFAULT-VALUE}.")
  private int threads = 1;

  @Option(
      names = "--starts",
      paramLabel = "N",
      defaultValue = "5",
      description = "Starts of the JVM; 0 measures in this one. Default: ${DEFAULT-VALUE}.")
  private int starts = 5;

  @Option(names = "--json", description = "Prints one JSON document.")
  private boolean json;

  @Spec private CommandSpec command = CommandSpec.create();

  BenchKernelsCommand() {}

  /**
   * What the command prints with {@code --json}.
   *
   * @param machine processor and kernels
   * @param peakGflops the most single-precision operations on one thread, in 10⁹ per second
   */
  record Report(String machine, double peakGflops, List<Row> rows) {}

  /**
   * One kernel on one layer.
   *
   * @param gflops useful operations, 2 · connections · positions, in 10⁹ per second
   * @param worstGflops of the slowest start
   * @param milliseconds for the whole batch
   * @param denseMilliseconds of the best dense alternative; null while there is none
   * @param speedup dense over sparse time; null while there is none
   * @param denseBy what the dense time was measured with; null while there is none
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

  @Override
  public Integer call() throws IOException {
    requireRanges();
    Report report = starts == 0 ? measure() : measureInForks();
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      out.print(JsonText.document(report));
    } else {
      print(report, out);
    }
    out.flush();
    return 0;
  }

  private void requireRanges() {
    for (double sparsity : sparsities) {
      if (!(sparsity >= 0 && sparsity < 1)) {
        throw new ParameterException(
            command.commandLine(), "--sparsity: at least 0 and below 1, not " + sparsity);
      }
    }
    if (threads < 1 || starts < 0) {
      throw new ParameterException(
          command.commandLine(), "--threads must be at least 1 and --starts at least 0");
    }
  }

  private Report measure() {
    KernelBenchmark benchmark =
        Engines.named(engine)
            .kernelBenchmark()
            .orElseThrow(
                () -> new IllegalArgumentException("engine " + engine + " has no kernels to time"));
    List<Row> rows = new ArrayList<>();
    for (KernelBenchmark.Case one : benchmark.cases()) {
      if (!one.kernel().contains(kernel)) {
        continue;
      }
      for (double sparsity : sparsities) {
        KernelBenchmark.Timing timing = benchmark.time(one, sparsity, threads);
        double gflops = timing.flops() / timing.nanoseconds();
        rows.add(
            new Row(
                one.kernel(),
                shape(one),
                sparsity,
                threads,
                gflops,
                gflops,
                timing.nanoseconds() / 1e6,
                null,
                null,
                null));
      }
    }
    if (rows.isEmpty()) {
      throw new ParameterException(
          command.commandLine(),
          "--kernel '%s' is in no kernel's name; there are: %s"
              .formatted(
                  kernel,
                  benchmark.cases().stream()
                      .map(KernelBenchmark.Case::kernel)
                      .distinct()
                      .collect(Collectors.joining(", "))));
    }
    String machine = Engines.named(engine).description();
    return new Report(machine, benchmark.peakFlops() / 1e9, rows);
  }

  private static String shape(KernelBenchmark.Case one) {
    return one.extent() == 1
        ? "%d→%d, batch %d".formatted(one.inputs(), one.outputs(), one.batchSize())
        : "%d→%d, %d×%d, batch %d"
            .formatted(one.inputs(), one.outputs(), one.extent(), one.extent(), one.batchSize());
  }

  private Report measureInForks() throws IOException {
    JsonMapper mapper =
        JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    List<String> arguments =
        List.of(
            "bench",
            "kernels",
            "--starts=0",
            "--json",
            "--engine=" + engine,
            "--kernel=" + kernel,
            "--threads=" + threads,
            "--sparsity="
                + sparsities.stream().map(String::valueOf).collect(Collectors.joining(",")));
    List<Report> reports = new ArrayList<>();
    for (int start = 1; start <= starts; start++) {
      command.commandLine().getErr().printf("start %d of %d%n", start, starts);
      command.commandLine().getErr().flush();
      reports.add(mapper.readValue(ForkedJvm.run(arguments), Report.class));
    }
    return combine(reports);
  }

  private static Report combine(List<Report> reports) {
    Map<String, List<Row>> byCase = new LinkedHashMap<>();
    for (Report report : reports) {
      for (Row row : report.rows()) {
        byCase
            .computeIfAbsent(
                row.kernel() + row.shape() + row.sparsity(), ignored -> new ArrayList<>())
            .add(row);
      }
    }
    List<Row> rows = new ArrayList<>();
    for (List<Row> same : byCase.values()) {
      Row first = same.getFirst();
      rows.add(
          new Row(
              first.kernel(),
              first.shape(),
              first.sparsity(),
              first.threads(),
              Median.of(same.stream().mapToDouble(Row::gflops)),
              same.stream().mapToDouble(Row::gflops).min().orElseThrow(),
              Median.of(same.stream().mapToDouble(Row::milliseconds)),
              null,
              null,
              null));
    }
    double peak = Median.of(reports.stream().mapToDouble(Report::peakGflops));
    return new Report(reports.getFirst().machine(), peak, rows);
  }

  private static void print(Report report, PrintWriter out) {
    out.printf("%s; peak of one thread %.0f GFLOP/s%n%n", report.machine(), report.peakGflops());
    out.printf(
        "%-24s %-28s %8s %8s %9s %9s %8s %9s%n",
        "kernel", "layer", "sparsity", "threads", "GFLOP/s", "worst", "of peak", "ms");
    for (Row row : report.rows()) {
      out.printf(
          "%-24s %-28s %8.2f %8d %9.1f %9.1f %7.1f%% %9.2f%n",
          row.kernel(),
          row.shape(),
          row.sparsity(),
          row.threads(),
          row.gflops(),
          row.worstGflops(),
          100 * row.gflops() / (report.peakGflops() * row.threads()),
          row.milliseconds());
    }
    out.printf(
        "%nGFLOP/s are useful operations: 2 · connections · positions. Dense convolutions are not"
            + " timed beside them yet.%n");
  }
}
