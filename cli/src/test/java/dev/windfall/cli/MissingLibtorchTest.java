package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The torch engine on a platform for which there is no native code. */
final class MissingLibtorchTest {

  @TempDir Path folder;

  /** The lines that a command prints, but for those of the JVM itself. */
  private List<String> lines(int exitCode, String... words) throws Exception {
    Path output = folder.resolve("output");
    Process process =
        CommandLineProcess.startWith(
            List.of("-Dorg.bytedeco.javacpp.platform=linux-riscv64"), output, words);
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    List<String> lines =
        Files.readAllLines(output).stream().filter(line -> !line.startsWith("WARNING: ")).toList();
    assertThat(process.exitValue()).as(lines.toString()).isEqualTo(exitCode);
    return lines;
  }

  @Test
  void oneLineSaysThatThereIsNoneAndWhatWouldBeRight() throws Exception {
    List<String> lines = lines(1, "train", "--engine", "torch", "--out", folder.toString());
    assertThat(lines).filteredOn(line -> line.contains("libtorch for")).hasSize(1);
    assertThat(lines)
        .endsWith(
            "windfall train: engine torch: no libtorch for linux-riscv64 on the class path; there"
                + " is one for linux-x86_64, macosx-arm64, macosx-x86_64, windows-x86_64; use"
                + " engine vector");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(folder.resolve("output"));
    }
  }

  @Test
  void theListOfEnginesNeedsNoNativeCode() throws Exception {
    assertThat(lines(0, "list", "engines"))
        .anySatisfy(line -> assertThat(line).startsWith("torch "));
  }
}
