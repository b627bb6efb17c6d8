package dev.windfall.cli;

import dev.windfall.engine.MemoryUse;
import dev.windfall.experiment.Engines;
import dev.windfall.experiment.JsonText;
import dev.windfall.sparsity.Distribution;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Counts the bytes that training takes. */
@Command(
    name = "memory",
    description =
        "Counts the bytes that an engine holds for a network, after a training step and an update"
            + " of the connections.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example: a network whose dense weights and state would take 98 GB",
      "  windfall bench memory --model mlp-90000-90000 --sparsity 0.999"
    })
final class BenchMemoryCommand implements Callable<Integer> {

  /** Bytes of a dense weight with gradient and momentum in single precision. */
  private static final int DENSE_BYTES = 12;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "wrn-22-2,resnet-18,mlp-1000-1000,mlp-3000-3000,mlp-10000-10000",
      description = "Networks. Default: ${DEFAULT-VALUE}.")
  private List<String> models = List.of();

  @Option(
      names = "--sparsity",
      paramLabel = "SHARE",
      split = ",",
      defaultValue = "0.9,0.95,0.99",
      description = "Sparsities. Default: ${DEFAULT-VALUE}.")
  private List<Double> sparsities = List.of();

  @Option(
      names = "--distribution",
      paramLabel = "NAME",
      defaultValue = "erk",
      description = "Distribution. Default: ${DEFAULT-VALUE}.")
  private String distribution = "erk";

  @Option(
      names = "--method",
      paramLabel = "NAME",
      defaultValue = "set",
      description =
          "Method that updates the connections; snfs also keeps averages of dense gradients."
              + " Default: ${DEFAULT-VALUE}.")
  private String method = "set";

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      defaultValue = "vector",
      description = "Engine. Default: ${DEFAULT-VALUE}.")
  private String engine = "vector";

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "128",
      description = "Samples of a step. Default: ${DEFAULT-VALUE}.")
  private int batchSize = 128;

  @Option(names = "--json", description = "Prints one JSON document.")
  private boolean json;

  @Spec private CommandSpec command = CommandSpec.create();

  BenchMemoryCommand() {}

  /** What the command prints with {@code --json}. */
  record Report(List<Row> rows) {}

  /**
   * One network.
   *
   * @param activeWeights connections that exist
   * @param bytesWeightsAndState values, gradients, momentum and indices, biases and norms included
   * @param bytesPerConnection of these, per connection
   * @param bytesActivations activations, their gradients and work space
   * @param peakBytes the most that both together have been, the update included
   * @param bytesDense what values, gradients and momentum of the dense network would take
   * @param stepSeconds of one training step
   * @param updateSeconds of one training step with an update
   */
  record Row(
      String model,
      double sparsity,
      long activeWeights,
      long bytesWeightsAndState,
      double bytesPerConnection,
      long bytesActivations,
      long peakBytes,
      long bytesDense,
      double stepSeconds,
      double updateSeconds) {}

  @Override
  public Integer call() {
    if (batchSize < 1) {
      throw new ParameterException(command.commandLine(), "--batch-size must be at least 1");
    }
    List<Row> rows = new ArrayList<>();
    for (String model : models) {
      for (double sparsity : sparsities) {
        rows.add(measure(model, sparsity));
      }
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

  private Row measure(String model, double sparsity) {
    try (SyntheticTraining training =
        new SyntheticTraining(
            Engines.named(engine),
            SyntheticTraining.network(model, null),
            sparsity,
            Distribution.named(distribution),
            method,
            batchSize,
            Runtime.getRuntime().availableProcessors())) {
      double step = training.step() / 1e9;
      double update = training.updateStep() / 1e9;
      MemoryUse use = training.session().memory();
      long active = training.densities().connections();
      return new Row(
          model,
          sparsity,
          active,
          use.weightsAndState(),
          (double) use.weightsAndState() / active,
          use.activations(),
          use.peak(),
          DENSE_BYTES * training.densities().weights(),
          step,
          update);
    }
  }

  private static void print(List<Row> rows, PrintWriter out) {
    out.printf(
        "%-20s %9s %13s %12s %9s %12s %12s %12s %8s %8s%n",
        "model",
        "sparsity",
        "connections",
        "weights",
        "bytes",
        "activations",
        "peak",
        "dense",
        "step",
        "update");
    out.printf(
        "%-20s %9s %13s %12s %9s %12s %12s %12s %8s %8s%n",
        "", "", "", "and state", "each", "", "", "would take", "s", "s");
    for (Row row : rows) {
      out.printf(
          "%-20s %9.4f %,13d %12s %9.2f %12s %12s %12s %8.2f %8.2f%n",
          row.model(),
          row.sparsity(),
          row.activeWeights(),
          megabytes(row.bytesWeightsAndState()),
          row.bytesPerConnection(),
          megabytes(row.bytesActivations()),
          megabytes(row.peakBytes()),
          megabytes(row.bytesDense()),
          row.stepSeconds(),
          row.updateSeconds());
    }
  }

  private static String megabytes(long bytes) {
    return "%,.1f MB".formatted(bytes / 1e6);
  }
}
