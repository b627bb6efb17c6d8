package dev.windfall.cli;

import dev.windfall.cost.Counter;
import dev.windfall.cost.NetworkCost;
import dev.windfall.experiment.JsonText;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Network;
import dev.windfall.network.Shape;
import dev.windfall.network.Zoo;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.Redistribution;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.training.PruningAtInitialization;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code windfall cost}: what a sparse network takes, without training it. */
@Command(
    name = "cost",
    description = {
      "Counts connections and floating-point operations of a network, layer by layer.",
      "Operations are those of one sample; those of training are a share of the dense network's."
    },
    sortOptions = false,
    footer = {
      "",
      "Example: a wide ResNet with a tenth of its weights",
      "  windfall cost --model wrn-22-2 --sparsity 0.9 --distribution erk"
    })
final class CostCommand implements Callable<Integer> {

  /** Of a method that scores again and again. */
  private static final int SCORING_ROUNDS = 100;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      required = true,
      description = "Network ('windfall list models').")
  private String model = "";

  @Option(
      names = "--input",
      paramLabel = "CxHxW",
      description =
          "Channels, height and width of a sample, such as 3x224x224. Default: what the model is"
              + " mostly used for.")
  private @Nullable String input;

  @Option(
      names = "--classes",
      paramLabel = "N",
      description = "Outputs. Default: 10, and 1000 for images beyond 64 pixels.")
  private @Nullable Integer classes;

  @Option(
      names = "--sparsity",
      paramLabel = "SHARE",
      defaultValue = "0.9",
      description = "Share of the weights that do not exist. Default: ${DEFAULT-VALUE}.")
  private double sparsity = 0.9;

  @Option(
      names = "--distribution",
      paramLabel = "NAME",
      defaultValue = "erk",
      description =
          "How layers share the sparsity ('windfall list distributions'). Default:"
              + " ${DEFAULT-VALUE}.")
  private String distribution = "erk";

  @Option(
      names = "--method",
      paramLabel = "NAME",
      defaultValue = "rigl",
      description =
          "Whose training is counted ('windfall list methods'). Default: ${DEFAULT-VALUE}.")
  private String method = "rigl";

  @Option(
      names = "--every",
      paramLabel = "STEPS",
      defaultValue = "100",
      description = "Steps between two updates of the connections. Default: ${DEFAULT-VALUE}.")
  private long every = 100;

  @Option(
      names = "--begin",
      paramLabel = "SHARE",
      defaultValue = "0",
      description = "Share of the training where pruning begins. Default: ${DEFAULT-VALUE}.")
  private double begin;

  @Option(
      names = "--end",
      paramLabel = "SHARE",
      defaultValue = "0.75",
      description = "Share of the training where pruning ends. Default: ${DEFAULT-VALUE}.")
  private double end = 0.75;

  @Option(
      names = "--redistribution",
      paramLabel = "NAME",
      description =
          "By what connections wander between layers: none, momentum or gradient. Training is"
              + " counted as if they stayed where they start. Default: the method's own.")
  private @Nullable String redistribution;

  @Option(
      names = "--width",
      paramLabel = "FACTOR",
      defaultValue = "1",
      description = "On the channels of every layer but the last. Default: ${DEFAULT-VALUE}.")
  private double width = 1;

  @Option(
      names = "--counter",
      paramLabel = "NAME",
      defaultValue = "report",
      completionCandidates = Counters.class,
      description =
          "Convention of counting, one of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private String counter = "report";

  @Option(names = "--json", description = "Writes one JSON document.")
  private boolean json;

  @Spec private CommandSpec command = CommandSpec.create();

  CostCommand() {}

  /** The counters' names. */
  static final class Counters implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return List.of(Counter.values()).stream().map(Counter::label).iterator();
    }
  }

  @Override
  public Integer call() {
    try {
      print();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
    }
    return CommandLine.ExitCode.OK;
  }

  private void print() {
    SparseTrainingMethod trained = trained();
    Network network = network();
    // Asked for a dense network too, which has no use for it: a wrong sparsity stays wrong.
    LayerDensities shared =
        Distribution.named(distribution)
            .densities(network.prunable(), sparsity, network.denseByDefault());
    NetworkCost cost =
        NetworkCost.of(
            network,
            trained.sparse() ? shared : LayerDensities.dense(network.prunable()),
            Counter.named(counter));
    CostReport report =
        CostReport.of(
            cost,
            trained,
            every,
            cost.meanForwardFlops(trained, begin, end),
            PruningAtInitialization.forecast(
                trained,
                cost,
                PruningAtInitialization.usualSamples(trained, network.output().output().channels()),
                SCORING_ROUNDS));
    PrintWriter out = command.commandLine().getOut();
    out.print(
        json
            ? JsonText.document(report)
            : heading(network, cost, trained) + table(report) + size(cost));
    out.flush();
  }

  private SparseTrainingMethod trained() {
    if (distribution.equals("global")) {
      throw new IllegalArgumentException(
          "distribution global: only training shows which layer keeps how many connections");
    }
    if (!(begin >= 0 && begin <= end && end <= 1)) {
      throw new IllegalArgumentException(
          "--begin and --end must be shares of the training, from 0 to 1, not %s and %s"
              .formatted(begin, end));
    }
    SparseTrainingMethod named = SparseTrainingMethod.named(method);
    return redistribution == null
        ? named
        : named.redistributing(Redistribution.named(redistribution));
  }

  private Network network() {
    Shape shape = input == null ? Zoo.usualInput(model) : InputShape.parse(input);
    int outputs = classes == null ? InputShape.usualClasses(shape) : classes;
    if (outputs < 1) {
      throw new IllegalArgumentException("--classes must be at least 1, not " + outputs);
    }
    return Zoo.build(model, new Zoo.Options(shape, outputs, 0, ActivationFunction.RELU, width));
  }

  private String heading(Network network, NetworkCost cost, SparseTrainingMethod trained) {
    return "%s, input %s, %s classes: %s%ncounter %s: %s%n%n"
        .formatted(
            network.name(),
            network.input(),
            network.output().output(),
            trained.sparse()
                ? "%s at %s sparsity".formatted(distribution, Figures.percent(sparsity))
                : "dense",
            cost.counter().label(),
            cost.counter().description());
  }

  private String table(CostReport report) {
    int name = report.layers().stream().mapToInt(layer -> layer.name().length()).max().orElse(0);
    String row = "%-" + Math.max(5, name) + "s  %-6s  %-16s  %13s  %13s  %9s  %17s%n";
    String rows =
        report.layers().stream()
            .map(
                layer ->
                    row.formatted(
                        layer.name(),
                        layer.type(),
                        layer.shape().stream()
                            .map(String::valueOf)
                            .collect(Collectors.joining("×")),
                        Figures.count(layer.weights()),
                        Figures.count(layer.active()),
                        Figures.percent(layer.density()),
                        Figures.count(layer.flops())))
            .collect(Collectors.joining());
    String total =
        row.formatted(
            "total",
            "",
            "",
            Figures.count(report.totalWeights()),
            Figures.count(report.activeWeights()),
            Figures.percent((double) report.activeWeights() / report.totalWeights()),
            Figures.count(report.inferenceFlops()));
    return row.formatted("layer", "type", "shape", "weights", "active", "density", "FLOPs")
        + rows
        + total
        + String.format(
            Locale.ROOT,
            "%ninference FLOPs  %.4f of dense (%s a sample)%ntraining FLOPs   %.4f of dense (%s)%n",
            report.inferenceFlopsRatio(),
            Figures.count(report.denseFlops()),
            report.trainingFlopsRatio(),
            method)
        + overhead(report);
  }

  private static String overhead(CostReport report) {
    return report.overheadFlops() == 0
        ? ""
        : String.format(
            Locale.ROOT,
            "before training  %.4g FLOPs in all: scores by as many samples and rounds as are usual%n",
            report.overheadFlops());
  }

  private static String size(NetworkCost cost) {
    return String.format(
        Locale.ROOT,
        "size             %.3f MB, dense %.3f MB (float32, a bit for each weight of sparse layers)%n",
        cost.bytes() / 1e6,
        cost.denseBytes() / 1e6);
  }
}
