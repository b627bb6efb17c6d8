package dev.windfall.data;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A data set of the MNIST family: four idx files of grey images, 28 × 28, in ten classes.
 *
 * @param name the data set's name, and the subfolder where its files may be
 * @param classNames the ten classes
 * @param statistics of the training images
 * @param source where the files come from, for messages
 * @param downloads the four files, packed by gzip: images and labels to train on, then to test on
 */
record IdxDataset(
    String name,
    List<String> classNames,
    ChannelStatistics statistics,
    String source,
    List<Download> downloads) {
  private static final ImageShape SHAPE = new ImageShape(1, 28, 28);
  private static final List<String> FILES =
      List.of(
          "train-images-idx3-ubyte",
          "train-labels-idx1-ubyte",
          "t10k-images-idx3-ubyte",
          "t10k-labels-idx1-ubyte");
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
          "https://ossci-datasets.s3.amazonaws.com/mnist/",
          downloads(
              "https://ossci-datasets.s3.amazonaws.com/mnist/",
              "f68b3c2dcbeaaa9fbdd348bbdeb94873",
              "d53e105ee54ea40749a09fcbcd1e9432",
              "9fb629c4189551a2d022fa330f9573f3",
              "ec29112dd5afa0611ce80d1b7f02629c"));

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
          "https://github.com/zalandoresearch/fashion-mnist, folder data/fashion",
          downloads(
              "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
              "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
              "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
              "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
              "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"));

  /** Reads the four files from a folder, or from its subfolder of the data set's name. */
  Dataset read(Path folder) {
    return read(folder, TRAIN_COUNT, TEST_COUNT);
  }

  Dataset read(Path folder, int trainCount, int testCount) {
    List<Path> files = new DataFolder(name, name, FILES, null, source).find(folder);
    return new LoadedDataset(
        name,
        SHAPE,
        classNames,
        images(files.get(0), files.get(1), trainCount),
        images(files.get(2), files.get(3), testCount),
        statistics);
  }

  private static List<Download> downloads(String base, String... checksums) {
    return IntStream.range(0, checksums.length)
        .mapToObj(i -> Download.of(base, FILES.get(i) + ".gz", checksums[i]))
        .toList();
  }

  private ImageSet images(Path images, Path labels, int count) {
    return new InMemoryImageSet(
        SHAPE,
        IdxFile.images(images, count, SHAPE),
        IdxFile.labels(labels, count, classNames.size()));
  }
}
