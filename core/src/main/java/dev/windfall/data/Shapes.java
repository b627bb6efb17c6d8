package dev.windfall.data;

import dev.windfall.random.StatelessRandom;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * An embedded data set that needs no files: 32 × 32 colour images, each of one shape out of ten
 * (disc, ring, square, triangle, cross, star, crescent, stripes, checker, spiral) at a random
 * place, size, tilt, stretch and skew, in random colours, before clutter, sometimes of low
 * contrast, cut by a line or by the image's edge, and with noise. Colour and brightness tell
 * nothing about the class, so a linear model fails; some images are hard even for a person.
 *
 * <p>Image {@code i} of a split has class {@code i mod 10} and is a pure function of (seed, split,
 * i). Labels carry no noise.
 */
public final class Shapes {
  /** The name of this data set in recipes. */
  public static final String NAME = "shapes";

  private static final ImageShape SHAPE = new ImageShape(3, ShapePainter.SIDE, ShapePainter.SIDE);
  private static final ShapeOutline[] OUTLINES = ShapeOutline.values();
  private static final long DEFAULT_SEED = 1;
  private static final int DEFAULT_TRAIN_COUNT = 20_000;
  private static final int DEFAULT_TEST_COUNT = 4_000;

  private Shapes() {}

  /**
   * Draws the standard data set: 20,000 training and 4,000 test images, always the same ones.
   *
   * @return the data set
   */
  public static Dataset draw() {
    return draw(DEFAULT_SEED, DEFAULT_TRAIN_COUNT, DEFAULT_TEST_COUNT);
  }

  /**
   * Draws a data set of any size.
   *
   * @param seed any value; other seeds give other images
   * @param trainCount number of training images, at least 1
   * @param testCount number of test images, at least 1
   * @return the data set
   * @throws IllegalArgumentException if a count is below 1 or above 699,050, the most that one
   *     array holds
   */
  public static Dataset draw(long seed, int trainCount, int testCount) {
    ImageSet train = draw(seed, "train", trainCount);
    return new LoadedDataset(
        NAME,
        SHAPE,
        Arrays.stream(OUTLINES).map(ShapeOutline::className).toList(),
        train,
        draw(seed, "test", testCount),
        ChannelStatistics.of(SHAPE, train));
  }

  private static ImageSet draw(long seed, String split, int count) {
    int most = Integer.MAX_VALUE / SHAPE.size();
    if (count < 1 || count > most) {
      throw new IllegalArgumentException(
          "shapes: %d %s images asked for, 1 to %d can be drawn".formatted(count, split, most));
    }
    byte[] pixels = new byte[count * SHAPE.size()];
    byte[] labels = new byte[count];
    IntStream.range(0, count)
        .parallel()
        .forEach(
            index -> {
              int label = index % OUTLINES.length;
              labels[index] = (byte) label;
              StatelessRandom random = StatelessRandom.of(seed, "shapes-" + split, index);
              ShapePainter.paint(OUTLINES[label], random, pixels, index * SHAPE.size());
            });
    return new InMemoryImageSet(SHAPE, pixels, labels);
  }
}
