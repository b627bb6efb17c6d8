package dev.windfall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.engine.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointFolderTest {

  private static final Retention LAST_TWO = new Retention(2, Set.of(), false);

  @TempDir Path parent;

  private CheckpointFolder folder() {
    return new CheckpointFolder(parent.resolve("checkpoint"));
  }

  private static Checkpoint checkpoint(long step, @Nullable Long bestStep) {
    return new Checkpoint(
        "tiny",
        new Progress(step, 0, 0, 0, 0, null, null, bestStep),
        MetricsWindow.EMPTY,
        LayerHistory.NONE,
        Map.of(),
        new State(0, Map.of("bias", new State.Tensor(null, new float[] {step}, null, null))));
  }

  private void write(Retention retention, long... steps) throws IOException {
    for (long step : steps) {
      folder().write(checkpoint(step, null), retention);
    }
  }

  private Path tensors(long step) {
    return CheckpointFile.tensorsOf(folder().file(step));
  }

  private void damage(long step) throws IOException {
    byte[] bytes = Files.readAllBytes(tensors(step));
    bytes[bytes.length - 1] ^= 1;
    Files.write(tensors(step), bytes);
  }

  private long files() throws IOException {
    try (Stream<Path> files = Files.list(folder().path())) {
      return files.count();
    }
  }

  @Test
  void aFolderThatIsNotThereHasNoCheckpoints() throws IOException {
    assertThat(folder().steps()).isEmpty();
    assertThat(folder().newest(damage -> {})).isEmpty();
    assertThat(folder().bestStep()).isEmpty();
    folder().cleanAfter(0);
  }

  @Test
  void theLastOnesAreKeptWithBothFiles() throws IOException {
    write(LAST_TWO, 3, 9, 10, 4_000_000_000_000L);
    assertThat(folder().steps()).containsExactly(10L, 4_000_000_000_000L);
    assertThat(files()).isEqualTo(4);
    write(new Retention(1, Set.of(), false), 4_000_000_000_001L);
    assertThat(folder().steps()).containsExactly(4_000_000_000_001L);
  }

  @Test
  void namedOnesAreKeptForEver() throws IOException {
    write(new Retention(1, Set.of(5L, 99L), false), 1, 5, 6, 7);
    assertThat(folder().steps()).containsExactly(5L, 7L);
  }

  @Test
  void theBestOfEachOfTheLastIsKept() throws IOException {
    Retention withBest = new Retention(2, Set.of(), true);
    folder().write(checkpoint(10, 10L), withBest);
    folder().write(checkpoint(20, 10L), withBest);
    folder().write(checkpoint(30, 10L), withBest);
    folder().write(checkpoint(40, 40L), withBest);
    assertThat(folder().bestStep()).contains(40L);
    // Were 40 damaged, 30 would still find its best.
    assertThat(folder().steps()).containsExactly(10L, 30L, 40L);
    folder().write(checkpoint(50, 40L), withBest);
    assertThat(folder().steps()).containsExactly(40L, 50L);
    folder().write(checkpoint(60, 40L), LAST_TWO);
    assertThat(folder().steps()).containsExactly(50L, 60L);
  }

  @Test
  void theNewestThatIsNotDamagedIsRead() throws IOException {
    write(new Retention(4, Set.of(), false), 1, 2, 3, 4);
    Files.writeString(folder().file(4), "{");
    damage(3);
    List<String> damage = new ArrayList<>();
    assertThat(folder().newest(damage::add).orElseThrow().progress().step()).isEqualTo(2);
    assertThat(damage)
        .satisfiesExactly(
            line -> assertThat(line).contains("step-0000000004.json is damaged"),
            line -> assertThat(line).contains("step-0000000003.safetensors is damaged"));
    folder().cleanAfter(2);
    assertThat(folder().steps()).containsExactly(1L, 2L);
    assertThat(files()).isEqualTo(4);
  }

  @Test
  void whereAllAreDamagedNoneIsMadeUp() throws IOException {
    write(LAST_TWO, 1, 2);
    damage(1);
    damage(2);
    assertThatThrownBy(() -> folder().newest(damage -> {}))
        .isInstanceOf(IOException.class)
        .hasMessage("every checkpoint in %s is damaged", folder().path());
  }

  @Test
  void aDamagedOneDoesNotCountAsOneOfTheLast() throws IOException {
    write(LAST_TWO, 1, 2);
    Files.writeString(folder().file(2), "{");
    write(LAST_TWO, 3);
    assertThat(folder().steps()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void whatAKilledProcessLeftIsDeleted() throws IOException {
    write(LAST_TWO, 1, 2);
    Files.writeString(folder().path().resolve("step-0000000003.json.tmp"), "{");
    Files.writeString(folder().path().resolve("step-0000000004.safetensors.tmp"), "");
    Files.writeString(tensors(3), "no description came");
    Path foreign = Files.writeString(folder().path().resolve("notes.txt"), "somebody's own");
    folder().cleanAfter(2);
    assertThat(foreign).exists();
    assertThat(files()).isEqualTo(5);
    assertThat(folder().newest(damage -> {}).orElseThrow().progress().step()).isEqualTo(2);
  }

  @Test
  void whatCannotBeWrittenCostsNothing() throws IOException {
    write(LAST_TWO, 1, 2);
    Files.createDirectory(folder().path().resolve("step-0000000003.safetensors.tmp"));
    assertThatThrownBy(() -> write(LAST_TWO, 3)).isInstanceOf(IOException.class);
    assertThat(folder().steps()).containsExactly(1L, 2L);
    assertThat(folder().newest(damage -> {}).orElseThrow().progress().step()).isEqualTo(2);
  }
}
