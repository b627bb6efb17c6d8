package dev.windfall.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.random.StatelessRandom;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.DeltaOptions;
import org.tukaani.xz.FilterOptions;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Small, made-up files in the formats of the real ones, whole and damaged. */
final class DatasetFilesTest {
  private static final ImageShape SMALL = new ImageShape(1, 2, 3);
  private static final int CIFAR_RECORD = 1 + 3072;

  @TempDir private Path folder;

  private static byte[] bytes(int count) {
    StatelessRandom random = StatelessRandom.of(1, "file-test", count);
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  /** An idx file: some numbers, then bytes. */
  private static byte[] idx(byte[] content, int... header) {
    ByteBuffer file = ByteBuffer.allocate(4 * header.length + content.length);
    for (int number : header) {
      file.putInt(number);
    }
    return file.put(content).array();
  }

  private static byte[] cifar(int... labels) {
    byte[] file = bytes(labels.length * CIFAR_RECORD);
    for (int record = 0; record < labels.length; record++) {
      file[record * CIFAR_RECORD] = (byte) labels[record];
    }
    return file;
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream stream = new GZIPOutputStream(packed)) {
      stream.write(content);
    }
    return packed.toByteArray();
  }

  /** The filters of the published files: two deltas before LZMA2. */
  private static byte[] xz(byte[] content, int dictionary) throws IOException {
    LZMA2Options lzma = new LZMA2Options(0);
    lzma.setDictSize(dictionary);
    FilterOptions[] filters = {new DeltaOptions(32), new DeltaOptions(1), lzma};
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream stream = new XZOutputStream(packed, filters)) {
      stream.write(content);
    }
    return packed.toByteArray();
  }

  private static byte[] packed(String name, byte[] content) throws IOException {
    if (name.endsWith(".gz")) {
      return gzip(content);
    }
    return name.endsWith(".xz") ? xz(content, 1 << 16) : content;
  }

  private Path write(String name, byte[] content) throws IOException {
    Path path = folder.resolve(name);
    Files.createDirectories(path.getParent());
    return Files.write(path, content);
  }

  private static void assertRefused(Runnable reading, Path path, String message) {
    assertThatThrownBy(reading::run)
        .isInstanceOf(DatasetException.class)
        .hasMessage(path + ": " + message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"images", "images.gz", "images.xz"})
  void idxImagesAreReadPlainAndPacked(String name) throws IOException {
    byte[] pixels = bytes(4 * 6);
    Path path = write(name, packed(name, idx(pixels, 2051, 4, 2, 3)));
    assertThat(IdxFile.images(path, 4, SMALL)).isEqualTo(pixels);
  }

  @ParameterizedTest
  @ValueSource(strings = {"labels", "labels.gz", "labels.xz"})
  void idxLabelsAreReadPlainAndPacked(String name) throws IOException {
    byte[] labels = {0, 9, 3};
    Path path = write(name, packed(name, idx(labels, 2049, 3)));
    assertThat(IdxFile.labels(path, 3, 10)).isEqualTo(labels);
  }

  @ParameterizedTest
  @CsvSource({
    "2049, 4, 2, 3, 'magic number of idx images 2051 expected, found 2049'",
    "2051, 5, 2, 3, 'number of images 4 expected, found 5'",
    "2051, -1, 2, 3, 'number of images 4 expected, found -1'",
    "2051, 4, 2147483647, 3, 'image height 2 expected, found 2147483647'",
    "2051, 4, 2, 28, 'image width 3 expected, found 28'"
  })
  void idxHeadersAreChecked(int magic, int count, int height, int width, String message)
      throws IOException {
    Path path = write("images", idx(bytes(24), magic, count, height, width));
    assertRefused(() -> IdxFile.images(path, 4, SMALL), path, message);
  }

  @ParameterizedTest
  @CsvSource({
    "images, 23, '40 bytes expected, found 39'",
    "images, 25, '40 bytes expected, found 41'",
    "images.gz, 23, 'cut off: at least 40 bytes expected, found 39'",
    "images.gz, 25, '40 bytes expected, found more'",
    "images.xz, 0, 'cut off: at least 40 bytes expected, found 16'",
    "images.xz, 100000, '40 bytes expected, found more'"
  })
  void idxImagesOfTheWrongLengthAreRefused(String name, int bytes, String message)
      throws IOException {
    Path path = write(name, packed(name, idx(bytes(bytes), 2051, 4, 2, 3)));
    assertRefused(() -> IdxFile.images(path, 4, SMALL), path, message);
  }

  @Test
  void idxHeadersThatEndTooEarlyAreRefused() throws IOException {
    Path path = write("images", new byte[] {0, 0, 8});
    assertRefused(
        () -> IdxFile.images(path, 4, SMALL), path, "cut off: at least 4 bytes expected, found 3");
  }

  @Test
  void idxLabelsAreChecked() throws IOException {
    Path magic = write("magic", idx(new byte[3], 2051, 3));
    assertRefused(
        () -> IdxFile.labels(magic, 3, 10),
        magic,
        "magic number of idx labels 2049 expected, found 2051");
    Path count = write("count", idx(new byte[3], 2049, 4));
    assertRefused(
        () -> IdxFile.labels(count, 3, 10), count, "number of labels 3 expected, found 4");
    Path label = write("label", idx(new byte[] {0, 1, 10}, 2049, 3));
    assertRefused(
        () -> IdxFile.labels(label, 3, 10), label, "record 2 has label 10; labels are 0 to 9");
    Path negative = write("negative", idx(new byte[] {0, -1, 1}, 2049, 3));
    assertRefused(
        () -> IdxFile.labels(negative, 3, 10),
        negative,
        "record 1 has label 255; labels are 0 to 9");
  }

  @ParameterizedTest
  @ValueSource(strings = {"images.gz", "images.xz"})
  void packedFilesCutOffAnywhereAreRefused(String name) throws IOException {
    byte[] whole = packed(name, idx(bytes(24), 2051, 4, 2, 3));
    for (int length = 0; length < whole.length; length++) {
      Path path = write(name, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> IdxFile.images(path, 4, SMALL))
          .as("first %d bytes", length)
          .isInstanceOf(DatasetException.class)
          .hasMessageStartingWith(path + ": ")
          .hasMessageNotContaining("null")
          .hasMessageNotContaining("\n");
    }
  }

  /** Both formats have checksums; a flipped bit may only hide in a header field without a use. */
  @ParameterizedTest
  @ValueSource(strings = {"images.gz", "images.xz"})
  void damagedPackedFilesAreRefusedOrReadRight(String name) throws IOException {
    byte[] pixels = bytes(24);
    byte[] whole = packed(name, idx(pixels, 2051, 4, 2, 3));
    int refused = 0;
    for (int bit = 0; bit < 8 * whole.length; bit++) {
      byte[] damaged = whole.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      Path path = write(name, damaged);
      try {
        assertThat(IdxFile.images(path, 4, SMALL)).isEqualTo(pixels);
      } catch (DatasetException e) {
        assertThat(e).hasMessageStartingWith(path + ": ").hasMessageNotContaining("\n");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(6 * whole.length);
  }

  @Test
  void anXzFileThatDemandsTooMuchMemoryIsRefused() throws IOException {
    byte[] whole = xz(idx(bytes(24), 2051, 4, 2, 3), 1 << 16);
    Path path = write("images.xz", withLargestDictionary(whole));
    assertThatThrownBy(() -> IdxFile.images(path, 4, SMALL))
        .isInstanceOf(DatasetException.class)
        .hasMessageStartingWith(path + ": cannot be read after 0 bytes: ")
        .hasMessageContaining("KiB of memory would be needed; limit was 131072 KiB");
  }

  /**
   * Sets the dictionary size in the block header (after the stream header's 12 bytes: size, flags,
   * two delta filters and the LZMA2 filter, padding, CRC32) to 37, 1.5 GiB, the largest that the
   * library knows.
   */
  private static byte[] withLargestDictionary(byte[] xz) {
    byte[] changed = xz.clone();
    int headerSize = (changed[12] + 1) * 4;
    int dictionary = 12 + 2 + 3 + 3 + 2;
    assertThat(Arrays.copyOfRange(changed, dictionary - 2, dictionary)).containsExactly(0x21, 1);
    changed[dictionary] = 37;
    CRC32 checksum = new CRC32();
    checksum.update(changed, 12, headerSize - 4);
    ByteBuffer.wrap(changed)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(12 + headerSize - 4, (int) checksum.getValue());
    return changed;
  }

  @Test
  void cifarRecordsAreReadInTheOrderOfTheFiles() throws IOException {
    byte[] first = cifar(3, 9);
    byte[] second = cifar(0, 7);
    ImageSet images =
        Cifar10.read(List.of(write("1.bin", first), write("2.bin.xz", xz(second, 1 << 16))), 2);
    assertThat(images.count()).isEqualTo(4);
    assertThat(List.of(images.label(0), images.label(1), images.label(2), images.label(3)))
        .containsExactly(3, 9, 0, 7);
    byte[] image = new byte[3072];
    images.read(1, image);
    assertThat(image).isEqualTo(Arrays.copyOfRange(first, CIFAR_RECORD + 1, 2 * CIFAR_RECORD));
    images.read(2, image);
    assertThat(image).isEqualTo(Arrays.copyOfRange(second, 1, CIFAR_RECORD));
  }

  @Test
  void damagedCifarFilesAreRefused() throws IOException {
    Path shorter = write("short.bin", Arrays.copyOf(cifar(1, 2), 6000));
    assertRefused(
        () -> Cifar10.read(List.of(shorter), 2), shorter, "6146 bytes expected, found 6000");
    Path longer = write("long.bin", cifar(1, 2, 3));
    assertRefused(
        () -> Cifar10.read(List.of(longer), 2), longer, "6146 bytes expected, found 9219");
    Path packed = write("long.bin.xz", xz(cifar(1, 2, 3), 1 << 16));
    assertRefused(
        () -> Cifar10.read(List.of(packed), 2), packed, "6146 bytes expected, found more");
    Path label = write("label.bin", cifar(1, 10));
    assertRefused(
        () -> Cifar10.read(List.of(label), 2), label, "record 1 has label 10; labels are 0 to 9");
    Path other = write("other.bin.xz", "not an xz file at all".getBytes(UTF_8));
    assertRefused(
        () -> Cifar10.read(List.of(other), 2),
        other,
        "cannot be opened: Input is not in the XZ format");
  }

  @Test
  void missingFilesAreNamedInOneLine() throws IOException {
    write("train-images-idx3-ubyte.gz", new byte[1]);
    write("fashion-mnist/t10k-labels-idx1-ubyte", new byte[1]);
    assertThatThrownBy(() -> Datasets.open("fashion-mnist", folder))
        .isInstanceOf(DatasetException.class)
        .hasMessage(
            "fashion-mnist: missing train-labels-idx1-ubyte, t10k-images-idx3-ubyte: put them,"
                + " plain or as .gz or .xz, into the folder "
                + folder
                + "; source: https://github.com/zalandoresearch/fashion-mnist, folder"
                + " data/fashion");
    Path nowhere = folder.resolve("nowhere");
    assertThatThrownBy(() -> Datasets.open("cifar-10", nowhere))
        .isInstanceOf(DatasetException.class)
        .hasMessage(
            "cifar-10: missing data_batch_1.bin, data_batch_2.bin, data_batch_3.bin,"
                + " data_batch_4.bin, data_batch_5.bin, test_batch.bin: put them, plain or as .gz"
                + " or .xz, into the folder "
                + nowhere
                + " (which does not exist); source: cifar-10-binary.tar.gz of"
                + " https://www.cs.toronto.edu/~kriz/cifar.html, unpacked");
  }

  @Test
  void filesAreFoundInTheSubfolderAndPlainOnesFirst() throws IOException {
    for (String name : List.of("a.gz", "sub/a", "b", "b.xz", "sub/c.xz")) {
      write(name, new byte[1]);
    }
    assertThat(DataFolder.find("x", folder, "sub", List.of("a", "b", "c"), "y"))
        .containsExactly(
            folder.resolve("a.gz"), folder.resolve("b"), folder.resolve("sub").resolve("c.xz"));
  }
}
