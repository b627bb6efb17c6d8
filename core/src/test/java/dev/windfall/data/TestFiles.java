package dev.windfall.data;

import dev.windfall.random.StatelessRandom;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.tukaani.xz.DeltaOptions;
import org.tukaani.xz.FilterOptions;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Small, made-up files in the formats of the real ones. */
public final class TestFiles {
  private static final int CIFAR_PIXELS = 3072;

  /** An archive's entry. */
  record Entry(String name, byte[] content) {}

  private TestFiles() {}

  static byte[] bytes(int count) {
    StatelessRandom random = StatelessRandom.of(1, "file-test", count);
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  /** An idx file: some numbers, then bytes. */
  static byte[] idx(byte[] content, int... header) {
    ByteBuffer file = ByteBuffer.allocate(4 * header.length + content.length);
    for (int number : header) {
      file.putInt(number);
    }
    return file.put(content).array();
  }

  /** CIFAR records of one label byte. */
  static byte[] cifar(int... labels) {
    return cifarRecords(1, labels);
  }

  /** CIFAR records of two label bytes, the second of which is given. */
  static byte[] cifar100(int... labels) {
    return cifarRecords(2, labels);
  }

  private static byte[] cifarRecords(int labelBytes, int... labels) {
    int size = labelBytes + CIFAR_PIXELS;
    byte[] file = bytes(labels.length * size);
    for (int record = 0; record < labels.length; record++) {
      file[record * size + labelBytes - 1] = (byte) labels[record];
    }
    return file;
  }

  static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream stream = new GZIPOutputStream(packed)) {
      stream.write(content);
    }
    return packed.toByteArray();
  }

  /** The filters of the published files: two deltas before LZMA2. */
  static byte[] xz(byte[] content, int dictionary) throws IOException {
    LZMA2Options lzma = new LZMA2Options(0);
    lzma.setDictSize(dictionary);
    FilterOptions[] filters = {new DeltaOptions(32), new DeltaOptions(1), lzma};
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream stream = new XZOutputStream(packed, filters)) {
      stream.write(content);
    }
    return packed.toByteArray();
  }

  static byte[] packed(String name, byte[] content) throws IOException {
    if (name.endsWith(".gz")) {
      return gzip(content);
    }
    return name.endsWith(".xz") ? xz(content, 1 << 16) : content;
  }

  static byte[] tarGz(Entry... entries) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (TarArchiveOutputStream stream = new TarArchiveOutputStream(new GZIPOutputStream(packed))) {
      stream.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
      for (Entry entry : List.of(entries)) {
        TarArchiveEntry header = new TarArchiveEntry(entry.name(), true);
        header.setSize(entry.content().length);
        stream.putArchiveEntry(header);
        stream.write(entry.content());
        stream.closeArchiveEntry();
      }
    }
    return packed.toByteArray();
  }

  /** An image whose pixel (x, y) is random in each channel. */
  static BufferedImage image(int width, int height, int type) {
    BufferedImage image = new BufferedImage(width, height, type);
    byte[] samples = bytes(width * height * image.getRaster().getNumBands());
    int[] values = new int[samples.length];
    Arrays.setAll(values, i -> samples[i] & 0xFF);
    image.getRaster().setPixels(0, 0, width, height, values);
    return image;
  }

  /** An image file of a format, {@code png} or {@code jpeg}. */
  static byte[] encoded(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    if (!ImageIO.write(image, format, file)) {
      throw new IOException("no writer of " + format);
    }
    return file.toByteArray();
  }

  /** Writes a data set of grey images as the four files of an own one. */
  public static void writeNpy(Dataset dataset, Path folder) throws IOException {
    writeNpy(dataset.train(), dataset.shape(), folder, "train");
    writeNpy(dataset.test(), dataset.shape(), folder, "test");
  }

  private static void writeNpy(ImageSet images, ImageShape shape, Path folder, String part)
      throws IOException {
    byte[] labels = new byte[images.count()];
    ByteBuffer pixels = ByteBuffer.allocate(images.count() * shape.size());
    byte[] image = new byte[shape.size()];
    for (int index = 0; index < images.count(); index++) {
      images.read(index, image);
      pixels.put(image);
      labels[index] = (byte) images.label(index);
    }
    Files.write(
        folder.resolve(part + "-images.npy"),
        npy(
            "|u1",
            "(%d, %d, %d)".formatted(images.count(), shape.height(), shape.width()),
            pixels.array()));
    Files.write(
        folder.resolve(part + "-labels.npy"),
        npy("|u1", "(%d,)".formatted(images.count()), labels));
  }

  /** An NPY file of version 1.0. */
  static byte[] npy(String type, String shape, byte[] data) {
    return npy(
        1, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }".formatted(type, shape), data);
  }

  static byte[] npy(int version, String header, byte[] data) {
    byte[] text = (header + "\n").getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer file =
        ByteBuffer.allocate(8 + (version == 1 ? 2 : 4) + text.length + data.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    if (version == 1) {
      file.putShort((short) text.length);
    } else {
      file.putInt(text.length);
    }
    return file.put(text).put(data).array();
  }
}
