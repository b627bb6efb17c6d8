package dev.windfall.data;

import java.nio.file.Path;

/**
 * The idx format of the MNIST family: a magic number that tells type and number of dimensions, each
 * dimension as a big-endian 32-bit number, then the bytes.
 */
final class IdxFile {
  /** Unsigned bytes (8) in three dimensions. */
  private static final int IMAGES_MAGIC = 2051;

  /** Unsigned bytes (8) in one dimension. */
  private static final int LABELS_MAGIC = 2049;

  private IdxFile() {}

  /** The pixels of a file that must hold so many one-channel images of the given shape. */
  static byte[] images(Path path, int count, ImageShape shape) {
    try (DataFile file = DataFile.open(path)) {
      file.expectInt("magic number of idx images", IMAGES_MAGIC);
      file.expectInt("number of images", count);
      file.expectInt("image height", shape.height());
      file.expectInt("image width", shape.width());
      int bytes = Math.multiplyExact(count, shape.size());
      file.checkLength(16L + bytes);
      byte[] pixels = new byte[bytes];
      file.read(pixels, 0, bytes);
      file.expectEnd();
      return pixels;
    }
  }

  /** The labels of a file that must hold so many. */
  static byte[] labels(Path path, int count, int classes) {
    try (DataFile file = DataFile.open(path)) {
      file.expectInt("magic number of idx labels", LABELS_MAGIC);
      file.expectInt("number of labels", count);
      file.checkLength(8L + count);
      byte[] labels = new byte[count];
      file.read(labels, 0, count);
      file.expectEnd();
      for (int record = 0; record < count; record++) {
        file.expectLabel(record, labels[record] & 0xFF, classes);
      }
      return labels;
    }
  }
}
