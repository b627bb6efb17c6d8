package dev.windfall.experiment.comparison;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.windfall.experiment.JsonText;
import dev.windfall.training.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * The folder that holds everything of a comparison.
 *
 * @param path of the folder
 */
public record ComparisonFolder(Path path) {

  /** What timings are stored as. */
  private record Timings(String machine, List<RowTiming> rows) {}

  /** The folders of the runs. */
  public Path runs() {
    return path.resolve("runs");
  }

  /** The comparison file, as it was when the comparison last began. */
  public Path comparison() {
    return path.resolve("comparison.yaml");
  }

  /** A file of results. */
  public Path file(String name) {
    return path.resolve(name);
  }

  private Path timings() {
    return path.resolve("timings.json");
  }

  /**
   * What was measured before; nothing where nothing was, or on another machine.
   *
   * @param machine as {@link #writeTimings} was told
   */
  public List<RowTiming> readTimings(String machine) throws IOException {
    try {
      Timings timings = JsonText.read(Files.readString(timings()), Timings.class);
      return timings.machine().equals(machine) ? timings.rows() : List.of();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (JsonProcessingException e) {
      throw new IOException(
          timings()
              + " is damaged, or of another version; take it away, and it will be measured again",
          e);
    }
  }

  /** Keeps what was measured. */
  public void writeTimings(String machine, List<RowTiming> rows) throws IOException {
    write(timings(), JsonText.document(new Timings(machine, rows)));
  }

  /** Writes a file so that it is there as a whole or not at all. */
  public void write(Path file, String text) throws IOException {
    Files.createDirectories(path);
    DurableFile.writeText(file, text);
  }
}
