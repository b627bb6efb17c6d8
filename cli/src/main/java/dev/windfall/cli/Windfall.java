package dev.windfall.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line's root: {@code ./windfall COMMAND}. */
@Command(
    name = "windfall",
    description = "Trains truly sparse neural networks on the JVM.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Windfall.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Example: train with the default recipe, about a minute on two cores",
      "  windfall train",
      "",
      "'windfall COMMAND --help' tells more about a command."
    })
public final class Windfall implements Runnable {

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Shows the stack of a failure.")
  private boolean verbose;

  @Spec private @Nullable CommandSpec command;

  private Windfall() {}

  /**
   * Runs the command line and ends the JVM with its exit code: 0 done, 1 failed, 2 wrong usage.
   *
   * @param arguments the command line's words
   */
  public static void main(String[] arguments) {
    PrintWriter out = utf8(System.out);
    PrintWriter err = utf8(System.err);
    Interruption interruption = Interruption.listen(err);
    int exitCode = execute(commandLine(interruption).setOut(out).setErr(err), arguments);
    interruption.over();
    System.exit(exitCode);
  }

  private static int execute(CommandLine commandLine, String[] arguments) {
    try {
      return commandLine.execute(arguments);
    } catch (OutOfMemoryError e) {
      commandLine.getErr().println("windfall: " + FailureReport.describe(e));
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  /** Results are UTF-8 whatever the system's own encoding is. */
  private static PrintWriter utf8(PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }

  /** The command line with its way of reporting failures: one clear line each. */
  static CommandLine commandLine(Interruption interruption) {
    return new CommandLine(new Windfall())
        .addSubcommand(new TrainCommand(interruption))
        .addSubcommand(new ResumeCommand(interruption))
        .addSubcommand(new EvaluateCommand())
        .addSubcommand(new CompareCommand(interruption))
        .addSubcommand(new LotteryCommand(interruption))
        .addSubcommand(new CostCommand())
        .addSubcommand(new ListCommand())
        .addSubcommand(new BenchCommand())
        .setParameterExceptionHandler(FailureReport::wrongUsage)
        .setExecutionExceptionHandler(FailureReport::failed)
        .setUsageHelpAutoWidth(true);
  }

  /** Whether failures show their stack. */
  boolean isVerbose() {
    return verbose;
  }

  /** Without a command: shows the help. */
  @Override
  public void run() {
    CommandLine line = Objects.requireNonNull(command, "the parser sets the command").commandLine();
    line.usage(line.getOut());
  }

  /** The version that the build wrote into the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Windfall.class.getPackage().getImplementationVersion();
      return new String[] {"windfall " + Objects.requireNonNullElse(version, "(unpackaged)")};
    }
  }
}
