package dev.windfall.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * CIFAR-10: photographs in colour, 32 × 32 (A. Krizhevsky, "Learning multiple layers of features
 * from tiny images", 2009), in its official binary version.
 */
final class Cifar10 {
  static final String NAME = "cifar-10";

  /** With the MD5 that the data set's page publishes. */
  static final Download DOWNLOAD =
      Download.of(
          "https://www.cs.toronto.edu/~kriz/",
          "cifar-10-binary.tar.gz",
          "c32a1d4ab5d03f1284b67883e8d87530");

  private static final DataFolder FILES =
      new DataFolder(
          NAME,
          "cifar-10-batches-bin",
          List.of(
              "data_batch_1.bin",
              "data_batch_2.bin",
              "data_batch_3.bin",
              "data_batch_4.bin",
              "data_batch_5.bin",
              "test_batch.bin"),
          "cifar-10-binary.tar.gz",
          "cifar-10-binary.tar.gz of https://www.cs.toronto.edu/~kriz/cifar.html");

  private static final int RECORDS_PER_FILE = 10_000;
  private static final List<String> CLASS_NAMES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");
  private static final ChannelStatistics STATISTICS =
      new ChannelStatistics(List.of(0.4914, 0.4822, 0.4465), List.of(0.2470, 0.2435, 0.2616));

  private Cifar10() {}

  /** Reads the six batches, or the archive, from a folder or its subfolder cifar-10-batches-bin. */
  static Dataset read(Path folder) {
    return read(folder, RECORDS_PER_FILE);
  }

  static Dataset read(Path folder, int recordsPerFile) {
    int[] records = new int[FILES.names().size()];
    Arrays.fill(records, recordsPerFile);
    CifarReader reader = new CifarReader(1, CLASS_NAMES.size(), records);
    FILES.read(folder, reader);
    int test = records.length - 1;
    return new LoadedDataset(
        NAME,
        CifarReader.SHAPE,
        CLASS_NAMES,
        reader.images(0, test - 1),
        reader.images(test, test),
        STATISTICS);
  }
}
