package dev.windfall.data;

import java.nio.file.Path;
import java.util.List;

/**
 * Fashion-MNIST: articles of clothing in grey, 28 × 28 (H. Xiao, K. Rasul, R. Vollgraf,
 * "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms", 2017).
 */
final class FashionMnist {
  static final String NAME = "fashion-mnist";
  private static final String SOURCE =
      "https://github.com/zalandoresearch/fashion-mnist, folder data/fashion";

  private static final ImageShape SHAPE = new ImageShape(1, 28, 28);
  private static final int TRAIN_COUNT = 60_000;
  private static final int TEST_COUNT = 10_000;
  private static final List<String> CLASS_NAMES =
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
          "ankle boot");
  private static final ChannelStatistics STATISTICS =
      new ChannelStatistics(List.of(0.2860), List.of(0.3530));

  private FashionMnist() {}

  /** Reads the four idx files from a folder, or from its subfolder fashion-mnist. */
  static Dataset read(Path folder) {
    List<Path> files =
        DataFolder.find(
            NAME,
            folder,
            "fashion-mnist",
            List.of(
                "train-images-idx3-ubyte",
                "train-labels-idx1-ubyte",
                "t10k-images-idx3-ubyte",
                "t10k-labels-idx1-ubyte"),
            SOURCE);
    return new LoadedDataset(
        NAME,
        SHAPE,
        CLASS_NAMES,
        images(files.get(0), files.get(1), TRAIN_COUNT),
        images(files.get(2), files.get(3), TEST_COUNT),
        STATISTICS);
  }

  private static ImageSet images(Path images, Path labels, int count) {
    return new InMemoryImageSet(
        SHAPE,
        IdxFile.images(images, count, SHAPE),
        IdxFile.labels(labels, count, CLASS_NAMES.size()));
  }
}
