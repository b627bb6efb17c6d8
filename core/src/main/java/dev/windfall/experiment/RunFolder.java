package dev.windfall.experiment;

import dev.windfall.training.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

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

  /** The folder of the checkpoints. */
  public Path checkpoints() {
    return path.resolve("checkpoint");
  }

  /** The result; there only when the run is finished. */
  public Path summary() {
    return path.resolve("summary.json");
  }

  static void writeText(Path file, String text) throws IOException {
    DurableFile.write(file, output -> output.write(text.getBytes(StandardCharsets.UTF_8)));
  }
}
