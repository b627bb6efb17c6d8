package dev.windfall.training;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The checkpoints of one training. An old one is deleted only when a newer one is complete and on
 * the disk, so that a full disk or a kill at any moment leaves the last good one.
 *
 * @param path of the folder; it need not exist before the first checkpoint
 */
public record CheckpointFolder(Path path) {

  private static final Pattern NAME =
      Pattern.compile("step-(\\d{10}|[1-9]\\d{10,17})\\.(json|safetensors)");

  /** The steps that have a checkpoint, ascending. */
  public NavigableSet<Long> steps() throws IOException {
    return steps("json");
  }

  private NavigableSet<Long> steps(String type) throws IOException {
    NavigableSet<Long> steps = new TreeSet<>();
    for (Path file : files()) {
      Matcher name = NAME.matcher(file.getFileName().toString());
      if (name.matches() && name.group(2).equals(type)) {
        steps.add(Long.parseLong(name.group(1)));
      }
    }
    return steps;
  }

  private List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    if (Files.exists(path)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
        entries.forEach(files::add);
      }
    }
    return files;
  }

  /** The {@code .json} file of a step's checkpoint. */
  public Path file(long step) {
    return CheckpointFile.description(path, step);
  }

  /**
   * The step whose weights were best by validation, as the newest checkpoint knows it.
   *
   * @return empty where there is no checkpoint yet, or no evaluation with validation samples
   * @throws IOException where the newest is damaged
   */
  public Optional<Long> bestStep() throws IOException {
    NavigableSet<Long> steps = steps();
    return steps.isEmpty()
        ? Optional.empty()
        : Optional.ofNullable(CheckpointFile.readProgress(file(steps.last())).bestStep());
  }

  /**
   * Writes a checkpoint, then deletes those that are not kept any more.
   *
   * @return the {@code .json} file
   * @throws IOException where it cannot be written; all older ones are still there then
   */
  public Path write(Checkpoint checkpoint, Retention retention) throws IOException {
    Path written = CheckpointFile.write(path, checkpoint);
    NavigableMap<Long, Progress> good = progressByStep();
    Set<Long> kept = retention.kept(good);
    for (long step : good.keySet()) {
      if (!kept.contains(step)) {
        delete(step);
      }
    }
    return written;
  }

  private NavigableMap<Long, Progress> progressByStep() throws IOException {
    NavigableMap<Long, Progress> found = new TreeMap<>();
    for (long step : steps()) {
      try {
        found.put(step, CheckpointFile.readProgress(file(step)));
      } catch (IOException e) {
        // Damaged: it must not count as one of the last good ones, and does no harm.
      }
    }
    return found;
  }

  /** The description goes first: where it stands, its checkpoint is complete. */
  private void delete(long step) throws IOException {
    Files.deleteIfExists(file(step));
    Files.deleteIfExists(CheckpointFile.tensorsOf(file(step)));
  }

  /**
   * Reads the newest checkpoint that is not damaged.
   *
   * @param damage hears in one line of each that is
   * @return empty where there is none at all
   * @throws IOException where all are damaged, or one may not be read
   */
  public Optional<Checkpoint> newest(Consumer<String> damage) throws IOException {
    NavigableSet<Long> steps = steps();
    for (long step : steps.descendingSet()) {
      try {
        return Optional.of(CheckpointFile.read(file(step)));
      } catch (AccessDeniedException e) {
        throw e;
      } catch (IOException e) {
        damage.accept(String.valueOf(e.getMessage()));
      }
    }
    if (steps.isEmpty()) {
      return Optional.empty();
    }
    throw new IOException("every checkpoint in %s is damaged".formatted(path));
  }

  /**
   * Deletes what a killed process left half done, and the checkpoints after a step. Nobody may be
   * writing here.
   *
   * @param step the last that stays
   */
  public void cleanAfter(long step) throws IOException {
    if (Files.exists(path)) {
      DurableFile.deleteTemporary(path);
    }
    NavigableSet<Long> complete = steps();
    for (long tensors : steps("safetensors")) {
      if (!complete.contains(tensors)) {
        delete(tensors);
      }
    }
    for (long later : complete.tailSet(step, false)) {
      delete(later);
    }
  }
}
