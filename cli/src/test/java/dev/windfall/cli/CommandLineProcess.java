package dev.windfall.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines in processes of their own, which can be killed. */
final class CommandLineProcess {

  private CommandLineProcess() {}

  /** Starts a command line with the flags of this JVM; all that it says goes into a file. */
  static Process start(Path output, String... words) throws IOException {
    return startWith(List.of(), output, words);
  }

  /** Starts a command line with some more flags of the JVM. */
  static Process startWith(List<String> flags, Path output, String... words) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(flags);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "dev.windfall.cli.Windfall"));
    command.addAll(List.of(words));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }
}
