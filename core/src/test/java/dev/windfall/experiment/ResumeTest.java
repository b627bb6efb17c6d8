package dev.windfall.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.windfall.data.TestFiles;
import dev.windfall.training.TinyDataset;
import dev.windfall.training.TrainingEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ResumeTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** 20 steps an epoch, four epochs, an update every seven steps, on the engine of plain loops. */
  private static RecipeDraft small = RecipeDraft.defaults();

  @TempDir static Path data;

  private static final long STEPS = 80;

  @TempDir Path parent;

  @BeforeAll
  static void writeData() throws IOException {
    TestFiles.writeNpy(new TinyDataset(1000, 40), data);
    small =
        RecipeDraft.defaults()
            .with(
                """
                model: {name: mlp-20-10}
                data: {name: npy, dir: '%s', validation: 0.2}
                sparsity: {target: 0.5, update: {every: 7}}
                training: {epochs: 4, batch-size: 40, schedule: {lr: 0.01}}
                run: {engine: reference}
                """
                    .formatted(data),
                "small");
  }

  /** Stands for a kill: ends the run at once, without a last checkpoint. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static RecipeDraft set(String path, String value) {
    return small.with(List.of(path.split("\\.")), value, "--set " + path);
  }

  private RunFolder folder(String name) {
    return new RunFolder(parent.resolve(name));
  }

  private Run.Outcome train(RecipeDraft draft, String name, Consumer<TrainingEvent> listener)
      throws IOException {
    RunPlan plan = RunPlan.of(draft.recipe());
    return new Run(plan, () -> RunFolder.create(parent, name), listener, () -> 0)
        .execute(() -> false);
  }

  private Run.Outcome train(RecipeDraft draft, String name) throws IOException {
    return train(draft, name, event -> {});
  }

  /** Trains by a clock of one minute a step before the kill, so that each has a checkpoint. */
  private void trainAndKill(RecipeDraft draft, String name, long steps) throws IOException {
    RunPlan plan = RunPlan.of(draft.recipe());
    AtomicLong time = new AtomicLong();
    Run run =
        new Run(plan, () -> RunFolder.create(parent, name), killAfter(steps, time), time::get);
    assertThatThrownBy(() -> run.execute(() -> false)).isInstanceOf(Killed.class);
  }

  private static Consumer<TrainingEvent> killAfter(long steps, AtomicLong time) {
    return event -> {
      if (event instanceof TrainingEvent.StepDone done) {
        if (done.step() + 5 > steps) {
          time.addAndGet(CheckpointWriter.NANOSECONDS_BETWEEN);
        }
        if (done.step() + 1 == steps) {
          throw new Killed();
        }
      }
    };
  }

  private StoppedRun open(String name, @Nullable Integer threads) throws IOException {
    return StoppedRun.open(
        folder(name),
        draft ->
            RunPlan.of(
                threads == null
                    ? draft.recipe()
                    : draft.with(List.of("run", "threads"), threads.toString(), "test").recipe()));
  }

  private Run.Outcome resume(String name) throws IOException {
    try (StoppedRun stopped = open(name, null)) {
      return new Run(stopped, event -> {}).execute(() -> false);
    }
  }

  private static void corrupt(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  private void requireSameRuns(String actual, String expected) throws IOException {
    requireSameRuns(actual, expected, STEPS);
  }

  private void requireSameRuns(String actual, String expected, long steps) throws IOException {
    for (String type : List.of("json", "safetensors")) {
      String file = "checkpoint/step-%010d.%s".formatted(steps, type);
      assertThat(folder(actual).path().resolve(file))
          .hasSameBinaryContentAs(folder(expected).path().resolve(file));
    }
    assertThat(withoutTimes(JSON.readTree(folder(actual).summary().toFile())))
        .isEqualTo(withoutTimes(JSON.readTree(folder(expected).summary().toFile())));
    assertThat(metrics(actual)).isEqualTo(metrics(expected));
  }

  private static JsonNode withoutTimes(JsonNode tree) {
    return ((ObjectNode) tree)
        .without(List.of("seconds", "images_per_second", "peak_bytes", "process_peak_bytes"));
  }

  private List<JsonNode> metrics(String name) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder(name).metrics())) {
      lines.add(withoutTimes(JSON.readTree(line)));
    }
    return lines;
  }

  /** Before, between and after updates (at 0, 7, 14 …), in the middle and at the end of epochs. */
  @ParameterizedTest
  @CsvSource({
    "static, 13",
    "snip, 13",
    "synflow, 31",
    "snfs, 22",
    "set, 7",
    "set, 12",
    "set, 20",
    "rigl, 8",
    "rigl, 11",
    "rigl, 40",
    "rigl, 51",
    "rigl, 79"
  })
  void aKilledRunGoesOnToTheSameBits(String method, long steps) throws IOException {
    RecipeDraft draft = set("sparsity.method", method);
    train(draft, "whole");
    trainAndKill(draft, "killed", steps);
    assertThat(folder("killed").isFinished()).isFalse();
    try (StoppedRun stopped = open("killed", null)) {
      // The step before the kill had a checkpoint, for the clock says that it took a minute.
      assertThat(stopped.step()).isEqualTo(steps - 1);
      assertThat(stopped.damage()).isEmpty();
    }
    assertThat(resume("killed")).isInstanceOf(Run.Finished.class);
    requireSameRuns("killed", "whole");
  }

  /** Adam's variances and steps, micro-batches, and what metrics by layer remember. */
  @ParameterizedTest
  @CsvSource({"set, 5", "snfs, 23", "rigl, 19", "rigl, 27", "rigl, 35"})
  void aKilledRunWithEveryOptionGoesOnToTheSameBits(String method, long steps) throws IOException {
    RecipeDraft draft =
        set("sparsity.method", method)
            .with(
                """
                training: {accumulate: 2, clip: 1, optimizer: {name: adam}}
                run:
                  layer-metrics:
                    [density, gradient-norm, activation-sparsity, connections-replaced, ever-active]
                """,
                "options");
    train(draft, "whole");
    trainAndKill(draft, "killed", steps);
    assertThat(resume("killed")).isInstanceOf(Run.Finished.class);
    requireSameRuns("killed", "whole", 40);
  }

  /** Before weights are averaged, among them, and in the last epoch. */
  @ParameterizedTest
  @ValueSource(longs = {39, 45, 60, 61, 79})
  void aKilledRunWithTeacherAndAverageGoesOnToTheSameBits(long steps) throws IOException {
    train(small, "teacher");
    RecipeDraft draft =
        set("tweak.averaging", "{start: 0.4}")
            .with(
                """
                tweak: {distillation: {teacher: '%s'}}
                sparsity: {update: {end: 0.4}}
                """
                    .formatted(folder("teacher").path()),
                "tweaks");
    train(draft, "whole");
    trainAndKill(draft, "killed", steps);
    assertThat(resume("killed")).isInstanceOf(Run.Finished.class);
    requireSameRuns("killed", "whole");
  }

  /** Before the first step there is no checkpoint: scales are learned again. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 30})
  void aKilledRunWithLearnedScalesGoesOnToTheSameBits(long steps) throws IOException {
    RecipeDraft draft =
        set("tweak.rescaled-init", "{learned-on: sparse, iterations: 10, longest-gradient: 0.5}");
    train(draft, "whole");
    trainAndKill(draft, "killed", steps);
    assertThat(resume("killed")).isInstanceOf(Run.Finished.class);
    requireSameRuns("killed", "whole");
    assertThat(folder("killed").rescaling()).hasSameTextualContentAs(folder("whole").rescaling());
  }

  @Test
  void aRunThatIsInterruptedWhileItLearnsScalesLearnsThemAgain() throws IOException {
    RecipeDraft draft = set("tweak.rescaled-init", "{learned-on: sparse, iterations: 10}");
    train(draft, "whole");
    AtomicLong asked = new AtomicLong();
    Run run =
        new Run(
            RunPlan.of(draft.recipe()), () -> RunFolder.create(parent, "interrupted"), event -> {});
    Run.Stopped stopped = (Run.Stopped) run.execute(() -> asked.incrementAndGet() > 4);
    assertThat(stopped.checkpoint()).isNull();
    assertThat(stopped.progress().step()).isZero();
    assertThat(folder("interrupted").rescaling()).doesNotExist();
    assertThat(resume("interrupted")).isInstanceOf(Run.Finished.class);
    requireSameRuns("interrupted", "whole");
  }

  @Test
  void anotherTeacherThanAtTheBeginningIsRefused() throws IOException {
    train(small, "teacher");
    RecipeDraft draft = set("tweak.distillation.teacher", "'" + folder("teacher").path() + "'");
    trainAndKill(draft, "killed", 30);
    train(set("run.seed", "2"), "other");
    Path checkpoint = folder("teacher").path().resolve("checkpoint/step-0000000080.json");
    Files.copy(
        folder("other").path().resolve("checkpoint/step-0000000080.json"),
        checkpoint,
        StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> open("killed", null))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("step-0000000080.json is not what the run began with");
  }

  @ParameterizedTest
  @ValueSource(strings = {"static", "set", "rigl", "rigl-sm", "rigl-sg", "gmp", "one-shot"})
  void aRunThatIsInterruptedOverAndOverEndsTheSame(String method) throws IOException {
    RecipeDraft draft = set("sparsity.method", method);
    train(draft, "whole");
    AtomicLong asked = new AtomicLong();
    Run.Outcome outcome =
        new Run(
                RunPlan.of(draft.recipe()),
                () -> RunFolder.create(parent, "interrupted"),
                event -> {})
            .execute(() -> asked.incrementAndGet() > 9);
    for (int threads = 1; outcome instanceof Run.Stopped stopped; threads++) {
      assertThat(stopped.progress().step()).isEqualTo(9L * threads);
      asked.set(0);
      try (StoppedRun run = open("interrupted", threads)) {
        assertThat(run.plan().threads()).isEqualTo(threads);
        outcome = new Run(run, event -> {}).execute(() -> asked.incrementAndGet() > 9);
      }
    }
    requireSameRuns("interrupted", "whole");
    JsonNode provenance = JSON.readTree(folder("interrupted").provenance().toFile());
    assertThat(provenance.at("/resumptions"))
        .extracting(resumption -> resumption.get("step").asInt())
        .containsExactly(9, 18, 27, 36, 45, 54, 63, 72);
    assertThat(provenance.at("/resumptions/2/engine/threads").asInt()).isEqualTo(3);
  }

  /** With scores, connections are chosen again. */
  @ParameterizedTest
  @ValueSource(strings = {"rigl", "snip"})
  void aRunThatWasKilledBeforeItsFirstCheckpointBeginsAgain(String method) throws IOException {
    RecipeDraft draft = set("sparsity.method", method);
    train(draft, "whole");
    trainAndKill(draft, "killed", 1);
    try (StoppedRun stopped = open("killed", null)) {
      assertThat(stopped.checkpoint()).isEmpty();
    }
    resume("killed");
    requireSameRuns("killed", "whole");
  }

  @Test
  void aRunThatWasKilledBeforeItsSummaryGetsIt() throws IOException {
    train(small, "whole");
    train(small, "killed");
    Files.delete(folder("killed").summary());
    resume("killed");
    requireSameRuns("killed", "whole");
  }

  @Test
  void aDamagedCheckpointIsPassedOver() throws IOException {
    train(small, "whole");
    trainAndKill(small, "killed", 33);
    corrupt(folder("killed").path().resolve("checkpoint/step-0000000032.safetensors"));
    try (StoppedRun stopped = open("killed", null)) {
      assertThat(stopped.damage()).singleElement().asString().contains("step-0000000032");
      assertThat(stopped.step()).isEqualTo(31);
    }
    resume("killed");
    requireSameRuns("killed", "whole");
  }

  @Test
  void whatAKillLeftHalfDoneIsCleared() throws IOException {
    train(small, "whole");
    trainAndKill(small, "killed", 33);
    Path folder = folder("killed").path();
    Files.writeString(folder.resolve("summary.json.tmp"), "{");
    Files.writeString(folder.resolve("checkpoint/step-0000000033.safetensors.tmp"), "half");
    Files.writeString(
        folder.resolve("metrics.jsonl"),
        Files.readString(folder.resolve("metrics.jsonl")) + "{\"step\":50,\"epo");
    resume("killed");
    requireSameRuns("killed", "whole");
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
    assertThat(folder.resolve("checkpoint")).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void checkpointsComeAtTheEndOfEveryEpochAndAreKeptAsTheRecipeSays() throws IOException {
    List<Long> written = new ArrayList<>();
    train(
        set("run", "{keep-last: 1, keep-at: [1, 2], keep-best: false}"),
        "kept",
        event -> {
          if (event instanceof TrainingEvent.CheckpointWritten checkpoint) {
            assertThat(checkpoint.file()).exists();
            written.add(checkpoint.step());
          }
        });
    assertThat(written).containsExactly(19L, 39L, 59L, 79L);
    assertThat(folder("kept").checkpoints().steps()).containsExactly(20L, 40L, 80L);
    assertThatThrownBy(() -> RunPlan.of(set("run.keep-at", "[5]").recipe()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("run.keep-at: there is no epoch 5 in a training of 4");
  }

  @Test
  void theBestByValidationIsKept() throws IOException {
    // The first evaluation stays the best: with such a rate, nothing is learned.
    train(
        small.with("training: {schedule: {lr: 1e-12}}", "slow").with("run: {keep-last: 1}", "keep"),
        "best");
    assertThat(folder("best").checkpoints().bestStep()).contains(20L);
    assertThat(folder("best").checkpoints().steps()).containsExactly(20L, 80L);
  }

  /** Writing to /dev/full fails like writing to a full disk. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "checkpoint/step-0000000040.safetensors.tmp",
        "checkpoint/step-0000000040.json.tmp",
        "elapsed.json.tmp"
      })
  void aFullDiskStopsTheRunAndCostsNoCheckpoint(String file) throws IOException {
    Path full = Path.of("/dev/full");
    assumeThat(full).exists();
    train(small, "whole");
    assertThatThrownBy(
            () ->
                train(
                    small,
                    "full",
                    event -> {
                      if (event.step() == 30) {
                        link(folder("full").path().resolve(file), full);
                      }
                    }))
        .isInstanceOf(RunStoppedException.class)
        .hasMessage("the checkpoint of step 40 cannot be written")
        .hasRootCauseMessage("No space left on device")
        .extracting(e -> ((RunStoppedException) e).step())
        .isEqualTo(20L);
    resume("full");
    requireSameRuns("full", "whole");
  }

  private static void link(Path from, Path to) {
    try {
      Files.deleteIfExists(from);
      Files.createSymbolicLink(from, to);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void twoDoNotTrainInOneFolder() throws IOException {
    trainAndKill(small, "one", 5);
    try (StoppedRun stopped = open("one", null)) {
      assertThat(stopped.step()).isEqualTo(4);
      assertThatThrownBy(() -> open("one", null))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "another process trains in %s; wait for its end, or stop it", folder("one").path());
    }
    open("one", null).close();
  }

  @Test
  void aChangedRecipeIsRefused() throws IOException {
    trainAndKill(small, "one", 5);
    Path recipe = folder("one").recipe();
    Files.writeString(recipe, Files.readString(recipe).replace("seed: 1", "seed: 2"));
    assertThatThrownBy(() -> open("one", null))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(recipe + " is not what the run began with: its SHA-256 is ")
        .message()
        .hasLineCount(1);
    // The lock is free again.
    try (RunLock lock = RunLock.of(folder("one"))) {
      assertThat(lock).isNotNull();
    }
  }

  @Test
  void aChangedMaskIsRefused() throws IOException {
    train(set("run.keep-at", "[1]"), "other");
    Path checkpoints = folder("other").checkpoints().path();
    Path mask = parent.resolve("mask.safetensors");
    Files.copy(checkpoints.resolve("step-0000000080.safetensors"), mask);
    trainAndKill(set("sparsity.mask", mask.toString()), "one", 5);
    open("one", null).close();
    Files.copy(
        checkpoints.resolve("step-0000000020.safetensors"),
        mask,
        StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> open("one", null))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(mask + " is not what the run began with: its SHA-256 is ");
  }

  @Test
  void changedDataIsRefused() throws IOException {
    trainAndKill(small, "one", 5);
    Path provenance = folder("one").provenance();
    ObjectNode tree = (ObjectNode) JSON.readTree(provenance.toFile());
    ((ObjectNode) tree.get("data")).put("sha256", "0".repeat(64));
    JSON.writeValue(provenance.toFile(), tree);
    assertThatThrownBy(() -> open("one", null))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("the data set npy is not what the run began with: its SHA-256")
        .message()
        .hasLineCount(1);
  }

  @Test
  void whatIsNoRunIsNamed() throws IOException {
    assertThatThrownBy(() -> RunFolder.existing(parent.resolve("none")))
        .hasMessage("%s is no run's folder: there is nothing", parent.resolve("none"));
    assertThatThrownBy(() -> RunFolder.existing(parent))
        .hasMessage("%s is no run's folder: it holds no recipe.yaml", parent);
    trainAndKill(small, "one", 5);
    Files.delete(folder("one").provenance());
    assertThatThrownBy(() -> open("one", null))
        .hasMessageContaining("was stopped before it began")
        .hasCauseInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aResolvedRecipeResolvesToItself() throws IOException {
    RunPlan plan = RunPlan.of(small.recipe());
    assertThat(RunPlan.of(plan.recipe()).recipe()).isEqualTo(plan.recipe());
  }

  @Test
  void theTimeOfAResumedRunIsThatOfAllItsParts() throws IOException {
    trainAndKill(small, "one", 5);
    TrainingClock.Elapsed before = folder("one").readElapsed();
    // Two minutes passed after steps, and so none in them.
    assertThat(before).isEqualTo(new TrainingClock.Elapsed(120, 0, 160));
    Run.Finished finished = (Run.Finished) resume("one");
    assertThat(finished.summary().seconds()).isGreaterThan(120);
  }
}
