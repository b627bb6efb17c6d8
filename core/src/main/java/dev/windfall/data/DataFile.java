package dev.windfall.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * One file of a data set, or one entry of an archive, read from start to end, unpacked on the way
 * if its name ends in {@code .gz} or {@code .xz}. Never hands out more than was asked for, so a
 * small file cannot unpack to more memory than its reader expects; every failure names the file.
 */
final class DataFile implements AutoCloseable {
  /** The .xz format lets a file demand gigabytes; the strongest preset of xz needs 65 MiB. */
  private static final int XZ_MEMORY_KIB = 128 * 1024;

  private static final long UNKNOWN_LENGTH = -1;

  /** The file's path, with an entry's name where it is one. */
  private final String path;

  private final InputStream stream;

  /** All its bytes; {@link #UNKNOWN_LENGTH} for a packed file. */
  private final long length;

  private long position;

  private DataFile(String path, InputStream stream, long length) {
    this.path = path;
    this.stream = stream;
    this.length = length;
  }

  static DataFile open(Path path) {
    try {
      boolean packed = isGzip(path) || isXz(path);
      return new DataFile(
          path.toString(), unpacked(path), packed ? UNKNOWN_LENGTH : Files.size(path));
    } catch (EOFException e) {
      throw cutOff(path.toString(), e);
    } catch (IOException e) {
      throw new DatasetException(path + ": cannot be opened: " + e.getMessage(), e);
    }
  }

  /**
   * An archive's entry. Closing it closes the stream.
   *
   * @param length how many bytes the archive says it has
   */
  static DataFile entry(Path archive, String name, InputStream stream, long length) {
    return new DataFile(archive + ", entry " + name, stream, length);
  }

  private static InputStream unpacked(Path path) throws IOException {
    InputStream file = Files.newInputStream(path);
    try {
      if (isGzip(path)) {
        return new GZIPInputStream(file, 1 << 16);
      }
      return isXz(path) ? new XZInputStream(file, XZ_MEMORY_KIB) : file;
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static boolean isGzip(Path path) {
    return path.toString().endsWith(".gz");
  }

  private static boolean isXz(Path path) {
    return path.toString().endsWith(".xz");
  }

  /** Checks the whole length of a plain file or an entry; a packed file's shows while reading. */
  void checkLength(long expected) {
    if (length != UNKNOWN_LENGTH && length != expected) {
      throw new DatasetException(
          "%s: %d bytes expected, found %d".formatted(path, expected, length));
    }
  }

  /** Reads so many bytes, all of them. */
  void read(byte[] into, int offset, int length) {
    int read;
    try {
      read = stream.readNBytes(into, offset, length);
    } catch (EOFException e) {
      throw cutOff(path, e);
    } catch (IOException e) {
      throw unreadable(e);
    }
    if (read < length) {
      throw tooShort(length, read);
    }
    position += length;
  }

  /** Reads so many bytes; takes memory only as far as they are there. */
  byte[] read(int count) {
    if (length != UNKNOWN_LENGTH && count > length - position) {
      throw tooShort(count, length - position);
    }
    byte[] bytes;
    try {
      bytes = stream.readNBytes(count);
    } catch (EOFException e) {
      throw cutOff(path, e);
    } catch (IOException e) {
      throw unreadable(e);
    }
    if (bytes.length < count) {
      throw tooShort(count, bytes.length);
    }
    position += count;
    return bytes;
  }

  /** Reads a number of four bytes, the highest first. */
  int readInt() {
    byte[] bytes = new byte[4];
    read(bytes, 0, 4);
    return (bytes[0] & 0xFF) << 24
        | (bytes[1] & 0xFF) << 16
        | (bytes[2] & 0xFF) << 8
        | (bytes[3] & 0xFF);
  }

  /** Reads a number of four bytes that must have one value. */
  void expectInt(String what, int expected) {
    int found = readInt();
    if (found != expected) {
      throw new DatasetException(
          "%s: %s %d expected, found %d".formatted(path, what, expected, found));
    }
  }

  /** Checks that nothing follows; this also makes a packed file's own checksum count. */
  void expectEnd() {
    int next;
    try {
      next = stream.read();
    } catch (EOFException e) {
      throw cutOff(path, e);
    } catch (IOException e) {
      throw unreadable(e);
    }
    if (next >= 0) {
      throw new DatasetException("%s: %d bytes expected, found more".formatted(path, position));
    }
  }

  /** Checks that a label is one of the classes. */
  void expectLabel(int record, int label, int classes) {
    if (label >= classes) {
      throw new DatasetException(
          "%s: record %d has label %d; labels are 0 to %d"
              .formatted(path, record, label, classes - 1));
    }
  }

  /** What is wrong with this file. */
  DatasetException failure(String what) {
    return new DatasetException(path + ": " + what);
  }

  private DatasetException tooShort(long wanted, long found) {
    return failure(
        "cut off: at least %d bytes expected, found %d"
            .formatted(position + wanted, position + found));
  }

  private static DatasetException cutOff(String path, EOFException cause) {
    return new DatasetException(path + ": cut off: the packed data ends too early", cause);
  }

  private DatasetException unreadable(IOException cause) {
    return new DatasetException(
        "%s: cannot be read after %d bytes: %s".formatted(path, position, cause.getMessage()),
        cause);
  }

  @Override
  public void close() {
    try {
      stream.close();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }
}
