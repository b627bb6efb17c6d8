package dev.windfall.cli;

import dev.windfall.data.Dataset;
import dev.windfall.data.DatasetCache;
import dev.windfall.data.Datasets;
import dev.windfall.experiment.JsonText;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.RunEvaluation;
import dev.windfall.experiment.RunFolder;
import dev.windfall.experiment.RunPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code windfall evaluate}: tests the weights of a run. */
@Command(
    name = "evaluate",
    description = "Tests the weights of a run's checkpoint on test images.",
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  windfall evaluate runs/wrn-10-2-shapes-rigl-0.9-1 --checkpoint best",
      "  windfall evaluate runs/mine --data image-folder --data-dir photos"
    })
final class EvaluateCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec command;

  @Parameters(paramLabel = "RUN", description = "The run's folder.")
  private Path folder = Path.of("");

  @Option(
      names = "--checkpoint",
      paramLabel = "best|last|STEP",
      defaultValue = "last",
      description = "The best by validation, the newest, or that of a step. Default: last.")
  private String checkpoint = "last";

  @Option(
      names = "--data",
      paramLabel = "NAME",
      description =
          "Data set with the test images, standardised as the run's. Default: the run's own.")
  private @Nullable String data;

  @Option(
      names = "--data-dir",
      paramLabel = "FOLDER",
      description = "Where its files are. Default: where they were in training.")
  private @Nullable String dataDir;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Computing threads; 0: all processors. Default: as in training.")
  private @Nullable String threads;

  @Option(names = "--json", description = "Writes the result as a JSON document.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    CommandLine line = Objects.requireNonNull(command, "the parser sets the command").commandLine();
    RunEvaluation result;
    try (DownloadDisplay download = new DownloadDisplay(AttendedRun.isTerminal(), line.getErr())) {
      result = evaluate(RunFolder.existing(folder), download.cache());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(line, String.valueOf(e.getMessage()), e);
    }
    line.getOut().print(json ? JsonText.document(result) : RunText.evaluation(result));
    line.getOut().flush();
    return CommandLine.ExitCode.OK;
  }

  private RunEvaluation evaluate(RunFolder run, DatasetCache cache) throws IOException {
    RunEvaluation.Choice choice = RunEvaluation.Choice.of(checkpoint);
    RecipeDraft draft = run.readRecipe();
    if (threads != null) {
      draft = draft.with(List.of("run", "threads"), threads, "--threads");
    }
    boolean isOwnData = data == null || data.equals(draft.recipe().data().name());
    if (isOwnData && dataDir != null) {
      draft = draft.withText(List.of("data", "dir"), dataDir, "--data-dir");
    }
    RunPlan plan = RunPlan.of(draft.recipe(), cache);
    return RunEvaluation.of(run, plan, choice, isOwnData ? plan.dataset() : otherData(cache));
  }

  private Dataset otherData(DatasetCache cache) {
    String name = Objects.requireNonNull(data, "other data has a name");
    return dataDir == null
        ? Datasets.openCached(name, cache)
        : Datasets.open(name, Path.of(dataDir));
  }
}
