package dev.windfall.data;

import static dev.windfall.data.TestFiles.bytes;
import static dev.windfall.data.TestFiles.cifar;
import static dev.windfall.data.TestFiles.cifar100;
import static dev.windfall.data.TestFiles.gzip;
import static dev.windfall.data.TestFiles.idx;
import static dev.windfall.data.TestFiles.packed;
import static dev.windfall.data.TestFiles.xz;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small, made-up files in the formats of the real ones, whole and damaged. */
final class DatasetFilesTest {
  private static final ImageShape SMALL = new ImageShape(1, 2, 3);
  private static final int CIFAR_RECORD = 1 + 3072;

  @TempDir private Path folder;

  private Path write(String name, byte[] content) throws IOException {
    Path path = folder.resolve(name);
    Files.createDirectories(path.getParent());
    return Files.write(path, content);
  }

  /** The images of files of two records each. */
  private static ImageSet cifarImages(Path... files) {
    int[] records = new int[files.length];
    Arrays.fill(records, 2);
    CifarReader reader = new CifarReader(1, 10, records);
    DataFolder.read(List.of(files), reader);
    return reader.images(0, files.length - 1);
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
    ImageSet images = cifarImages(write("1.bin", first), write("2.bin.xz", xz(second, 1 << 16)));
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
  void theFineLabelOfTwoIsUsed() throws IOException {
    byte[] train = cifar100(3, 99);
    write("cifar-100-binary/train.bin", train);
    write("cifar-100-binary/test.bin", cifar100(0));
    Dataset cifar = Cifar100.read(folder, 2, 1);
    assertThat(cifar.classNames()).hasSize(100).isSorted().doesNotHaveDuplicates();
    assertThat(cifar.train().count()).isEqualTo(2);
    assertThat(List.of(cifar.train().label(0), cifar.train().label(1))).containsExactly(3, 99);
    assertThat(List.of(cifar.test().label(0), cifar.test().count())).containsExactly(0, 1);
    byte[] image = new byte[3072];
    cifar.train().read(1, image);
    assertThat(image).isEqualTo(Arrays.copyOfRange(train, 3074 + 2, 2 * 3074));
    write("cifar-100-binary/test.bin", cifar100(100));
    assertRefused(
        () -> Cifar100.read(folder, 2, 1),
        folder.resolve("cifar-100-binary").resolve("test.bin"),
        "record 0 has label 100; labels are 0 to 99");
  }

  @Test
  void mnistIsReadFromItsFourFiles() throws IOException {
    byte[] train = bytes(2 * 784);
    byte[] test = bytes(784);
    write("mnist/train-images-idx3-ubyte", idx(train, 2051, 2, 28, 28));
    write("mnist/train-labels-idx1-ubyte.gz", gzip(idx(new byte[] {7, 9}, 2049, 2)));
    write("mnist/t10k-images-idx3-ubyte", idx(test, 2051, 1, 28, 28));
    write("t10k-labels-idx1-ubyte", idx(new byte[] {5}, 2049, 1));
    Dataset mnist = IdxDataset.MNIST.read(folder, 2, 1);
    assertThat(mnist.name()).isEqualTo("mnist");
    assertThat(mnist.classNames()).hasSize(10);
    assertThat(List.of(mnist.train().label(0), mnist.train().label(1))).containsExactly(7, 9);
    assertThat(mnist.test().label(0)).isEqualTo(5);
    byte[] image = new byte[784];
    mnist.train().read(1, image);
    assertThat(image).isEqualTo(Arrays.copyOfRange(train, 784, 2 * 784));
    mnist.test().read(0, image);
    assertThat(image).isEqualTo(test);
  }

  @Test
  void damagedCifarFilesAreRefused() throws IOException {
    Path shorter = write("short.bin", Arrays.copyOf(cifar(1, 2), 6000));
    assertRefused(() -> cifarImages(shorter), shorter, "6146 bytes expected, found 6000");
    Path longer = write("long.bin", cifar(1, 2, 3));
    assertRefused(() -> cifarImages(longer), longer, "6146 bytes expected, found 9219");
    Path packed = write("long.bin.xz", xz(cifar(1, 2, 3), 1 << 16));
    assertRefused(() -> cifarImages(packed), packed, "6146 bytes expected, found more");
    Path label = write("label.bin", cifar(1, 10));
    assertRefused(() -> cifarImages(label), label, "record 1 has label 10; labels are 0 to 9");
    Path other = write("other.bin.xz", "not an xz file at all".getBytes(UTF_8));
    assertRefused(
        () -> cifarImages(other), other, "cannot be opened: Input is not in the XZ format");
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
                + " or .xz, or the whole cifar-10-binary.tar.gz, into the folder "
                + nowhere
                + " (which does not exist); source: cifar-10-binary.tar.gz of"
                + " https://www.cs.toronto.edu/~kriz/cifar.html");
  }

  @Test
  void filesAreFoundInTheSubfolderAndPlainOnesFirst() throws IOException {
    for (String name : List.of("a.gz", "sub/a", "b", "b.xz", "sub/c.xz")) {
      write(name, new byte[1]);
    }
    assertThat(new DataFolder("x", "sub", List.of("a", "b", "c"), null, "y").find(folder))
        .containsExactly(
            folder.resolve("a.gz"), folder.resolve("b"), folder.resolve("sub").resolve("c.xz"));
  }
}
