package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.Run;
import dev.windfall.experiment.RunFolder;
import dev.windfall.experiment.RunPlan;
import dev.windfall.experiment.RunStoppedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ResumeCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Ten steps an epoch, and an update every four. */
  private static final String SMALL =
      """
      model: {name: mlp-16}
      data: {name: npy, dir: 'FOLDER', validation: 0.2}
      sparsity: {update: {every: 4, end: 1.0}}
      training: {epochs: 2, batch-size: 80}
      """;

  private static final long STEPS = 20;

  @TempDir static Path data;
  @TempDir Path folder;

  @BeforeAll
  static void writeData() throws IOException {
    SmallData.write(data);
  }

  private Run.Outcome run(String name, String method, long steps) throws IOException {
    RunPlan plan =
        RunPlan.of(
            RecipeDraft.defaults()
                .with(SMALL.replace("FOLDER", data.toString()), "small")
                .with("sparsity: {method: " + method + "}", "method")
                .recipe());
    AtomicLong asked = new AtomicLong();
    return new Run(plan, () -> RunFolder.create(folder, name), event -> {})
        .execute(() -> asked.incrementAndGet() > steps);
  }

  private Path stopped(long steps) throws IOException {
    return run("stopped", "rigl", steps).folder().path();
  }

  /** After step 6: in the middle of an epoch, and between the updates at steps 4 and 8. */
  @ParameterizedTest
  @ValueSource(strings = {"static", "set", "rigl"})
  void everyMethodGoesOnToTheSameBits(String method) throws IOException {
    run("alone", method, Long.MAX_VALUE);
    assertThat(run("stopped", method, 6)).isInstanceOf(Run.Stopped.class);
    Path stopped = folder.resolve("stopped");
    CommandLineRun resumed = CommandLineRun.of("resume", stopped.toString(), "--threads", "1");
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(resumed.err()).isEmpty();
    assertThat(resumed.out())
        .startsWith("mlp-16 on npy: " + method)
        .contains("1 thread")
        .contains("going on after step 6 of 20" + System.lineSeparator())
        .contains("test accuracy");
    RunComparison.requireSame(stopped, folder.resolve("alone"), STEPS);
  }

  @Test
  void dataThatMovedIsFoundAndMustBeTheSame() throws IOException {
    run("alone", "rigl", Long.MAX_VALUE);
    Path moved = Files.createDirectory(folder.resolve("moved"));
    try (Stream<Path> files = Files.list(data)) {
      for (Path file : files.toList()) {
        Files.copy(file, moved.resolve(file.getFileName()));
      }
    }
    Path other = Files.createDirectory(folder.resolve("other"));
    SmallData.write(other);
    Path labels = other.resolve("train-labels.npy");
    byte[] bytes = Files.readAllBytes(labels);
    bytes[bytes.length - 1] ^= 1;
    Files.write(labels, bytes);
    Path run = stopped(6);
    CommandLineRun changed =
        CommandLineRun.of("resume", run.toString(), "--data-dir", other.toString());
    assertThat(changed.exitCode()).isEqualTo(1);
    assertThat(changed.err()).contains("the data set npy is not what the run began with");
    CommandLineRun resumed =
        CommandLineRun.of("resume", run.toString(), "--data-dir", moved.toString());
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    RunComparison.requireSame(run, folder.resolve("alone"), STEPS);
  }

  @Test
  void aFinishedRunHasNothingLeftToDo() throws IOException {
    Path run = stopped(Long.MAX_VALUE);
    CommandLineRun resumed = CommandLineRun.of("resume", run.toString());
    assertThat(resumed.exitCode()).isZero();
    assertThat(resumed.out())
        .isEqualToIgnoringNewLines(
            "%s is finished; its result is in %s".formatted(run, run.resolve("summary.json")));
    JsonNode summary = JSON.readTree(run.resolve("summary.json").toFile());
    CommandLineRun forPrograms = CommandLineRun.of("resume", run.toString(), "--json");
    assertThat(JSON.readTree(forPrograms.out())).isEqualTo(summary);
    assertThat(forPrograms.err()).contains("is finished").hasLineCount(1);
  }

  @Test
  void withJsonStandardOutputIsOneDocument() throws IOException {
    Path run = stopped(13);
    CommandLineRun resumed = CommandLineRun.of("resume", run.toString(), "--json");
    assertThat(resumed.exitCode()).isZero();
    assertThat(JSON.readTree(resumed.out()))
        .isEqualTo(JSON.readTree(run.resolve("summary.json").toFile()));
    assertThat(resumed.err()).contains("going on after step 13 of 20");
  }

  @Test
  void aDamagedCheckpointIsToldOfInOneLine() throws IOException {
    Path run = stopped(13);
    Path newest = run.resolve("checkpoint/step-0000000013.safetensors");
    byte[] bytes = Files.readAllBytes(newest);
    bytes[bytes.length - 1] ^= 1;
    Files.write(newest, bytes);
    CommandLineRun resumed = CommandLineRun.of("resume", run.toString());
    assertThat(resumed.exitCode()).isZero();
    assertThat(resumed.out().lines())
        .filteredOn(line -> line.contains("damaged"))
        .singleElement()
        .asString()
        .startsWith(newest + " is damaged: its SHA-256 is not the one in ")
        .endsWith("; an older one takes its place");
    assertThat(resumed.out()).contains("going on after step 10 of 20");
  }

  @Test
  void whatCannotGoOnIsOneClearLine() throws IOException {
    Path none = folder.resolve("none");
    assertFails("%s is no run's folder: there is nothing".formatted(none), none);
    Path run = stopped(3);
    CommandLineRun wrong = CommandLineRun.of("resume", run.toString(), "--threads", "-1");
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).contains("run.threads must be from 0").hasLineCount(1);
    Path recipe = run.resolve("recipe.yaml");
    Files.writeString(recipe, Files.readString(recipe).replace("seed: 1", "seed: 2"));
    assertFails(recipe + " is not what the run began with: its SHA-256 is ", run);
    Files.delete(run.resolve("provenance.json"));
    assertFails("%s was stopped before it began; 'windfall train".formatted(run), run);
  }

  private static void assertFails(String message, Path run) {
    CommandLineRun resumed = CommandLineRun.of("resume", run.toString());
    assertThat(resumed.exitCode()).isEqualTo(1);
    assertThat(resumed.out()).isEmpty();
    assertThat(resumed.err()).startsWith("windfall resume: " + message).hasLineCount(1);
  }

  @Test
  void aFullDiskIsOneClearLine() {
    RunFolder run = new RunFolder(Path.of("runs", "one"));
    IOException full = new IOException("No space left on device");
    assertThat(FailureReport.describe(new RunStoppedException("no checkpoint", run, 40L, full)))
        .isEqualTo(
            "no checkpoint: No space left on device; the last good checkpoint is of step 40,"
                + " 'windfall resume %s' goes on",
            run.path());
    assertThat(FailureReport.describe(new RunStoppedException("no metrics", run, null, full)))
        .contains("; there is no checkpoint yet, ");
  }
}
