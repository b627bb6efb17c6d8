package dev.windfall.experiment;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.windfall.training.CheckpointFile;
import dev.windfall.training.CheckpointFolder;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.NavigableSet;

/**
 * The folder that holds everything a run needs and produces. A folder is made new for each run and
 * never shared with another.
 *
 * @param path of the folder
 */
public record RunFolder(Path path) {

  /** Makes the folder of one run. */
  @FunctionalInterface
  public interface Maker {
    /** A new folder. */
    RunFolder make() throws IOException;
  }

  /**
   * Makes the folder {@code parent/name}. Where it is taken, {@code parent/name-2}, then {@code -3}
   * and so on.
   *
   * @throws IOException where the folder cannot be made
   */
  public static RunFolder createNumbered(Path parent, String name) throws IOException {
    Files.createDirectories(parent);
    Path path = parent.resolve(name);
    for (int number = 2; !isMade(path); number++) {
      path = parent.resolve(name + "-" + number);
    }
    return new RunFolder(path);
  }

  /** Makes a folder; false where it is there already. Of two runs at once, one gets it. */
  private static boolean isMade(Path path) throws IOException {
    try {
      Files.createDirectory(path);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  /**
   * Makes the folder {@code parent/name}.
   *
   * @throws FileAlreadyExistsException where there is one
   * @throws IOException where the folder cannot be made
   */
  public static RunFolder create(Path parent, String name) throws IOException {
    Files.createDirectories(parent);
    return new RunFolder(Files.createDirectory(parent.resolve(name)));
  }

  /**
   * A run's folder that is there.
   *
   * @throws IOException where the path is none
   */
  public static RunFolder existing(Path path) throws IOException {
    RunFolder folder = new RunFolder(path);
    if (!Files.isRegularFile(folder.recipe())) {
      throw new IOException(
          "%s is no run's folder: %s"
              .formatted(
                  path, Files.exists(path) ? "it holds no recipe.yaml" : "there is nothing"));
    }
    return folder;
  }

  /** The resolved recipe. */
  public Path recipe() {
    return path.resolve("recipe.yaml");
  }

  /** What the run was made with. */
  public Path provenance() {
    return path.resolve("provenance.json");
  }

  /** One line for each log point. */
  public Path metrics() {
    return path.resolve("metrics.jsonl");
  }

  /** The checkpoints. */
  public CheckpointFolder checkpoints() {
    return new CheckpointFolder(path.resolve("checkpoint"));
  }

  /**
   * The file of connections that a path names: the path itself or, where it is a run's folder, the
   * tensors of the newest checkpoint.
   *
   * @throws IOException where the path is another folder, or that checkpoint is missing or damaged
   */
  static Path connections(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return path;
    }
    CheckpointFolder checkpoints = existing(path).checkpoints();
    NavigableSet<Long> steps = checkpoints.steps();
    if (steps.isEmpty()) {
      throw new IOException("there is no checkpoint yet in " + path);
    }
    return CheckpointFile.requireWhole(checkpoints.file(steps.last()));
  }

  /** The learned scales of the initial weights, where the recipe asks for them. */
  public Path rescaling() {
    return path.resolve("rescaled-init.json");
  }

  /** How much time the run has taken so far; outside of checkpoints, which are free of times. */
  Path elapsed() {
    return path.resolve("elapsed.json");
  }

  /** Locked by the process that trains here; an empty file, which stays. */
  Path lock() {
    return path.resolve("lock");
  }

  /** The result; there only when the run is finished. */
  public Path summary() {
    return path.resolve("summary.json");
  }

  /**
   * The resolved recipe over the defaults.
   *
   * @throws IOException where it cannot be read
   * @throws IllegalArgumentException where it is none
   */
  public RecipeDraft readRecipe() throws IOException {
    return RecipeDraft.defaults().with(RecipeDraft.readText(recipe()), recipe().toString());
  }

  /**
   * The SHA-256 of the data that the run began with, as its provenance has it.
   *
   * @return empty where it does not say
   * @throws IOException where it cannot be read
   */
  public String readDataChecksum() throws IOException {
    return readChecksum(Provenance.DATA_CHECKSUM);
  }

  /**
   * The SHA-256 of a file that the run began with, as its provenance has it.
   *
   * @return empty where there was none
   * @throws IOException where it cannot be read
   */
  public String readChecksum(RecipeFile file) throws IOException {
    return readChecksum(file.checksum());
  }

  private String readChecksum(JsonPointer field) throws IOException {
    try {
      return JsonText.read(Files.readString(provenance())).at(field).asText("");
    } catch (JsonProcessingException e) {
      throw new IOException(provenance() + " is damaged: it is no JSON", e);
    }
  }

  /** Whether the run has come to its end. */
  public boolean isFinished() {
    return Files.exists(summary());
  }

  /**
   * The result of a finished run.
   *
   * @throws IOException where it is damaged
   */
  public Summary readSummary() throws IOException {
    try {
      return JsonText.read(Files.readString(summary()), Summary.class);
    } catch (JsonProcessingException e) {
      throw new IOException(summary() + " is damaged: it is no summary", e);
    }
  }

  /** The time that {@link #elapsed} tells of; none where it tells nothing. */
  TrainingClock.Elapsed readElapsed() throws IOException {
    try {
      return JsonText.read(Files.readString(elapsed()), TrainingClock.Elapsed.class);
    } catch (NoSuchFileException | JsonProcessingException e) {
      return TrainingClock.Elapsed.NOTHING;
    }
  }
}
