package dev.windfall.data;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A data set of one's own in four NumPy arrays: {@code train-images.npy}, {@code train-labels.npy},
 * {@code test-images.npy} and {@code test-labels.npy}. Images are 8-bit unsigned, of the shape (N,
 * C, H, W), (N, H, W, C) or, for grey ones, (N, H, W), with one or three channels; labels are whole
 * numbers of the shape (N), from 0 on. There are as many classes as the largest training label
 * tells, named by their numbers.
 */
final class NpyDataset {
  static final String NAME = "npy";
  private static final DataFolder FILES =
      new DataFolder(
          NAME,
          NAME,
          List.of("train-images.npy", "train-labels.npy", "test-images.npy", "test-labels.npy"),
          null,
          "numpy.save of your own arrays");

  /** Labels are bytes. */
  private static final int MOST_CLASSES = 256;

  private record Images(ImageShape shape, byte[] pixels) {}

  private NpyDataset() {}

  /** Reads the four files from a folder, or from its subfolder npy. */
  static Dataset read(Path folder) {
    List<Path> files = FILES.find(folder);
    byte[] trainLabels = labels(files.get(1), MOST_CLASSES);
    int classes =
        1 + IntStream.range(0, trainLabels.length).map(i -> trainLabels[i] & 0xFF).max().orElse(0);
    Images train = images(files.get(0), trainLabels.length);
    byte[] testLabels = labels(files.get(3), classes);
    Images test = images(files.get(2), testLabels.length);
    if (!train.shape().equals(test.shape())) {
      throw new DatasetException(
          "%s: images of %s expected, as to train on, found %s"
              .formatted(files.get(2), train.shape(), test.shape()));
    }
    ImageSet images = new InMemoryImageSet(train.shape(), train.pixels(), trainLabels);
    return new LoadedDataset(
        NAME,
        train.shape(),
        IntStream.range(0, classes).mapToObj(Integer::toString).toList(),
        images,
        new InMemoryImageSet(test.shape(), test.pixels(), testLabels),
        ChannelStatistics.of(train.shape(), images));
  }

  private static byte[] labels(Path path, int classes) {
    try (DataFile file = DataFile.open(path)) {
      NpyFile array = NpyFile.read(file);
      if (array.shape().size() != 1) {
        throw file.failure("labels of one dimension expected, found shape " + array.shape());
      }
      byte[] labels = new byte[array.shape().getFirst()];
      for (int i = 0; i < labels.length; i++) {
        long label = array.number(i);
        if (label < 0 || label >= classes) {
          throw file.failure(
              "label %d of image %d; labels are 0 to %d".formatted(label, i, classes - 1));
        }
        labels[i] = (byte) label;
      }
      return labels;
    }
  }

  private static Images images(Path path, int count) {
    try (DataFile file = DataFile.open(path)) {
      NpyFile array = NpyFile.read(file);
      List<Integer> sizes = array.shape();
      if (array.signed() || array.bytesPerNumber() != 1) {
        throw file.failure("images of 8-bit unsigned numbers ('|u1') expected");
      }
      if (sizes.getFirst() != count) {
        throw file.failure(
            "%d images expected, as many as labels, found %d".formatted(count, sizes.getFirst()));
      }
      boolean channelsFirst = sizes.size() == 4 && isChannels(sizes.get(1));
      boolean channelsLast = sizes.size() == 4 && isChannels(sizes.get(3));
      if (sizes.size() == 3) {
        return new Images(new ImageShape(1, sizes.get(1), sizes.get(2)), array.data());
      }
      if (channelsFirst == channelsLast) {
        throw file.failure(
            "images of shape (N, C, H, W), (N, H, W, C) or (N, H, W) with 1 or 3 channels expected,"
                + " found "
                + sizes);
      }
      return channelsFirst
          ? new Images(new ImageShape(sizes.get(1), sizes.get(2), sizes.get(3)), array.data())
          : planes(new ImageShape(sizes.get(3), sizes.get(1), sizes.get(2)), array.data());
    }
  }

  private static boolean isChannels(int size) {
    return size == 1 || size == 3;
  }

  /** Sorts the channels of each image into planes, in place. */
  private static Images planes(ImageShape shape, byte[] pixels) {
    byte[] image = new byte[shape.size()];
    int plane = shape.height() * shape.width();
    for (int start = 0; start < pixels.length; start += image.length) {
      System.arraycopy(pixels, start, image, 0, image.length);
      for (int i = 0; i < image.length; i++) {
        pixels[start + i % shape.channels() * plane + i / shape.channels()] = image[i];
      }
    }
    return new Images(shape, pixels);
  }
}
