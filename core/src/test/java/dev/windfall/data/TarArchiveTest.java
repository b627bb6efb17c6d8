package dev.windfall.data;

import static dev.windfall.data.TestFiles.cifar;
import static dev.windfall.data.TestFiles.cifar100;
import static dev.windfall.data.TestFiles.tarGz;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.data.TestFiles.Entry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TarArchiveTest {
  private static final Entry TRAIN = new Entry("cifar-100-binary/train.bin", cifar100(1, 2));
  private static final Entry TEST = new Entry("cifar-100-binary/test.bin", cifar100(3));

  @TempDir private Path folder;

  private Path archive(Entry... entries) throws IOException {
    return Files.write(folder.resolve("cifar-100-binary.tar.gz"), tarGz(entries));
  }

  private Dataset read() {
    return Cifar100.read(folder, 2, 1);
  }

  private void assertRefused(String message) {
    assertThatThrownBy(this::read)
        .isInstanceOf(DatasetException.class)
        .hasMessage(folder.resolve("cifar-100-binary.tar.gz") + message);
  }

  @Test
  void archivesHoldWhatTheFilesHold() throws IOException {
    Files.write(folder.resolve("train.bin"), TRAIN.content());
    Files.write(folder.resolve("test.bin"), TEST.content());
    String loose = DatasetChecksum.sha256(read());
    Files.delete(folder.resolve("train.bin"));
    Files.delete(folder.resolve("test.bin"));
    Entry names = new Entry("cifar-100-binary/fine_label_names.txt", new byte[700]);
    archive(new Entry("cifar-100-binary/", new byte[0]), names, TEST, TRAIN);
    assertThat(DatasetChecksum.sha256(read())).isEqualTo(loose);
    archive(new Entry("./train.bin", TRAIN.content()), new Entry("test.bin", TEST.content()));
    assertThat(DatasetChecksum.sha256(read())).isEqualTo(loose);
  }

  @Test
  void sixFilesOfCifar10AreReadFromTheirArchive() throws IOException {
    Entry[] entries = new Entry[6];
    for (int i = 0; i < 5; i++) {
      entries[i] = new Entry("cifar-10-batches-bin/data_batch_" + (i + 1) + ".bin", cifar(i));
    }
    entries[5] = new Entry("cifar-10-batches-bin/test_batch.bin", cifar(9));
    Files.write(folder.resolve("cifar-10-binary.tar.gz"), tarGz(entries));
    Dataset cifar = Cifar10.read(folder, 1);
    assertThat(cifar.train().count()).isEqualTo(5);
    assertThat(cifar.train().label(3)).isEqualTo(3);
    assertThat(cifar.test().label(0)).isEqualTo(9);
  }

  /** Whoever has unpacked one of the files means those: what is missing is named. */
  @Test
  void looseFilesComeBeforeTheArchive() throws IOException {
    archive(TRAIN, TEST);
    Files.write(folder.resolve("train.bin"), TRAIN.content());
    assertThatThrownBy(this::read)
        .isInstanceOf(DatasetException.class)
        .hasMessageStartingWith("cifar-100: missing test.bin: put it, ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../x", "a/../../x", "a/..", "/etc/x", "C:/x", "..\\x", "cifar-100-binary/../x"})
  void entriesThatWouldLeaveTheirFolderAreRefused(String name) throws IOException {
    archive(TRAIN, new Entry(name, new byte[1]), TEST);
    assertRefused(
        ": entry " + name.replace('\\', '/') + " would leave the folder it is unpacked in");
  }

  @Test
  void missingDoubleAndWrongEntriesAreRefused() throws IOException {
    archive(TEST);
    assertRefused(": missing entries train.bin");
    archive(TEST, TRAIN, TEST);
    assertRefused(": entry cifar-100-binary/test.bin must be one file, and there once");
    archive(TEST, new Entry("train.bin/", new byte[0]));
    assertRefused(": missing entries train.bin");
    archive(TEST, new Entry("train.bin", cifar100(1)));
    assertRefused(", entry train.bin: 6148 bytes expected, found 3074");
    archive(TEST, new Entry("train.bin", cifar100(1, 100)));
    assertRefused(", entry train.bin: record 1 has label 100; labels are 0 to 99");
  }

  @Test
  void whatNobodyAskedForIsBounded() throws IOException {
    archive(TRAIN, new Entry("zeros", new byte[(1 << 20) + 1]), TEST);
    assertRefused(": entry zeros of 1048577 bytes does not belong to the data set");
    archive(TRAIN, new Entry("x".repeat(100_000), new byte[1]), TEST);
    assertRefused(": cannot be read: unpacks to more than its entries explain");
    Entry[] many = new Entry[1001];
    Arrays.setAll(many, i -> new Entry("small-" + i, new byte[1]));
    archive(many);
    assertRefused(": more than 1000 entries");
    byte[] tar = new GZIPInputStream(new ByteArrayInputStream(tarGz(TRAIN, TEST))).readAllBytes();
    Files.write(
        folder.resolve("cifar-100-binary.tar.gz"),
        TestFiles.gzip(Arrays.copyOf(tar, tar.length + 100_000)));
    assertRefused(": cannot be read: unpacks to more than its entries explain");
  }

  @ParameterizedTest
  @CsvSource({"0", "5", "100", "4000", "9000"})
  void archivesCutOffAreRefused(int length) throws IOException {
    Path path = archive(TRAIN, TEST);
    byte[] whole = Files.readAllBytes(path);
    Files.write(path, Arrays.copyOf(whole, Math.min(length, whole.length - 1)));
    assertThatThrownBy(this::read)
        .isInstanceOf(DatasetException.class)
        .hasMessageStartingWith(path.toString());
  }

  @Test
  void otherFilesAreNoArchives() throws IOException {
    Path path = folder.resolve("cifar-100-binary.tar.gz");
    for (byte[] content :
        List.of(
            "not packed".getBytes(StandardCharsets.UTF_8),
            TestFiles.gzip("not a tar archive at all".repeat(100).getBytes(StandardCharsets.UTF_8)),
            TestFiles.gzip(new byte[0]))) {
      Files.write(path, content);
      assertThatThrownBy(this::read)
          .isInstanceOf(DatasetException.class)
          .hasMessageStartingWith(path + ": ")
          .hasMessageNotContaining("\n");
    }
  }
}
