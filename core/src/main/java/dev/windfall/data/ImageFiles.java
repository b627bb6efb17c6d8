package dev.windfall.data;

import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * PNG and JPEG files, decoded to three planes (red, green, blue) of 8 bits; a grey image gives
 * three equal planes, and transparency is left out. The dimensions in a file's header are checked
 * before anything is decoded.
 */
final class ImageFiles {
  private static final int CHANNELS = 3;
  private static final int LARGEST_SIDE = 4096;
  private static final long LARGEST_FILE = 64L << 20;

  /** Deflate packs a little more than 1000 : 1, and a pixel takes a bit at least. */
  private static final long MOST_PIXELS_PER_BYTE = 10_000;

  private static final long LARGEST_ARRAY = Integer.MAX_VALUE - 8;

  private ImageFiles() {}

  /** The shape of one file's image. */
  static ImageShape shape(Path path) {
    byte[] content = content(path);
    ImageReader reader = reader(path, content);
    try {
      return shape(path, content, reader);
    } finally {
      reader.dispose();
    }
  }

  /**
   * Decodes images into memory, in parallel.
   *
   * @param files the files, all of images of the same shape
   * @param labels the class of each file, 8-bit unsigned
   */
  static ImageSet read(List<Path> files, byte[] labels, ImageShape shape) {
    long size = (long) files.size() * shape.size();
    if (size > LARGEST_ARRAY) {
      throw new DatasetException(
          "%s: %d images of %s take %d bytes; at most %d are held in memory"
              .formatted(files.getFirst().getParent(), files.size(), shape, size, LARGEST_ARRAY));
    }
    byte[] pixels = new byte[(int) size];
    IntStream.range(0, files.size())
        .parallel()
        .forEach(file -> decode(files.get(file), shape, pixels, file * shape.size()));
    return new InMemoryImageSet(shape, pixels, labels);
  }

  /** Decodes a file whose image must have a shape. */
  static void decode(Path path, ImageShape expected, byte[] into, int offset) {
    byte[] content = content(path);
    ImageReader reader = reader(path, content);
    try {
      ImageShape found = shape(path, content, reader);
      if (!found.equals(expected)) {
        throw new DatasetException(
            "%s: image of %d x %d pixels expected, as in the data set's first, found %d x %d"
                .formatted(
                    path, expected.width(), expected.height(), found.width(), found.height()));
      }
      copy(reader.read(0), expected, into, offset);
    } catch (IOException | RuntimeException e) {
      // The platform's decoders meet some damage with exceptions of their own making.
      throw e instanceof DatasetException known ? known : undecodable(path, e);
    } finally {
      reader.dispose();
    }
  }

  private static byte[] content(Path path) {
    try {
      long size = Files.size(path);
      if (size > LARGEST_FILE) {
        throw new DatasetException(
            "%s: image files have at most %d bytes, found %d".formatted(path, LARGEST_FILE, size));
      }
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new DatasetException(path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** The platform's own reader of the format that the first bytes tell. */
  private static ImageReader reader(Path path, byte[] content) {
    String format;
    if (startsWith(content, 0x89, 'P', 'N', 'G')) {
      format = "png";
    } else if (startsWith(content, 0xFF, 0xD8)) {
      format = "jpeg";
    } else {
      throw new DatasetException(path + ": is neither a PNG nor a JPEG image");
    }
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    reader.setInput(new MemoryCacheImageInputStream(new ByteArrayInputStream(content)), true, true);
    return reader;
  }

  private static boolean startsWith(byte[] content, int... first) {
    return content.length >= first.length
        && IntStream.range(0, first.length).allMatch(i -> (content[i] & 0xFF) == first[i]);
  }

  private static ImageShape shape(Path path, byte[] content, ImageReader reader) {
    int width;
    int height;
    try {
      width = reader.getWidth(0);
      height = reader.getHeight(0);
    } catch (IOException | RuntimeException e) {
      throw undecodable(path, e);
    }
    if (width < 1 || height < 1 || width > LARGEST_SIDE || height > LARGEST_SIDE) {
      throw new DatasetException(
          "%s: image of %d x %d pixels; each side has 1 to %d"
              .formatted(path, width, height, LARGEST_SIDE));
    }
    if ((long) width * height > MOST_PIXELS_PER_BYTE * content.length) {
      throw new DatasetException(
          "%s: %d bytes are too few for an image of %d x %d pixels"
              .formatted(path, content.length, width, height));
    }
    return new ImageShape(CHANNELS, height, width);
  }

  private static DatasetException undecodable(Path path, Exception cause) {
    String reason = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    return new DatasetException(path + ": cannot be decoded: " + reason, cause);
  }

  private static void copy(BufferedImage image, ImageShape shape, byte[] into, int offset) {
    int plane = shape.height() * shape.width();
    int[] row = new int[shape.width()];
    boolean grey = isGrey(image);
    int greyShift = Math.max(0, image.getColorModel().getComponentSize(0) - 8);
    for (int y = 0; y < shape.height(); y++) {
      if (grey) {
        image.getRaster().getSamples(0, y, row.length, 1, 0, row);
      } else {
        image.getRGB(0, y, row.length, 1, row, 0, row.length);
      }
      for (int channel = 0; channel < CHANNELS; channel++) {
        int shift = grey ? greyShift : 16 - 8 * channel;
        int to = offset + channel * plane + y * row.length;
        for (int x = 0; x < row.length; x++) {
          into[to + x] = (byte) (row[x] >> shift);
        }
      }
    }
  }

  /** Grey samples are taken as stored: the platform would convert them as if they were linear. */
  private static boolean isGrey(BufferedImage image) {
    return image.getColorModel() instanceof ComponentColorModel model
        && model.getNumColorComponents() == 1;
  }
}
