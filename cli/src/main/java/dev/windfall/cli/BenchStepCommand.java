package dev.windfall.cli;

import dev.windfall.experiment.Engines;
import dev.windfall.experiment.JsonText;
import dev.windfall.network.Network;
import dev.windfall.network.Shape;
import dev.windfall.sparsity.Distribution;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Times whole training steps over several starts of the JVM. */
@Command(
    name = "step",
    description =
        "Times training steps on a batch of noise, beside the dense network's if asked for: median"
            + " of several starts of the JVM, and where the time goes. An update step is one of RigL that replaces 30 %% of the connections.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  windfall bench step --model resnet-18 --sparsity 0.9,0.95",
      "  windfall bench step --engines vector,torch",
      "  windfall bench step --model mobilenet-v1 --input 3x224x224"
    })
final class BenchStepCommand implements Callable<Integer> {

  private static final List<Case> DEFAULTS =
      List.of(
          new Case("wrn-22-2", 0.9, "erk"),
          new Case("wrn-22-2", 0, "erk"),
          new Case("resnet-18", 0.9, "uniform"),
          new Case("resnet-18", 0.95, "uniform"),
          new Case("resnet-18", 0, "uniform"));

  private static final int BATCH_SIZE = 128;

  /** Activations of photographs take a hundred megabytes each in the deeper networks. */
  private static final int BATCH_SIZE_OF_LARGE_IMAGES = 32;

  /** Steps until the compiler has done its work. */
  private static final int WARM_UP = 12;

  /** Slow networks warm up, and are measured, no longer than this; but over three steps. */
  private static final long PATIENCE_NANOSECONDS = 12_000_000_000L;

  /** Update steps until the compiler has done its work, and then those that are measured. */
  private static final int UPDATE_WARM_UP = 3;

