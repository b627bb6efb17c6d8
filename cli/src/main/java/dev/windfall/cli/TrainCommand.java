package dev.windfall.cli;

import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.Run;
import dev.windfall.experiment.RunFolder;
import dev.windfall.experiment.RunPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code windfall train}: one run, from a recipe to its folder. */
@Command(
    name = "train",
    description = {
      "Trains a network by a recipe, and writes everything about the run into a folder.",
      "Without a recipe: RigL at 90 %% sparsity on the embedded data set, about a minute."
    },
    abbreviateSynopsis = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  windfall train",
      "  windfall train --model lenet-5 --data fashion-mnist --data-dir data \\",
      "      --method rigl --sparsity 0.9 --epochs 10",
      "  windfall train recipe.yaml --seed 2 --set training.loss.label-smoothing=0.1"
    })
final class TrainCommand implements Callable<Integer> {

  private final Interruption interruption;

  @Spec private @Nullable CommandSpec command;

  @Mixin private RecipeOptions recipeOptions = new RecipeOptions();

  @Option(
      names = "--device",
      paramLabel = "cpu|cuda",
      defaultValue = "cpu",
      description = "Where to compute; only cpu so far.")
  private String device = "cpu";

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      defaultValue = "runs",
      description = "Holds the folders of runs. Default: ${DEFAULT-VALUE}.")
  private Path out = Path.of("runs");

  @Option(
      names = "--json",
      description =
          "Writes the summary as JSON to standard output, and all else to standard error.")
  private boolean json;

  TrainCommand(Interruption interruption) {
    this.interruption = interruption;
  }

  @Override
  public Integer call() throws IOException {
    CommandLine line = commandLine();
    if (!device.equals("cpu")) {
      throw new ParameterException(
          line, "--device %s: no engine of this version computes there; use cpu".formatted(device));
    }
    AttendedRun run = new AttendedRun(line, interruption, json);
    RunPlan plan = plan(recipeOptions.recipe(), run);
    run.say(RunText.plan(plan));
    return run.carryOut(
        plan, plan.firstStep(), listener -> new Run(plan, () -> folder(plan), listener));
  }

  private RunPlan plan(Recipe recipe, AttendedRun run) {
    try (DownloadDisplay download = run.downloadDisplay()) {
      return RunPlan.of(recipe, download.cache());
    } catch (IllegalArgumentException e) {
      throw recipeOptions.wrong(e);
    }
  }

  /** A name that was asked for belongs to this run; a name made up may get a number. */
  private RunFolder folder(RunPlan plan) throws IOException {
    String name = Objects.requireNonNull(plan.recipe().name(), "a resolved recipe has a name");
    if (recipeOptions.isNamed() && Files.exists(out.resolve(name))) {
      throw new ParameterException(
          commandLine(),
          "--name %s: there is a run of this name in %s; choose another".formatted(name, out));
    }
    try {
      return RunFolder.createNumbered(out, name);
    } catch (IOException e) {
      throw new IOException(
          "cannot make a folder in --out %s: %s".formatted(out, FailureReport.describe(e)), e);
    }
  }

  private CommandLine commandLine() {
    return Objects.requireNonNull(command, "the parser sets the command").commandLine();
  }
}
