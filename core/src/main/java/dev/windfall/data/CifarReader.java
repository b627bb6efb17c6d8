package dev.windfall.data;

import java.util.stream.IntStream;

/**
 * Takes the official binary version of the CIFAR data sets (A. Krizhevsky, "Learning multiple
 * layers of features from tiny images", 2009) into memory: records of one or two label bytes and
 * the pixels of a red, a green and a blue plane of 32 × 32. The last label byte is the one used.
 */
final class CifarReader implements DataFolder.Reader {
  static final ImageShape SHAPE = new ImageShape(3, 32, 32);

  private final int labelBytes;
  private final int classes;

  /** The first record of each file, and the number of all. */
  private final int[] starts;

  private final byte[] labels;
  private final byte[] pixels;

  /**
   * Allocates what the files hold when they are what they should be.
   *
   * @param labelBytes label bytes in front of each image
   * @param records how many records each file has
   */
  CifarReader(int labelBytes, int classes, int... records) {
    this.labelBytes = labelBytes;
    this.classes = classes;
    this.starts = new int[records.length + 1];
    for (int file = 0; file < records.length; file++) {
      starts[file + 1] = starts[file] + records[file];
    }
    this.labels = new byte[starts[records.length]];
    this.pixels = new byte[Math.multiplyExact(labels.length, SHAPE.size())];
  }

  @Override
  public void read(int index, DataFile file) {
    int records = starts[index + 1] - starts[index];
    byte[] label = new byte[labelBytes];
    file.checkLength((long) records * (labelBytes + SHAPE.size()));
    for (int record = 0; record < records; record++) {
      int image = starts[index] + record;
      file.read(label, 0, labelBytes);
      labels[image] = label[labelBytes - 1];
      file.expectLabel(record, labels[image] & 0xFF, classes);
      file.read(pixels, image * SHAPE.size(), SHAPE.size());
    }
    file.expectEnd();
  }

  /** The images of some files, which have been read. */
  ImageSet images(int firstFile, int lastFile) {
    return new ImageSubset(
        new InMemoryImageSet(SHAPE, pixels, labels),
        IntStream.range(starts[firstFile], starts[lastFile + 1]).toArray());
  }
}