  private static final int UPDATES = 5;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "Network. Default: wrn-22-2 and resnet-18, sparse and dense.")
  private @Nullable String model;

  @Option(
      names = "--sparsity",
      paramLabel = "SHARE",
      split = ",",
      description = "Sparsities, with --model. Default: 0.9.")
  private List<Double> sparsities = List.of(0.9);

  @Option(
      names = "--distribution",
      paramLabel = "NAME",
      defaultValue = "erk",
      description = "Distribution, with --model. Default: ${DEFAULT-VALUE}.")
  private String distribution = "erk";

  @Option(
      names = "--input",
      paramLabel = "CxHxW",
      description =
          "Channels, height and width of a sample, such as 3x224x224. Default: 3x32x32, and 1x28x28"
              + " for LeNets.")
  private @Nullable String input;

  @Option(
      names = "--engines",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "vector",
      description =
          "Engine that is timed and, behind a comma, the one on which the dense network is timed in"
              + " turns, to divide by. Default: ${DEFAULT-VALUE}.")
  private List<String> engines = List.of();

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "Samples of a step. Default: 128, and 32 for images beyond 64 pixels.")
  private @Nullable Integer batchSize;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Computing threads; 0: all processors. Default: ${DEFAULT-VALUE}.")
  private int threads;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "15",
      description = "The most steps that each start measures. Default: ${DEFAULT-VALUE}.")
  private int steps = 15;

  @Option(
      names = "--starts",
      paramLabel = "N",
      defaultValue = "3",
      description = "Starts of the JVM; 0 measures in this one. Default: ${DEFAULT-VALUE}.")
  private int starts = 3;

  @Option(names = "--json", description = "Prints one JSON document.")
  private boolean json;

  @Spec private CommandSpec command = CommandSpec.create();

  BenchStepCommand() {}

  /** What is measured: a network at a sparsity. */
  private record Case(String model, double sparsity, String distribution) {}

  /** What the command prints with {@code --json}. */
  record Report(List<Row> rows) {}

  /**
   * One network.
   *
   * @param input channels, height and width of a sample
   * @param imagesPerSecond of ordinary steps
   * @param worstImagesPerSecond of the slowest start
   * @param milliseconds of an ordinary step
   * @param updateMilliseconds of a step that replaces connections; null where all exist
   * @param denseMilliseconds of the dense network's step, made in turns; null where there is none
   * @param speedup dense over own time; null where there is no dense one
   * @param denseBy what the dense network was timed on; null where there is none
   * @param share of a step's time by kind of operation, from 0 to 1
   */
  record Row(
      String model,
      String engine,
      double sparsity,
      String distribution,
      String input,
      int batchSize,
      int threads,
      double imagesPerSecond,
      double worstImagesPerSecond,
      double milliseconds,
      @Nullable Double updateMilliseconds,
      @Nullable Double denseMilliseconds,
      @Nullable Double speedup,
      @Nullable String denseBy,
      Map<String, Double> share) {}

  @Override
  public Integer call() throws IOException {
    if ((batchSize != null && batchSize < 1) || threads < 0 || steps < 1 || starts < 0) {
      throw new ParameterException(
          command.commandLine(),
          "--batch-size and --steps must be at least 1, --threads and --starts at least 0");
    }
    if (engines.size() > 2) {
      throw new ParameterException(
          command.commandLine(), "--engines: one engine, and at most one to divide by");
    }
    List<Row> rows = new ArrayList<>();
    for (Case one : cases()) {
      rows.addAll(starts == 0 ? measure(one) : measureInForks(one));
    }
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      out.print(JsonText.document(new Report(rows)));
    } else {
      print(rows, out);
    }
    out.flush();
    return 0;
  }

  private List<Case> cases() {
    if (model == null) {
      return DEFAULTS;
    }
    String name = model;
    return sparsities.stream().map(sparsity -> new Case(name, sparsity, distribution)).toList();
  }

  private Network network(Case one) {
    return SyntheticTraining.network(one.model(), input == null ? null : InputShape.parse(input));
  }

  private int samples(Shape shape) {
    int usual = InputShape.isSmall(shape) ? BATCH_SIZE : BATCH_SIZE_OF_LARGE_IMAGES;
    return batchSize == null ? usual : batchSize;
  }

  private int workers() {
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }

  /** A network in training on an engine. */
  private record Contender(String engine, Case one, SyntheticTraining training) {

    Map<String, Long> times() {
      return training.session().timeShares().nanosecondsByKind();
    }
  }

  private Contender contender(String engine, Case one) {
    Network network = network(one);
    return new Contender(
        engine,
        one,
        new SyntheticTraining(
            Engines.named(engine),
            network,
            one.sparsity(),
            Distribution.named(one.distribution()),
            "rigl",
            samples(network.input()),
            workers()));
  }

  /** The row of the first engine and, where there is a second one, that of its dense network. */
  private List<Row> measure(Case one) {
    List<Contender> contenders = new ArrayList<>();
    try {
      contenders.add(contender(engines.getFirst(), one));
      if (engines.size() > 1) {
        contenders.add(contender(engines.getLast(), new Case(one.model(), 0, one.distribution())));
      }
      List<Runnable> turns =
          contenders.stream().<Runnable>map(each -> each.training()::step).toList();
      Turns.run(turns, WARM_UP, PATIENCE_NANOSECONDS);
      List<Map<String, Long>> before = contenders.stream().map(Contender::times).toList();
      double[] nanoseconds = Turns.medians(turns, steps, PATIENCE_NANOSECONDS);
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < nanoseconds.length; i++) {
        Contender own = contenders.get(i);
        Map<String, Double> share = shares(before.get(i), own.times());
        boolean divided = i == 0 && engines.size() > 1;
        rows.add(row(own, nanoseconds[i], divided ? (Double) nanoseconds[1] : null, share));
      }
      return rows;
    } finally {
      contenders.forEach(each -> each.training().close());
    }
  }

  private Row row(
      Contender own, double nanoseconds, @Nullable Double dense, Map<String, Double> share) {
    Case one = own.one();
    Shape input = network(one).input();
    double rate = 1e9 * samples(input) / nanoseconds;
    return new Row(
        one.model(),
        own.engine(),
        one.sparsity(),
        one.distribution(),
        InputShape.text(input),
        samples(input),
        workers(),
        rate,
        rate,
        nanoseconds / 1e6,
        one.sparsity() == 0 ? null : updateMilliseconds(own.training()),
        dense == null ? null : dense / 1e6,
        dense == null ? null : dense / nanoseconds,
        dense == null
            ? null
            : "dense %s on %s (%s)"
                .formatted(
                    one.model(), engines.getLast(), Engines.named(engines.getLast()).description()),
        share);
  }

  private static double updateMilliseconds(SyntheticTraining training) {
    for (int i = 0; i < UPDATE_WARM_UP; i++) {
      training.updateStep();
    }
    long[] nanoseconds = new long[UPDATES];
    Arrays.setAll(nanoseconds, i -> training.updateStep());
    return Median.of(Arrays.stream(nanoseconds).asDoubleStream()) / 1e6;
  }

  private static Map<String, Double> shares(Map<String, Long> before, Map<String, Long> after) {
    Map<String, Double> result = new LinkedHashMap<>();
    double total = 0;
    for (Map.Entry<String, Long> entry : after.entrySet()) {
      double spent = entry.getValue() - before.getOrDefault(entry.getKey(), 0L);
      result.put(entry.getKey(), spent);
      total += spent;
    }
    double all = total;
    result.replaceAll((kind, spent) -> spent / all);
    return result;
  }

  private List<Row> measureInForks(Case one) throws IOException {
    Shape shape = network(one).input();
    List<String> arguments =
        List.of(
            "bench",
            "step",
            "--starts=0",
            "--json",
            "--engines=" + String.join(",", engines),
            "--model=" + one.model(),
            "--sparsity=" + one.sparsity(),
            "--distribution=" + one.distribution(),
            "--input=" + InputShape.text(shape),
            "--batch-size=" + samples(shape),
            "--threads=" + threads,
            "--steps=" + steps);
    List<Report> reports = new ArrayList<>();
    for (int start = 1; start <= starts; start++) {
      PrintWriter err = command.commandLine().getErr();
      err.printf(
          "%s at %.0f %% on %s: start %d of %d%n",
          one.model(), 100 * one.sparsity(), String.join(" and ", engines), start, starts);
      err.flush();
      reports.add(JsonText.read(ForkedJvm.run(arguments), Report.class));
    }
    return IntStream.range(0, engines.size())
        .mapToObj(i -> combine(reports.stream().map(report -> report.rows().get(i)).toList()))
        .toList();
  }

  private static Row combine(List<Row> rows) {
    Row first = rows.getFirst();
    Map<String, Double> share = new LinkedHashMap<>();
    for (String kind : first.share().keySet()) {
      share.put(
          kind, Median.of(rows.stream().mapToDouble(row -> row.share().getOrDefault(kind, 0.0))));
    }
    return new Row(
        first.model(),
        first.engine(),
        first.sparsity(),
        first.distribution(),
        first.input(),
        first.batchSize(),
        first.threads(),
        Median.of(rows.stream().mapToDouble(Row::imagesPerSecond)),
        rows.stream().mapToDouble(Row::imagesPerSecond).min().orElseThrow(),
        Median.of(rows.stream().mapToDouble(Row::milliseconds)),
        medianOfPresent(rows, Row::updateMilliseconds),
        medianOfPresent(rows, Row::denseMilliseconds),
        medianOfPresent(rows, Row::speedup),
        first.denseBy(),
        share);
  }

  private static @Nullable Double medianOfPresent(
      List<Row> rows, Function<Row, @Nullable Double> value) {
    List<Double> present = rows.stream().map(value).filter(Objects::nonNull).toList();
    return present.isEmpty() ? null : (Double) Median.of(present.stream().mapToDouble(v -> v));
  }

  private static void print(List<Row> rows, PrintWriter out) {
    out.printf(
        "%-14s %-8s %8s %-8s %-11s %6s %8s %10s %8s %10s %11s %10s %8s%n",
        "model",
        "engine",
        "sparsity",
        "distr.",
        "input",
        "batch",
        "threads",
        "images/s",
        "worst",
        "step ms",
        "update ms",
        "dense ms",
        "speedup");
    for (Row row : rows) {
      out.printf(
          "%-14s %-8s %8.3f %-8s %-11s %6d %8d %10.1f %8.1f %10.1f %11s %10s %8s%n",
          row.model(),
          row.engine(),
          row.sparsity(),
          row.distribution(),
          row.input(),
          row.batchSize(),
          row.threads(),
          row.imagesPerSecond(),
          row.worstImagesPerSecond(),
          row.milliseconds(),
          Figures.orDash("%.1f", row.updateMilliseconds()),
          Figures.orDash("%.1f", row.denseMilliseconds()),
          Figures.orDash("%.2f", row.speedup()));
    }
    rows.stream()
        .map(Row::denseBy)
        .filter(Objects::nonNull)
        .distinct()
        .forEach(by -> out.printf("%nDivided by: %s, its steps made in turns with these.%n", by));
    for (Row row : rows) {
      out.printf(
          "%n%s at %.1f %% on %s, where a step's time goes:%n",
          row.model(), 100 * row.sparsity(), row.engine());
      out.println(
          row.share().entrySet().stream()
              .filter(entry -> entry.getValue() >= 0.001)
              .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
              .map(
                  entry ->
                      "  %-30s %5.1f %%  %8.2f ms"
                          .formatted(
                              entry.getKey(),
                              100 * entry.getValue(),
                              entry.getValue() * row.milliseconds()))
              .collect(Collectors.joining(System.lineSeparator())));
    }
  }
}
