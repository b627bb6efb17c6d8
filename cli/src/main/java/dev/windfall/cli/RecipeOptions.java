package dev.windfall.cli;

import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.RecipeSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The options that make a recipe: a file, over which single options are laid. */
final class RecipeOptions {

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Parameters(
      arity = "0..1",
      paramLabel = "RECIPE",
      description = "A recipe's YAML file, or a name of 'windfall list recipes'. Default: default.")
  private @Nullable String recipe;

  @Option(names = "--model", paramLabel = "NAME", description = "Network ('windfall list models').")
  private @Nullable String model;

  @Option(names = "--data", paramLabel = "NAME", description = "Data set ('windfall list data').")
  private @Nullable String data;

  @Option(
      names = "--data-dir",
      paramLabel = "FOLDER",
      description = "Where its files are. Default: a cache, into which they are downloaded.")
  private @Nullable String dataDir;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      description = "Sparse-training method ('windfall list methods').")
  private @Nullable String method;

  @Option(
      names = "--sparsity",
      paramLabel = "SHARE",
      description = "Share of the weights that do not exist, such as 0.9.")
  private @Nullable String sparsity;

  @Option(
      names = "--distribution",
      paramLabel = "NAME",
      description = "How layers share the sparsity ('windfall list distributions').")
  private @Nullable String distribution;

  @Option(
      names = "--ticket",
      paramLabel = "FILE",
      description = "A lottery ticket: connections, weights and moment to begin with.")
  private @Nullable String ticket;

  @Option(names = "--epochs", paramLabel = "N", description = "Passes through the training data.")
  private @Nullable String epochs;

  @Option(
      names = "--multiplier",
      paramLabel = "M",
      description = "Trains M times as long; all anchors scale with it.")
  private @Nullable String multiplier;

  @Option(names = "--batch-size", paramLabel = "N", description = "Samples of a step.")
  private @Nullable String batchSize;

  @Option(names = "--lr", paramLabel = "RATE", description = "Learning rate after the warm-up.")
  private @Nullable String learningRate;

  @Option(
      names = "--lr-schedule",
      paramLabel = "NAME",
      description = "How the learning rate falls: step, cosine or constant.")
  private @Nullable String learningRateSchedule;

  @Option(names = "--seed", paramLabel = "N", description = "Decides all that is random.")
  private @Nullable String seed;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "Engine ('windfall list engines').")
  private @Nullable String engine;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Computing threads; 0: all processors.")
  private @Nullable String threads;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Of the run and its folder. Default: model, data, method, sparsity and seed.")
  private @Nullable String name;

  @Option(
      names = "--set",
      paramLabel = "FIELD=VALUE",
      description = "Sets any field, such as training.loss.label-smoothing=0.1. Repeatable.")
  private Map<String, String> fields = new LinkedHashMap<>();

  RecipeOptions() {}

  /** The recipe of file and options, not yet resolved. Later ones win; --set comes last. */
  Recipe recipe() throws IOException {
    try {
      return new RecipeSettings(fields, "--set ").over(options(base())).recipe();
    } catch (IllegalArgumentException e) {
      throw wrong(e);
    }
  }

  /** Whether the command line names the run; a recipe's own name does not count. */
  boolean isNamed() {
    return name != null;
  }

  /** A failure that the command line's user can mend: exit code 2. */
  ParameterException wrong(IllegalArgumentException failure) {
    if (command == null) {
      throw new IllegalStateException("the parser sets the command");
    }
    return new ParameterException(
        command.commandLine(), String.valueOf(failure.getMessage()), failure);
  }

  private RecipeDraft base() throws IOException {
    return recipe == null ? RecipeDraft.defaults() : RecipeDraft.named(recipe, Path.of(""));
  }

  private RecipeDraft options(RecipeDraft draft) {
    RecipeDraft result = draft;
    result = text(result, "--name", name, "name");
    result = text(result, "--model", model, "model", "name");
    result = text(result, "--data", data, "data", "name");
    result = text(result, "--data-dir", dataDir, "data", "dir");
    result = text(result, "--method", method, "sparsity", "method");
    result = number(result, "--sparsity", sparsity, "sparsity", "target");
    result = text(result, "--distribution", distribution, "sparsity", "distribution");
    result = text(result, "--ticket", ticket, "sparsity", "ticket");
    result = number(result, "--epochs", epochs, "training", "epochs");
    result = number(result, "--multiplier", multiplier, "training", "multiplier");
    result = number(result, "--batch-size", batchSize, "training", "batch-size");
    result = number(result, "--lr", learningRate, "training", "schedule", "lr");
    result = text(result, "--lr-schedule", learningRateSchedule, "training", "schedule", "name");
    result = number(result, "--seed", seed, "run", "seed");
    result = text(result, "--engine", engine, "run", "engine");
    return number(result, "--threads", threads, "run", "threads");
  }

  private static RecipeDraft text(
      RecipeDraft draft, String option, @Nullable String value, String... path) {
    return value == null ? draft : draft.withText(List.of(path), value, option);
  }

  private static RecipeDraft number(
      RecipeDraft draft, String option, @Nullable String value, String... path) {
    return value == null ? draft : draft.with(List.of(path), value, option);
  }
}
