package dev.windfall.cli;

import dev.windfall.engine.KernelBenchmark;
import dev.windfall.experiment.Engines;
import dev.windfall.experiment.JsonText;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Times single kernels over several starts of the JVM. */
@Command(
    name = "kernels",
    description =
        "Times convolution and linear kernels, beside dense ones if asked for: median and worst of"
            + " several starts of the JVM, and the machine's peak in the same run.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  windfall bench kernels --kernel forward --sparsity 0.9",
      "  windfall bench kernels --engines vector,torch --kernel conv3x3 --sparsity 0.5,0.7,0.9"
    })
final class BenchKernelsCommand implements Callable<Integer> {

  @Option(
      names = "--engines",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "vector",
      description =
          "Engine whose kernels are timed and, behind a comma, the one whose dense kernels they are"
              + " divided by. Default: ${DEFAULT-VALUE}.")
  private List<String> engines = List.of();

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

  @Override
  public Integer call() throws IOException {
    requireRanges();
    KernelReport report = starts == 0 ? measure() : measureInForks();
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      out.print(JsonText.document(report));
    } else {
      report.print(out);
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
    if (engines.size() > 2) {
      throw new ParameterException(
          command.commandLine(), "--engines: one engine, and at most one to divide by");
    }
    if (cases().isEmpty()) {
      throw new ParameterException(
          command.commandLine(),
          "--kernel '%s' is in no kernel's name; there are: %s"
              .formatted(
                  kernel,
                  KernelBenchmark.usualCases().stream()
                      .map(KernelBenchmark.Case::kernel)
                      .distinct()
                      .collect(Collectors.joining(", "))));
    }
  }

  private List<KernelBenchmark.Case> cases() {
    return KernelBenchmark.usualCases().stream()
        .filter(one -> one.kernel().contains(kernel))
        .toList();
  }

  private static KernelBenchmark benchmark(String engine) {
    return Engines.named(engine)
        .kernelBenchmark()
        .orElseThrow(
            () -> new IllegalArgumentException("engine " + engine + " has no kernels to time"));
  }

  private KernelReport measure() {
    KernelBenchmark sparse = benchmark(engines.getFirst());
    KernelBenchmark dense = engines.size() == 1 ? null : benchmark(engines.getLast());
    KernelTimer timer = new KernelTimer(sparse, dense, threads);
    List<KernelReport.Row> rows =
        cases().stream().flatMap(one -> timer.time(one, sparsities).stream()).toList();
    OptionalDouble peak = sparse.peakFlops();
    return KernelReport.of(
        Engines.named(engines.getFirst()).description(),
        peak.isPresent() ? (Double) (peak.getAsDouble() / 1e9) : null,
        rows);
  }

  private KernelReport measureInForks() throws IOException {
    List<String> arguments =
        List.of(
            "bench",
            "kernels",
            "--starts=0",
            "--json",
            "--engines=" + String.join(",", engines),
            "--kernel=" + kernel,
            "--threads=" + threads,
            "--sparsity="
                + sparsities.stream().map(String::valueOf).collect(Collectors.joining(",")));
    List<KernelReport> reports = new ArrayList<>();
    for (int start = 1; start <= starts; start++) {
      command.commandLine().getErr().printf("start %d of %d%n", start, starts);
      command.commandLine().getErr().flush();
      reports.add(JsonText.read(ForkedJvm.run(arguments), KernelReport.class));
    }
    return KernelReport.combine(reports);
  }
}
