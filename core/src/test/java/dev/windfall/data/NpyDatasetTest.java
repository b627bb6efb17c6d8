package dev.windfall.data;

import static dev.windfall.data.TestFiles.bytes;
import static dev.windfall.data.TestFiles.gzip;
import static dev.windfall.data.TestFiles.npy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NpyDatasetTest {
  private static final byte[] PIXELS = bytes(2 * 3 * 4 * 5);

  @TempDir private Path folder;

  @BeforeEach
  void writeFiles() throws IOException {
    write("train-images.npy", npy("|u1", "(2, 3, 4, 5)", PIXELS));
    write("train-labels.npy", npy("|u1", "(2,)", new byte[] {2, 0}));
    write("test-images.npy", npy("|u1", "(1, 3, 4, 5)", Arrays.copyOf(PIXELS, 60)));
    write("test-labels.npy", npy("|u1", "(1,)", new byte[] {1}));
  }

  private Path write(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  private Dataset read() {
    return Datasets.open("npy", folder);
  }

  private byte[] image(Dataset dataset, int index) {
    byte[] image = new byte[dataset.shape().size()];
    dataset.train().read(index, image);
    return image;
  }

  @Test
  void channelsMayComeFirstOrLast() throws IOException {
    Dataset first = read();
    assertThat(first.shape()).isEqualTo(new ImageShape(3, 4, 5));
    assertThat(first.classNames()).containsExactly("0", "1", "2");
    assertThat(List.of(first.train().label(0), first.train().label(1))).containsExactly(2, 0);
    assertThat(first.test().label(0)).isEqualTo(1);
    assertThat(image(first, 1)).isEqualTo(Arrays.copyOfRange(PIXELS, 60, 120));
    byte[] last = new byte[PIXELS.length];
    for (int i = 0; i < last.length; i++) {
      last[i / 60 * 60 + i % 20 * 3 + i % 60 / 20] = PIXELS[i];
    }
    write("train-images.npy.gz", gzip(npy("|u1", "(2, 4, 5, 3)", last)));
    Files.delete(folder.resolve("train-images.npy"));
    assertThat(DatasetChecksum.sha256(read())).isEqualTo(DatasetChecksum.sha256(first));
  }

  @Test
  void greyImagesNeedNoChannels() throws IOException {
    write("train-images.npy", npy("|u1", "(2, 4, 5)", bytes(40)));
    write("test-images.npy", npy("|u1", "(1, 1, 4, 5)", bytes(20)));
    assertThat(read().shape()).isEqualTo(new ImageShape(1, 4, 5));
    assertThat(image(read(), 1)).isEqualTo(Arrays.copyOfRange(bytes(40), 20, 40));
  }

  @ParameterizedTest
  @ValueSource(strings = {"|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8"})
  void labelsAreWholeNumbersOfAnySize(String type) throws IOException {
    int size = type.charAt(2) - '0';
    byte[] labels = new byte[2 * size];
    labels[0] = 2;
    write("train-labels.npy", npy(type, "(2,)", labels));
    assertThat(List.of(read().train().label(0), read().train().label(1))).containsExactly(2, 0);
    Arrays.fill(labels, (byte) -1);
    Path path = write("train-labels.npy", npy(type, "(2,)", labels));
    if (!type.equals("|u1")) {
      assertRefused(
          path,
          "label %s of image 0; labels are 0 to 255"
              .formatted(type.contains("i") || size == 8 ? -1 : (1L << (8 * size)) - 1));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void allVersionsAndOrdersOfEntriesAreRead(int version) throws IOException {
    String header = "{'shape': (2,3,4,5), 'fortran_order':False,'descr':'|u1'}   ";
    write("train-images.npy", npy(version, header, PIXELS));
    assertThat(image(read(), 0)).isEqualTo(Arrays.copyOf(PIXELS, 60));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "<f4; (2, 3, 4, 5); numbers of type '<f4': whole little-endian ones such as '|u1' or '<i8'"
            + " are read",
        ">u2; (2, 3, 4, 5); numbers of type '>u2': whole little-endian ones such as '|u1' or '<i8'"
            + " are read",
        "|O; (2, 3, 4, 5); numbers of type '|O': whole little-endian ones such as '|u1' or '<i8'"
            + " are read",
        "<u2; (2, 3, 4); 121 bytes expected, found more",
        "|u1; (2, 3, 4, 6); cut off: at least 220 bytes expected, found 196",
        "|u1; (2, 3, 4, 4); 172 bytes expected, found more",
        "|u1; (5, 2, 3, 4); 2 images expected, as many as labels, found 5",
        "|u1; (2, 60); images of shape (N, C, H, W), (N, H, W, C) or (N, H, W) with 1 or 3 channels"
            + " expected, found [2, 60]",
        "|u1; (2, 3, 20, 1); images of shape (N, C, H, W), (N, H, W, C) or (N, H, W) with 1 or 3"
            + " channels expected, found [2, 3, 20, 1]",
        "|u1; (); shape (): 1 to 8 sizes from 1 on expected",
        "|u1; (0, 3); shape (0, 3): 1 to 8 sizes from 1 on expected",
        "|u1; (2 3); shape (2 3): 1 to 8 sizes from 1 on expected",
        "|u1; (9999999999); shape (9999999999): 1 to 8 sizes from 1 on expected",
        "<u8; (999999999, 999999999, 999999999, 999999999); an array of shape [999999999,"
            + " 999999999, 999999999, 999999999] does not fit into memory",
        "|u1; (2147483, 3, 4, 5); cut off: at least 128849062 bytes expected, found 202"
      })
  void otherArraysAreRefused(String type, String shape, String message) throws IOException {
    Path path = write("train-images.npy", npy(type, shape, PIXELS));
    assertRefused(path, message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "",
        "{'descr': '|u1', 'fortran_order': False, 'descr': '|u1'}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), 'x': True}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': __import__('os')}"
      })
  void otherHeadersAreRefused(String header) throws IOException {
    Path path = write("train-images.npy", npy(1, header, PIXELS));
    assertRefused(path, "header must hold 'descr', 'fortran_order' and 'shape', and nothing else");
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    Path path = write("train-images.npy", new byte[100]);
    assertRefused(path, "is no NPY array: it does not begin with \\x93NUMPY");
    write("train-images.npy", npy(4, "{}", PIXELS));
    assertRefused(path, "NPY version 4.0; versions 1.0 to 3.0 are read");
    write(
        "train-images.npy",
        npy(1, "{'descr': '|u1', 'fortran_order': True, 'shape': (2,)}", PIXELS));
    assertRefused(path, "must be in C order ('fortran_order': False)");
    byte[] longer = npy(2, "{}", PIXELS);
    ByteBuffer.wrap(longer).order(ByteOrder.LITTLE_ENDIAN).putInt(8, -1);
    write("train-images.npy", longer);
    assertRefused(path, "header of 4294967295 bytes, at most 4096 expected");
  }

  @Test
  void testFilesMustFitTheTrainingFiles() throws IOException {
    Path labels = write("test-labels.npy", npy("<i8", "(1,)", new byte[] {3, 0, 0, 0, 0, 0, 0, 0}));
    assertRefused(labels, "label 3 of image 0; labels are 0 to 2");
    write("test-labels.npy", npy("|u1", "(1, 1)", new byte[] {1}));
    assertRefused(labels, "labels of one dimension expected, found shape [1, 1]");
    write("test-labels.npy", npy("|u1", "(1,)", new byte[] {1}));
    Path images = write("test-images.npy", npy("|u1", "(1, 3, 5, 4)", bytes(60)));
    assertRefused(images, "images of 3x4x5 expected, as to train on, found 3x5x4");
    write("test-images.npy", npy("<u2", "(1, 3, 5, 2)", bytes(60)));
    assertRefused(images, "images of 8-bit unsigned numbers ('|u1') expected");
  }

  private void assertRefused(Path path, String message) {
    assertThatThrownBy(this::read)
        .isInstanceOf(DatasetException.class)
        .hasMessage(path + ": " + message);
  }
}
