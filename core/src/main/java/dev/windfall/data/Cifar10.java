package dev.windfall.data;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * CIFAR-10: photographs in colour, 32 × 32 (A. Krizhevsky, "Learning multiple layers of features
 * from tiny images", 2009), in its official binary version: records of one label byte and the
 * pixels of a red, a green and a blue plane.
 */
final class Cifar10 {
  static final String NAME = "cifar-10";
  private static final String SOURCE =
      "cifar-10-binary.tar.gz of https://www.cs.toronto.edu/~kriz/cifar.html, unpacked";

  private static final ImageShape SHAPE = new ImageShape(3, 32, 32);
  private static final int RECORDS_PER_FILE = 10_000;
  private static final int TRAIN_FILES = 5;
  private static final List<String> CLASS_NAMES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");
  private static final ChannelStatistics STATISTICS =
      new ChannelStatistics(List.of(0.4914, 0.4822, 0.4465), List.of(0.2470, 0.2435, 0.2616));

  private Cifar10() {}

  /** Reads the six batches from a folder, or from its subfolder cifar-10-batches-bin. */
  static Dataset read(Path folder) {
    List<Path> files =
        DataFolder.find(
            NAME,
            folder,
            "cifar-10-batches-bin",
            List.of(
                "data_batch_1.bin",
                "data_batch_2.bin",
                "data_batch_3.bin",
                "data_batch_4.bin",
                "data_batch_5.bin",
                "test_batch.bin"),
            SOURCE);
    ImageSet images = read(files, RECORDS_PER_FILE);
    int trainCount = TRAIN_FILES * RECORDS_PER_FILE;
    return new LoadedDataset(
        NAME,
        SHAPE,
        CLASS_NAMES,
        new ImageSubset(images, IntStream.range(0, trainCount).toArray()),
        new ImageSubset(images, IntStream.range(trainCount, images.count()).toArray()),
        STATISTICS);
  }

  /** The images of some files, in their order; the files are unpacked in parallel. */
  static ImageSet read(List<Path> files, int recordsPerFile) {
    byte[] labels = new byte[files.size() * recordsPerFile];
    byte[] pixels = new byte[labels.length * SHAPE.size()];
    IntStream.range(0, files.size())
        .parallel()
        .forEach(
            file -> read(files.get(file), file * recordsPerFile, recordsPerFile, labels, pixels));
    return new InMemoryImageSet(SHAPE, pixels, labels);
  }

  private static void read(Path path, int first, int records, byte[] labels, byte[] pixels) {
    try (DataFile file = DataFile.open(path)) {
      file.checkLength((long) records * (1 + SHAPE.size()));
      for (int record = 0; record < records; record++) {
        file.read(labels, first + record, 1);
        file.expectLabel(record, labels[first + record] & 0xFF, CLASS_NAMES.size());
        file.read(pixels, (first + record) * SHAPE.size(), SHAPE.size());
      }
      file.expectEnd();
    }
  }
}
