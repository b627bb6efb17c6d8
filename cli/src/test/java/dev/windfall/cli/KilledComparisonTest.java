package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A comparison in a process of its own, which is stopped, then killed without warning. */
@Timeout(300)
final class KilledComparisonTest {

  /** Nine runs of 2,000 steps. */
  private static final String COMPARISON =
      """
      name: NAME
      set:
        model.name: mlp-64
        data: {name: npy, dir: 'FOLDER', validation: 0.2}
        training: {epochs: 20, batch-size: 8}
      methods: [static, rigl]
      sparsities: 0.8
      seeds: [1, 2, 3]
      """;

  private static final long STEPS = 2000;

  @TempDir Path folder;

  private String[] compare(String name) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve(name + ".yaml"),
            COMPARISON.replace("FOLDER", folder.toString()).replace("NAME", name));
    return new String[] {
      "compare", file.toString(), "--out", folder.toString(), "--parallel", "2", "--timing", "0"
    };
  }

  @Test
  void whatIsFinishedIsNotRepeatedAndWhatIsHalfDoneGoesOn() throws Exception {
    SmallData.write(folder);
    assertThat(CommandLineRun.of(compare("alone")).exitCode()).isZero();
    Path output = folder.resolve("output");
    Process stopped = CommandLineProcess.start(output, compare("ended"));
    awaitHalfWay(stopped, 2, output);
    stopped.destroy();
    assertThat(stopped.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(output))
        .contains(" of 9 runs are finished; the same command goes on");
    Process killed = CommandLineProcess.start(output, compare("ended"));
    awaitHalfWay(killed, 5, output);
    killed.destroyForcibly();
    assertThat(killed.waitFor(60, TimeUnit.SECONDS)).isTrue();

    Map<String, FileTime> finished = summaries("ended");
    assertThat(finished).hasSizeBetween(5, 8);
    CommandLineRun last = CommandLineRun.of(compare("ended"));
    assertThat(last.exitCode()).as(last.err()).isZero();
    assertThat(last.out()).contains("9 runs, of which %d are finished".formatted(finished.size()));
    Map<String, FileTime> all = summaries("ended");
    assertThat(all).hasSize(9).containsAllEntriesOf(finished);
    for (String run : all.keySet()) {
      RunComparison.requireSame(
          folder.resolve("ended/runs").resolve(run),
          folder.resolve("alone/runs").resolve(run),
          STEPS);
    }
  }

  /** Waits until some runs are finished, and another one has a checkpoint but no summary. */
  private void awaitHalfWay(Process process, int finished, Path output) throws Exception {
    while (summaries("ended").size() < finished || !isOneHalfDone()) {
      assertThat(process.isAlive()).as(() -> read(output)).isTrue();
      Thread.sleep(2);
    }
  }

  private boolean isOneHalfDone() throws IOException {
    try (Stream<Path> runs = Files.list(folder.resolve("ended/runs"))) {
      return runs.anyMatch(
          run ->
              Files.exists(run.resolve("checkpoint"))
                  && Files.notExists(run.resolve("summary.json")));
    }
  }

  private Map<String, FileTime> summaries(String name) throws IOException {
    Map<String, FileTime> times = new TreeMap<>();
    Path runs = folder.resolve(name).resolve("runs");
    if (Files.exists(runs)) {
      try (Stream<Path> entries = Files.list(runs)) {
        for (Path run : entries.toList()) {
          if (Files.exists(run.resolve("summary.json"))) {
            times.put(
                run.getFileName().toString(),
                Files.getLastModifiedTime(run.resolve("summary.json")));
          }
        }
      }
    }
    return times;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
