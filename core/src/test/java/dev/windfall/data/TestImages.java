package dev.windfall.data;

import dev.windfall.random.StatelessRandom;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Small made-up data sets, and the place of the real ones. */
final class TestImages {
  static final ImageShape SHAPE = new ImageShape(2, 5, 7);
  static final int CLASSES = 3;

  private TestImages() {}

  /** The pixels of image {@code index}: random bytes, a pure function of the index. */
  static byte[] pixels(int index) {
    byte[] pixels = new byte[SHAPE.size()];
    StatelessRandom random = StatelessRandom.of(0, "test-image", index);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) random.nextInt(256);
    }
    return pixels;
  }

  /** So many images; image {@code i} is of class {@code i mod 3}. */
  static ImageSet images(int count) {
    return new ImageSet() {
      @Override
      public int count() {
        return count;
      }

      @Override
      public int label(int index) {
        return index % CLASSES;
      }

      @Override
      public void read(int index, byte[] into) {
        System.arraycopy(pixels(index), 0, into, 0, SHAPE.size());
      }
    };
  }

  /** A data set whose training and test images are the given ones. */
  static Dataset dataset(ImageSet images) {
    return new LoadedDataset(
        "made-up",
        SHAPE,
        List.of("a", "b", "c"),
        images,
        images,
        new ChannelStatistics(List.of(0.25, 0.5), List.of(0.5, 2.0)));
  }

  /** A folder of real data; the test that asks is skipped where there is none. */
  static Path realData(String folder) {
    Path path = Path.of(System.getProperty("windfall.testData", "")).resolve(folder);
    Assumptions.assumeTrue(Files.isDirectory(path), () -> "no real data in " + path);
    return path;
  }
}
