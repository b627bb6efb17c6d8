package dev.windfall.experiment;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
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
    return bytes(Path.of("/proc/self/status"), "VmHWM");
  }

  /** Bytes of memory that this process can still take, in a container no more than that allows. */
  public static long availableBytes() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    // What caches of files take is not free, but can be had.
    long left =
        bytes(Path.of("/proc/meminfo"), "MemAvailable").orElseGet(system::getFreeMemorySize);
    long own = bytes(Path.of("/proc/self/status"), "VmRSS").orElse(0L);
    return Math.clamp(system.getTotalMemorySize() - own, 0, left);
  }

  private static Optional<Long> bytes(Path file, String key) {
    return firstValue(file, key)
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
