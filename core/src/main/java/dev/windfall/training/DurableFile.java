package dev.windfall.training;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Files that appear whole or not at all: written under a temporary name beside the target, synced
 * to the disk, then renamed. A crash, a full disk or a kill leaves the older file as it was.
 */
public final class DurableFile {

  private static final String TEMPORARY = ".tmp";

  private DurableFile() {}

  /** Writes a file's content. */
  @FunctionalInterface
  public interface Content {
    /** Writes everything to {@code output}, which the caller closes. */
    void writeTo(OutputStream output) throws IOException;
  }

  /**
   * Writes a file, or replaces it.
   *
   * @throws IOException where the folder is not writable or the disk is full; the temporary file is
   *     gone then, and an older file of this name is untouched
   */
  public static void write(Path file, Content content) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IllegalArgumentException(file + " is no file's name");
    }
    Path temporary = file.resolveSibling(file.getFileName() + TEMPORARY);
    try {
      try (FileChannel channel =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        content.writeTo(Channels.newOutputStream(channel));
        channel.force(true);
      }
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    syncFolder(folder);
  }

  /** Writes a text as UTF-8, as {@link #write}. */
  public static void writeText(Path file, String text) throws IOException {
    write(file, output -> output.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Deletes the temporary files that a killed process left in a folder. Nobody may be writing
   * there.
   */
  public static void deleteTemporary(Path folder) throws IOException {
    try (DirectoryStream<Path> rests = Files.newDirectoryStream(folder, "*" + TEMPORARY)) {
      for (Path rest : rests) {
        Files.delete(rest);
      }
    }
  }

  /** Makes the new name itself durable, where the system lets folders be opened. */
  private static void syncFolder(Path folder) throws IOException {
    if (System.getProperty("os.name").startsWith("Windows")) {
      return;
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
