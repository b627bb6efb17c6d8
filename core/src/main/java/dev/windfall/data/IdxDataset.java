package dev.windfall.data;

import java.nio.file.Path;
import java.util.List;

/**
 * A data set of the MNIST family: four idx files of grey images, 28 × 28, in ten classes.
 *
 * @param name the data set's name, and the subfolder where its files may be
 * @param classNames the ten classes
 * @param statistics of the training images
 * @param source where the files come from, for messages
 */
record IdxDataset(
    String name, List<String> classNames, ChannelStatistics statistics, String source) {
  private static final ImageShape SHAPE = new ImageShape(1, 28, 28);
  private static final int TRAIN_COUNT = 60_000;
  private static final int TEST_COUNT = 10_000;

  /**
   * Handwritten digits (Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning
   * applied to document recognition", 1998).
   */
  static final IdxDataset MNIST =
      new IdxDataset(
          "mnist",
          List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
          new ChannelStatistics(List.of(0.1307), List.of(0.3081)),
          "http://yann.lecun.com/exdb/mnist");

  /**
   * Articles of clothing (H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for
   * benchmarking machine learning algorithms", 2017).
   */
  static final IdxDataset FASHION_MNIST =
      new IdxDataset(
          "fashion-mnist",
          List.of(
              "t-shirt",
              "trouser",
              "pullover",
              "dress",
              "coat",
              "sandal",
              "shirt",
              "sneaker",
              "bag",
              "ankle boot"),
          new ChannelStatistics(List.of(0.2860), List.of(0.3530)),
          "https://github.com/zalandoresearch/fashion-mnist, folder data/fashion");

  /** Reads the four files from a folder, or from its subfolder of the data set's name. */
  Dataset read(Path folder) {
    return read(folder, TRAIN_COUNT, TEST_COUNT);
  }

  Dataset read(Path folder, int trainCount, int testCount) {
    List<Path> files =
        new DataFolder(
                name,
                name,
                List.of(
                    "train-images-idx3-ubyte",
                    "train-labels-idx1-ubyte",
                    "t10k-images-idx3-ubyte",
                    "t10k-labels-idx1-ubyte"),
                null,
                source)
            .find(folder);
    return new LoadedDataset(
        name,
        SHAPE,
        classNames,
        images(files.get(0), files.get(1), trainCount),
        images(files.get(2), files.get(3), testCount),
        statistics);
  }

  private ImageSet images(Path images, Path labels, int count) {
    return new InMemoryImageSet(
        SHAPE,
        IdxFile.images(images, count, SHAPE),
        IdxFile.labels(labels, count, classNames.size()));
  }
}
