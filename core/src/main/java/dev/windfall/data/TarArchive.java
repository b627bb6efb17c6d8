package dev.windfall.data;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * A .tar.gz archive that is read from start to end, without unpacking it to disk. What it may
 * unpack to is bounded: an entry that nobody asked for is small, headers between entries are small,
 * and there are not many entries.
 */
final class TarArchive {
  private static final int MOST_ENTRIES = 1000;
  private static final long LARGEST_OTHER_ENTRY = 1 << 20;

  /** For headers, long names and padding between two contents, and for what follows the last. */
  private static final long HEADER_BYTES = 1 << 16;

  private final Path path;

  TarArchive(Path path) {
    this.path = path;
  }

  /**
   * Reads some entries, in the archive's order.
   *
   * @param folder the folder in the archive where the entries may be, instead of at its top
   * @param names the entries' names
   * @throws DatasetException if the archive is damaged, an entry's name would lead out of the
   *     folder it is unpacked in, or an entry is missing or there twice
   */
  void read(String folder, List<String> names, DataFolder.Reader reader) {
    try (InputStream file = Files.newInputStream(path);
        Budget unpacked = new Budget(new GZIPInputStream(file, 1 << 16));
        TarArchiveInputStream entries = new TarArchiveInputStream(unpacked)) {
      List<String> missing = new ArrayList<>(names);
      unpacked.remaining = HEADER_BYTES;
      int count = 0;
      for (TarArchiveEntry entry = entries.getNextEntry();
          entry != null;
          entry = entries.getNextEntry()) {
        check(entry, ++count);
        unpacked.remaining = entry.getSize() + HEADER_BYTES;
        int index = names.indexOf(relative(entry.getName(), folder));
        if (index >= 0) {
          if (!entry.isFile() || !missing.remove(names.get(index))) {
            throw failure(
                "entry " + printable(entry.getName()) + " must be one file, and there once");
          }
          reader.read(index, DataFile.entry(path, names.get(index), entries, entry.getSize()));
        } else if (entry.getSize() > LARGEST_OTHER_ENTRY) {
          throw failure(
              "entry %s of %d bytes does not belong to the data set"
                  .formatted(printable(entry.getName()), entry.getSize()));
        }
      }
      unpacked.drain(); // Reads on to gzip's checksum.
      if (!missing.isEmpty()) {
        throw failure("missing entries " + String.join(", ", missing));
      }
    } catch (EOFException e) {
      throw new DatasetException(path + ": cut off: the packed data ends too early", e);
    } catch (IOException e) {
      throw new DatasetException(path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** Nothing is written under an entry's name, but an archive with such names is not trusted. */
  private void check(TarArchiveEntry entry, int count) {
    String name = entry.getName().replace('\\', '/');
    boolean absolute = name.startsWith("/") || name.matches("[A-Za-z]:.*");
    if (absolute || Arrays.asList(name.split("/", -1)).contains("..")) {
      throw failure("entry " + printable(name) + " would leave the folder it is unpacked in");
    }
    if (entry.isSparse() || entry.getSize() < 0) {
      throw failure("entry " + printable(name) + " is stored in a way that is not read");
    }
    if (count > MOST_ENTRIES) {
      throw failure("more than " + MOST_ENTRIES + " entries");
    }
  }

  private static String relative(String name, String folder) {
    String plain = name.startsWith("./") ? name.substring(2) : name;
    return plain.startsWith(folder + "/") ? plain.substring(folder.length() + 1) : plain;
  }

  /** A name from an untrusted file, for one line of a message. */
  private static String printable(String name) {
    String line = name.replaceAll("\\p{Cntrl}", "?");
    return line.length() > 100 ? line.substring(0, 100) + "…" : line;
  }

  private DatasetException failure(String what) {
    return new DatasetException(path + ": " + what);
  }

  /** A stream that refuses to hand out more than is allowed. */
  private static final class Budget extends FilterInputStream {
    private long remaining;

    Budget(InputStream stream) {
      super(stream);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = super.read(into, offset, length);
      remaining -= Math.max(0, read);
      if (remaining < 0) {
        throw new IOException("unpacks to more than its entries explain");
      }
      return read;
    }

    @Override
    public long skip(long count) throws IOException {
      return Math.max(0, read(new byte[(int) Math.min(count, 1 << 13)]));
    }

    void drain() throws IOException {
      byte[] buffer = new byte[1 << 13];
      int read = read(buffer);
      while (read >= 0) {
        read = read(buffer);
      }
    }
  }
}
