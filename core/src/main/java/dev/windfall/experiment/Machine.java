package dev.windfall.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** What the operating system says of this machine and process; Linux tells all of it. */
public final class Machine {

  private Machine() {}

  /** The processor's model, or else its architecture. */
  public static String processor() {
    return firstValue(Path.of("/proc/cpuinfo"), "model name").orElse(System.getProperty("os.arch"));
  }

  /** The most resident memory that this process has had, in bytes; empty where nobody says. */
  static Optional<Long> peakBytes() {
    return firstValue(Path.of("/proc/self/status"), "VmHWM")
        .filter(value -> value.matches("\\d{1,15} kB"))
        .map(value -> 1024 * Long.parseLong(value.substring(0, value.length() - " kB".length())));
  }

  private static Optional<String> firstValue(Path file, String key) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
