package dev.windfall.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line's root: {@code ./windfall COMMAND}. */
@Command(
    name = "windfall",
    description = "Trains truly sparse neural networks on the JVM.",
    mixinStandardHelpOptions = true,
    version = "windfall 0.1.0-SNAPSHOT")
public final class Windfall implements Runnable {

  /** Made by the command line parser. */
  public Windfall() {}

  /**
   * Runs the command line and ends the JVM with its exit code: 0 done, 1 failed, 2 wrong usage.
   *
   * @param arguments the command line's words
   */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Windfall()).execute(arguments));
  }

  /** Without a command: shows the help. */
  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }
}
