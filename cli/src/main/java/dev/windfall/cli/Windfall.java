package dev.windfall.cli;

import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The command line's root: {@code ./windfall COMMAND}. */
@Command(
    name = "windfall",
    description = "Trains truly sparse neural networks on the JVM.",
    mixinStandardHelpOptions = true,
    versionProvider = Windfall.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {BenchCommand.class},
    footer = {
      "",
      "Example: train with the default recipe, about a minute on two cores",
      "  windfall train",
      "",
      "'windfall COMMAND --help' tells more about a command."
    })
public final class Windfall implements Runnable {

  /** Made by the command line parser. */
  public Windfall() {}

  /**
   * Runs the command line and ends the JVM with its exit code: 0 done, 1 failed, 2 wrong usage.
   *
   * @param arguments the command line's words
   */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /** The command line with its way of reporting failures: one clear line each. */
  static CommandLine commandLine() {
    return new CommandLine(new Windfall())
        .setParameterExceptionHandler(FailureReport::wrongUsage)
        .setExecutionExceptionHandler(FailureReport::failed)
        .setUsageHelpAutoWidth(true);
  }

  /** Without a command: shows the help. */
  @Override
  public void run() {
    commandLine().usage(System.out);
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
