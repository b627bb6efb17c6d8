package dev.windfall.experiment;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.StandardOpenOption;

/**
 * Keeps other processes from training in a run's folder. The system frees it when the process ends,
 * in whatever way.
 */
final class RunLock implements AutoCloseable {

  private final FileChannel channel;

  private RunLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Locks a folder.
   *
   * @throws IOException where somebody else has, or the folder is not writable
   */
  static RunLock of(RunFolder folder) throws IOException {
    FileChannel channel =
        FileChannel.open(folder.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean isMine = false;
    try {
      isMine = isLocked(channel);
    } finally {
      if (!isMine) {
        channel.close();
      }
    }
    if (!isMine) {
      throw new IOException(
          "another process trains in %s; wait for its end, or stop it".formatted(folder.path()));
    }
    return new RunLock(channel);
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // Another thread of this process has it.
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
