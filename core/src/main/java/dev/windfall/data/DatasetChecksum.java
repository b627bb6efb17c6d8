package dev.windfall.data;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A checksum of what a data set holds, whatever files it came from: two data sets of equal checksum
 * have the same images, in the same order, with the same labels.
 */
public final class DatasetChecksum {
  private DatasetChecksum() {}

  /**
   * Computes the checksum.
   *
   * @param dataset the data set; every image is read once
   * @return the SHA-256, in hexadecimal, of the number of classes, the shape, and for training and
   *     test images their count and then each label and pixels; numbers as big-endian 32 bits
   */
  public static String sha256(Dataset dataset) {
    MessageDigest digest = digest();
    ImageShape shape = dataset.shape();
    updateInt(digest, dataset.classNames().size());
    updateInt(digest, shape.channels());
    updateInt(digest, shape.height());
    updateInt(digest, shape.width());
    update(digest, dataset.train(), shape);
    update(digest, dataset.test(), shape);
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void update(MessageDigest digest, ImageSet images, ImageShape shape) {
    updateInt(digest, images.count());
    byte[] image = new byte[shape.size()];
    for (int index = 0; index < images.count(); index++) {
      images.read(index, image);
      updateInt(digest, images.label(index));
      digest.update(image);
    }
  }

  private static void updateInt(MessageDigest digest, int number) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(number).flip());
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
