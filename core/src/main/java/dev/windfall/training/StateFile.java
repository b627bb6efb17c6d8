package dev.windfall.training;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A session's state alone, without the progress of a training, as one file of safetensors with free
 * metadata. Its tensors are named as those of a checkpoint, so that such a file is a mask ({@link
 * MaskFile}), too.
 */
public final class StateFile {

  private StateFile() {}

  /**
   * What a file holds.
   *
   * @param about free text by name
   * @param stored the state
   */
  public record Contents(Map<String, String> about, StoredState stored) {}

  /**
   * Writes a file, or replaces it: it is there as a whole or not at all. Equal contents are equal
   * files.
   *
   * @param about free text by name, in the file's metadata
   * @throws IllegalArgumentException where a name in {@code about} is one of the state's own
   */
  public static void write(Path file, Map<String, String> about, StoredState stored)
      throws IOException {
    SortedMap<String, String> metadata = stored.metadata();
    about.forEach(
        (name, text) -> {
          if (StoredState.isOwn(name)) {
            throw new IllegalArgumentException("metadata '%s' says of the state".formatted(name));
          }
          metadata.put(name, text);
        });
    DurableFile.write(
        file,
        output -> {
          OutputStream buffered = new BufferedOutputStream(output, 1 << 16);
          SafetensorsWriter.write(metadata, stored.tensors(), buffered);
          buffered.flush();
        });
  }

  /**
   * Reads a file that nobody vouches for.
   *
   * @throws IOException naming the file and what is wrong in it
   */
  public static Contents read(Path file) throws IOException {
    SafetensorsReader.Contents contents = SafetensorsReader.read(file);
    SortedMap<String, String> about = new TreeMap<>(contents.metadata());
    about.keySet().removeIf(StoredState::isOwn);
    try {
      return new Contents(about, StoredState.of(contents, List.of()));
    } catch (IllegalArgumentException e) {
      throw new IOException("%s is damaged: %s".formatted(file, e.getMessage()), e);
    }
  }
}
