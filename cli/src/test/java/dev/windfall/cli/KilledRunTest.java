package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.random.StatelessRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes that are killed without warning, five times in one training. */
@Timeout(300)
final class KilledRunTest {

  /** 100 steps an epoch. */
  private static final String RECIPE =
      """
      model: {name: mlp-16}
      data: {name: npy, dir: 'FOLDER', validation: 0.2}
      training: {epochs: 50, batch-size: 8}
      run: {evaluate-every: 10}
      """;

  private static final long STEPS = 5000;

  @TempDir Path folder;
  private final Path killed = Path.of("runs", "killed");

  private String[] train(String name, String threads) throws IOException {
    Path recipe =
        Files.writeString(
            folder.resolve("recipe.yaml"), RECIPE.replace("FOLDER", folder.toString()));
    return new String[] {
      "train",
      recipe.toString(),
      "--out",
      folder.resolve("runs").toString(),
      "--name",
      name,
      "--threads",
      threads
    };
  }

  @Test
  void aRunThatIsKilledFiveTimesEndsAsIfItHadBeenLeftAlone() throws Exception {
    SmallData.write(folder);
    assertThat(CommandLineRun.of(train("alone", "2")).exitCode()).isZero();
    long[] moments =
        LongStream.range(0, 5)
            .map(kill -> 100 + StatelessRandom.of(1, "kill", kill).nextInt(4000))
            .sorted()
            .toArray();
    Path run = folder.resolve(killed);
    killAt(moments[0], train("killed", "1"));
    for (int kill = 1; kill < moments.length; kill++) {
      // One thread and two, by turns.
      String threads = Integer.toString(1 + kill % 2);
      killAt(moments[kill], "resume", run.toString(), "--threads", threads);
    }
    assertThat(run.resolve("summary.json")).doesNotExist();
    CommandLineRun last = CommandLineRun.of("resume", run.toString(), "--threads", "2");
    assertThat(last.exitCode()).as(last.err()).isZero();
    assertThat(last.out()).containsPattern("going on after step [\\d,]+ of 5,000\\R");
    RunComparison.requireSame(run, folder.resolve("runs/alone"), STEPS);
    assertThat(run.resolve("checkpoint")).isDirectoryNotContaining("glob:**.tmp");
  }

  /**
   * Starts a process, and kills it as soon as it has written a checkpoint of this step or later.
   */
  private void killAt(long step, String... words) throws Exception {
    Path output = folder.resolve("output");
    Process process = CommandLineProcess.start(output, words);
    try {
      while (newest() < step) {
        assertThat(process.isAlive()).as(() -> read(output)).isTrue();
        Thread.sleep(5);
      }
      CommandLineRun other = CommandLineRun.of("resume", folder.resolve(killed).toString());
      assertThat(other.exitCode()).isEqualTo(1);
      assertThat(other.err()).contains("another process trains in").hasLineCount(1);
    } finally {
      process.destroyForcibly();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private long newest() throws IOException {
    Path checkpoints = folder.resolve(killed).resolve("checkpoint");
    if (Files.notExists(checkpoints)) {
      return -1;
    }
    try (Stream<Path> files = Files.list(checkpoints)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".json"))
          .mapToLong(name -> Long.parseLong(name.replaceAll("\\D", "")))
          .max()
          .orElse(-1);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
