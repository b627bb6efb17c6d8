package dev.windfall.cli;

import dev.windfall.experiment.JsonText;
import dev.windfall.experiment.Run;
import dev.windfall.experiment.RunPlan;
import dev.windfall.experiment.Summary;
import dev.windfall.training.TrainingEvent;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine;

/**
 * A run that somebody watches: plan, progress and result go to standard output, or with JSON to
 * standard error, and only the result's JSON to standard output. Ctrl-C ends it in good order.
 */
final class AttendedRun {

  private final CommandLine line;
  private final Interruption interruption;
  private final boolean isJson;
  private final PrintWriter messages;

  /** A run of a command. */
  AttendedRun(CommandLine line, Interruption interruption, boolean isJson) {
    this.line = line;
    this.interruption = interruption;
    this.isJson = isJson;
    this.messages = isJson ? line.getErr() : line.getOut();
  }

  /** Makes the run, which tells its events. */
  @FunctionalInterface
  interface Maker {
    /** A run that has not begun. */
    Run make(Consumer<TrainingEvent> listener);
  }

  /** Shows downloads where everything else is shown. */
  DownloadDisplay downloadDisplay() {
    return new DownloadDisplay(isTerminal(), messages);
  }

  /** Says something to people. */
  void say(String text) {
    messages.print(text);
    messages.flush();
  }

  /** Hands over a result to programs, where they asked for it. */
  void hand(Summary summary) {
    if (isJson) {
      line.getOut().print(JsonText.document(summary));
      line.getOut().flush();
    }
  }

  /**
   * Carries out a run.
   *
   * @param from the first step that is going to be done
   * @return the command's exit code
   */
  int carryOut(RunPlan plan, long from, Maker maker) throws IOException {
    return switch (execute(plan, from, maker)) {
      case Run.Finished finished -> {
        say(RunText.result(finished));
        hand(finished.summary());
        yield CommandLine.ExitCode.OK;
      }
      case Run.Stopped stopped -> {
        say(RunText.stopped(stopped));
        yield CommandLine.ExitCode.SOFTWARE;
      }
    };
  }

  private Run.Outcome execute(RunPlan plan, long from, Maker maker) throws IOException {
    interruption.expectOrderlyEnd();
    try (ProgressDisplay display = ProgressDisplay.of(plan, from, isTerminal(), messages)) {
      return maker.make(display::hear).execute(interruption::isRequested);
    }
  }

  /** Whether a person sees what is said, as it comes. */
  static boolean isTerminal() {
    return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  }
}
