package dev.windfall.cli;

import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.Run;
import dev.windfall.experiment.RunFolder;
import dev.windfall.experiment.RunPlan;
import dev.windfall.experiment.StoppedRun;
import dev.windfall.experiment.Summary;
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

/** {@code windfall resume}: goes on with a run that was stopped. */
@Command(
    name = "resume",
    description = {
      "Goes on with a stopped run, to the same bits as if it had not been stopped:",
      "from its newest checkpoint that is not damaged, be it after Ctrl-C, a kill or a full disk."
    },
    sortOptions = false,
    footer = {"", "Example:", "  windfall resume runs/wrn-10-2-shapes-rigl-0.9-1"})
final class ResumeCommand implements Callable<Integer> {

  private final Interruption interruption;

  @Spec private @Nullable CommandSpec command;

  @Parameters(paramLabel = "RUN", description = "The run's folder.")
  private Path folder = Path.of("");

  @Option(
      names = "--data-dir",
      paramLabel = "FOLDER",
      description = "Where the data set's files are now. Default: where they were.")
  private @Nullable String dataDir;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Computing threads; 0: all processors. Default: as the run began.")
  private @Nullable String threads;

  @Option(
      names = "--json",
      description =
          "Writes the summary as JSON to standard output, and all else to standard error.")
  private boolean json;

  ResumeCommand(Interruption interruption) {
    this.interruption = interruption;
  }

  @Override
  public Integer call() throws IOException {
    AttendedRun attended = new AttendedRun(line(), interruption, json);
    RunFolder run = RunFolder.existing(folder);
    if (run.isFinished()) {
      Summary summary = run.readSummary();
      attended.say(RunText.finished(run));
      attended.hand(summary);
      return CommandLine.ExitCode.OK;
    }
    try (StoppedRun stopped = open(run, attended)) {
      attended.say(RunText.plan(stopped.plan()));
      attended.say(RunText.resumption(stopped));
      return attended.carryOut(
          stopped.plan(), stopped.step(), listener -> new Run(stopped, listener));
    }
  }

  private StoppedRun open(RunFolder run, AttendedRun attended) throws IOException {
    try (DownloadDisplay download = attended.downloadDisplay()) {
      return StoppedRun.open(
          run, draft -> RunPlan.of(withOptions(draft).recipe(), download.cache()));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(line(), String.valueOf(e.getMessage()), e);
    }
  }

  private RecipeDraft withOptions(RecipeDraft draft) {
    RecipeDraft result =
        dataDir == null ? draft : draft.withText(List.of("data", "dir"), dataDir, "--data-dir");
    return threads == null ? result : result.with(List.of("run", "threads"), threads, "--threads");
  }

  private CommandLine line() {
    return Objects.requireNonNull(command, "the parser sets the command").commandLine();
  }
}
