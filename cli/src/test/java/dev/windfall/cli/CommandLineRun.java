package dev.windfall.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * A command line that was carried out in this JVM.
 *
 * @param exitCode 0 done, 1 failed, 2 wrong usage
 * @param out what it wrote to standard output
 * @param err what it wrote to standard error
 */
record CommandLineRun(int exitCode, String out, String err) {

  /** Carries out a command line that nobody interrupts. */
  static CommandLineRun of(String... arguments) {
    return of(Interruption.never(), arguments);
  }

  /** Carries out a command line. */
  static CommandLineRun of(Interruption interruption, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Windfall.commandLine(interruption)
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new CommandLineRun(exitCode, out.toString(), err.toString());
  }
}
