package dev.windfall.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are damaged, or made to harm: {@code train} tells of each in one line. */
final class HostileFilesTest {

  private static final byte[] NPY_MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

  @TempDir Path parent;
  private Path data = Path.of("");

  @BeforeEach
  void makeFolder() throws IOException {
    data = Files.createDirectory(parent.resolve("data"));
  }

  /** Nothing is written anywhere but to standard error. */
  private void assertRefused(int exitCode, String message, String... words) {
    List<String> command = new ArrayList<>(List.of("train", "--out", runs().toString()));
    command.addAll(List.of(words));
    CommandLineRun run = CommandLineRun.of(command.toArray(String[]::new));
    assertThat(run.err()).startsWith("windfall train: ").contains(message).hasLineCount(1);
    assertThat(run.exitCode()).isEqualTo(exitCode);
    assertThat(run.out()).isEmpty();
    assertThat(runs()).doesNotExist();
  }

  private Path runs() {
    return parent.resolve("runs");
  }

  private void assertDataRefused(String dataset, String file, String message) {
    assertRefused(
        1, data.resolve(file) + message, "--data", dataset, "--data-dir", data.toString());
  }

  private static byte[] gzip(byte[]... parts) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream stream = new GZIPOutputStream(packed)) {
      for (byte[] part : parts) {
        stream.write(part);
      }
    }
    return packed.toByteArray();
  }

  private static byte[] numbers(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
    Arrays.stream(values).forEach(bytes::putInt);
    return bytes.array();
  }

  /** The four files of MNIST, of which the first is the one given. */
  private void writeMnist(byte[] images) throws IOException {
    Files.write(data.resolve("train-images-idx3-ubyte.gz"), images);
    Files.write(
        data.resolve("train-labels-idx1-ubyte.gz"), gzip(numbers(2049, 60_000), new byte[60_000]));
    Files.write(
        data.resolve("t10k-images-idx3-ubyte.gz"),
        gzip(numbers(2051, 10_000, 28, 28), new byte[10_000 * 784]));
    Files.write(
        data.resolve("t10k-labels-idx1-ubyte.gz"), gzip(numbers(2049, 10_000), new byte[10_000]));
  }

  private static byte[] mnistImages(int more) throws IOException {
    return gzip(numbers(2051, 60_000, 28, 28), new byte[60_000 * 784 + more]);
  }

  @Test
  void packedFilesThatAreCutOffAreRefused() throws IOException {
    byte[] whole = mnistImages(0);
    writeMnist(Arrays.copyOf(whole, whole.length / 2));
    assertDataRefused(
        "mnist", "train-images-idx3-ubyte.gz", ": cut off: the packed data ends too early");
  }

  @Test
  void packedFilesOfAWrongChecksumAreRefused() throws IOException {
    byte[] wrong = mnistImages(0);
    wrong[wrong.length - 8] ^= 1;
    writeMnist(wrong);
    assertDataRefused("mnist", "train-images-idx3-ubyte.gz", ": cannot be read after 47040016");
  }

  /** However much follows the images, no more than a byte of it is unpacked. */
  @Test
  void packedFilesThatUnpackToMoreAreRefused() throws IOException {
    writeMnist(mnistImages(1));
    assertDataRefused(
        "mnist", "train-images-idx3-ubyte.gz", ": 47040016 bytes expected, found more");
  }

  @Test
  void filesOfAnotherLengthAreRefused() throws IOException {
    for (int batch = 1; batch <= 5; batch++) {
      Files.write(data.resolve("data_batch_" + batch + ".bin"), new byte[3073]);
    }
    Files.write(data.resolve("test_batch.bin"), new byte[3073]);
    CommandLineRun run =
        CommandLineRun.of("train", "--data", "cifar-10", "--data-dir", data.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains(".bin: 30730000 bytes expected, found 3073").hasLineCount(1);
  }

  /** The filter of this .xz file asks for a dictionary of 4 GiB. */
  @Test
  void packedFilesThatAskForMuchMemoryAreRefused() throws IOException {
    writeMnist(gzip());
    Files.delete(data.resolve("train-images-idx3-ubyte.gz"));
    byte[] block = {2, 0, 0x21, 1, 40, 0, 0, 0};
    CRC32 sum = new CRC32();
    sum.update(block);
    byte[] start = {(byte) 0xFD, '7', 'z', 'X', 'Z', 0, 0, 1, 0x69, 0x22, (byte) 0xDE, 0x36};
    Files.write(
        data.resolve("train-images-idx3-ubyte.xz"),
        ByteBuffer.allocate(24)
            .put(start)
            .put(block)
            .putInt(Integer.reverseBytes((int) sum.getValue()))
            .array());
    assertDataRefused("mnist", "train-images-idx3-ubyte.xz", ": cannot be read after 0 bytes: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../escaped", "/escaped", "cifar-10-batches-bin/../../escaped"})
  void archivesThatLeaveTheirFolderAreRefused(String entry) throws IOException {
    Path archive = data.resolve("cifar-10-binary.tar.gz");
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(new GZIPOutputStream(Files.newOutputStream(archive)))) {
      TarArchiveEntry header = new TarArchiveEntry(entry, true);
      header.setSize(4);
      tar.putArchiveEntry(header);
      tar.write(new byte[4]);
      tar.closeArchiveEntry();
    }
    assertDataRefused(
        "cifar-10",
        "cifar-10-binary.tar.gz",
        ": entry " + entry + " would leave the folder it is unpacked in");
    assertThat(parent).isDirectoryNotContaining("glob:**escaped");
    assertThat(Path.of("/escaped")).doesNotExist();
  }

  @Test
  void arraysThatClaimToBeHugeAreRefused() throws IOException {
    String header = "{'descr': '|u1', 'fortran_order': False, 'shape': (900000000,), }\n";
    Files.write(
        data.resolve("train-labels.npy"),
        ByteBuffer.allocate(10 + header.length())
            .put(NPY_MAGIC)
            .put((byte) header.length())
            .put((byte) 0)
            .put(header.getBytes(ISO_8859_1))
            .array());
    for (String other : List.of("train-images.npy", "test-images.npy", "test-labels.npy")) {
      Files.write(data.resolve(other), NPY_MAGIC);
    }
    assertDataRefused("npy", "train-labels.npy", ": cut off: at least 900000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "100000 | 1 | image of 100000 x 1 pixels; each side has 1 to 4096",
        "4096 | 4096 | bytes are too few for an image of 4096 x 4096 pixels",
        "2147483647 | 2147483647 | image of 2147483647 x 2147483647 pixels",
      })
  void imagesThatClaimToBeHugeAreRefused(int width, int height, String message) throws IOException {
    for (String part : List.of("train", "test")) {
      Files.createDirectories(data.resolve(part).resolve("a"));
      Files.write(data.resolve(part).resolve("a/1.png"), png(width, height));
    }
    assertRefused(1, message, "--data", "image-folder", "--data-dir", data.toString());
  }

  /** A small image whose header claims another size, with the header's checksum mended. */
  private static byte[] png(int width, int height) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB), "png", file);
    ByteBuffer bytes = ByteBuffer.wrap(file.toByteArray()).putInt(16, width).putInt(20, height);
    CRC32 sum = new CRC32();
    sum.update(bytes.array(), 12, 17);
    return bytes.putInt(29, (int) sum.getValue()).array();
  }

  /** Ten levels of nine aliases each would be a billion names. */
  @Test
  void recipesThatGrowWhenTheyAreReadAreRefused() throws IOException {
    StringBuilder yaml = new StringBuilder("a0: &a0 [x]\n");
    for (int level = 1; level < 10; level++) {
      String before = "*a" + (level - 1);
      yaml.append("a%d: &a%d [%s]\n".formatted(level, level, (before + ", ").repeat(9)));
    }
    Path recipe = Files.writeString(data.resolve("grows.yaml"), yaml);
    assertRefused(2, "anchors (&), aliases (*) and tags (!) are not read", recipe.toString());
  }

  @Test
  void aBatchLargerThanTheDataSetIsRefused() {
    assertRefused(
        2,
        "batch size: 18001, but data set shapes has only 18000 images to train on",
        "--batch-size",
        "18001");
  }

  @ParameterizedTest
  @ValueSource(strings = {"9223372036854775807", "1000000", "-1"})
  void masksWithAWrongHeaderAreRefused(long length) throws IOException {
    Path mask =
        Files.write(
            data.resolve("mask.safetensors"),
            ByteBuffer.allocate(64).putLong(Long.reverseBytes(length)).array());
    assertRefused(
        2,
        mask + " is damaged: a header of " + length + " bytes in a file of 64",
        "--model",
        "mlp-8",
        "--set",
        "sparsity.mask=" + mask);
  }
}
