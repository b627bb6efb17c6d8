package dev.windfall.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.random.StatelessRandom;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class ShapesTest {
  private static String checksum(int threads, long seed, int trainCount, int testCount) {
    try (ForkJoinPool pool = new ForkJoinPool(threads)) {
      return pool.submit(() -> DatasetChecksum.sha256(Shapes.draw(seed, trainCount, testCount)))
          .join();
    }
  }

  @Test
  void imagesAreFrozen() {
    assertThat(checksum(2, 1, 200, 50))
        .isEqualTo("6d587b284ca18557d79c70131ff41b7eae861471daf967f4b0298861007fd274");
  }

  @Test
  void anyNumberOfThreadsDrawsTheSameBits() {
    String one = checksum(1, 5, 300, 100);
    assertThat(checksum(2, 5, 300, 100)).isEqualTo(one);
    assertThat(checksum(5, 5, 300, 100)).isEqualTo(one);
    assertThat(checksum(1, 6, 300, 100)).isNotEqualTo(one);
  }

  @Test
  void anImageDependsOnSeedSplitAndIndexOnly() {
    Dataset small = Shapes.draw(3, 20, 10);
    Dataset large = Shapes.draw(3, 50, 50);
    byte[] image = new byte[small.shape().size()];
    byte[] same = new byte[image.length];
    for (int i = 0; i < 20; i++) {
      small.train().read(i, image);
      large.train().read(i, same);
      assertThat(same).isEqualTo(image);
      large.test().read(i, same);
      assertThat(same).isNotEqualTo(image);
    }
  }

  @Test
  void theStandardSetHasItsSizesAndAsManyImagesOfEachClass() {
    Dataset shapes = Datasets.open("shapes", null);
    assertThat(shapes.name()).isEqualTo("shapes");
    assertThat(shapes.shape()).isEqualTo(new ImageShape(3, 32, 32));
    assertThat(shapes.classNames())
        .containsExactly(
            "disc",
            "ring",
            "square",
            "triangle",
            "cross",
            "star",
            "crescent",
            "stripes",
            "checker",
            "spiral");
    assertThat(shapes.train().count()).isEqualTo(20_000);
    assertThat(shapes.test().count()).isEqualTo(4_000);
    for (ImageSet images : new ImageSet[] {shapes.train(), shapes.test()}) {
      int[] perClass = new int[10];
      for (int i = 0; i < images.count(); i++) {
        perClass[images.label(i)]++;
      }
      assertThat(perClass).containsOnly(images.count() / 10);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 10, 'shapes: 0 train images asked for, 1 to 699050 can be drawn'",
    "10, -1, 'shapes: -1 test images asked for, 1 to 699050 can be drawn'",
    "699051, 10, 'shapes: 699051 train images asked for, 1 to 699050 can be drawn'"
  })
  void impossibleCountsAreRefused(int trainCount, int testCount, String message) {
    assertThatThrownBy(() -> Shapes.draw(1, trainCount, testCount))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @EnumSource
  void outlinesFillAGoodPartOfTheUnitDiscAndNothingElse(ShapeOutline outline) {
    int inside = 0;
    int disc = 0;
    for (double u = -1.5; u <= 1.5; u += 0.01) {
      for (double v = -1.5; v <= 1.5; v += 0.01) {
        if (u * u + v * v > 1) {
          assertThat(outline.distance(u, v)).as("at %s, %s", u, v).isPositive();
        } else {
          disc++;
          inside += outline.distance(u, v) < 0 ? 1 : 0;
        }
      }
    }
    assertThat((double) inside / disc).isBetween(0.2, 0.75);
  }

  /** So that an edge is about one pixel wide wherever it runs. */
  @ParameterizedTest
  @EnumSource
  void outlineDistancesNeverChangeFasterThanTheWay(ShapeOutline outline) {
    StatelessRandom random = StatelessRandom.of(1, "outline-test-" + outline);
    for (int i = 0; i < 10_000; i++) {
      double u = 3 * random.nextDouble() - 1.5;
      double v = 3 * random.nextDouble() - 1.5;
      double stepU = 0.02 * (random.nextDouble() - 0.5);
      double stepV = 0.02 * (random.nextDouble() - 0.5);
      double change = outline.distance(u + stepU, v + stepV) - outline.distance(u, v);
      assertThat(Math.abs(change)).isLessThanOrEqualTo(Math.hypot(stepU, stepV) + 1e-12);
    }
  }

  @Test
  void canvasCoversEdgePixelsInProportion() {
    Canvas canvas = new Canvas(4);
    canvas.fill(new double[] {1, 0.5, 0}, (x, y) -> x - 2.25);
    byte[] image = new byte[48];
    canvas.write(image, 0);
    byte full = (byte) 255;
    assertThat(image).startsWith(full, full, 64, 0, full, full, 64, 0);
    assertThat(image[16] & 0xFF).isEqualTo(128);
    assertThat(image[32]).isZero();
  }

  @Test
  void canvasNoiseHasTheMeanAndDeviationAskedFor() {
    Canvas canvas = new Canvas(128);
    double[] grey = {0.5, 0.5, 0.5};
    canvas.gradient(grey, grey, 1, 0);
    canvas.noise(0.1, StatelessRandom.of(1, "noise-test"));
    ImageShape shape = new ImageShape(3, 128, 128);
    byte[] image = new byte[shape.size()];
    canvas.write(image, 0);
    ChannelStatistics statistics =
        ChannelStatistics.of(shape, new InMemoryImageSet(shape, image, new byte[1]));
    assertThat(statistics.mean())
        .allSatisfy(mean -> assertThat(mean).isCloseTo(0.5, Offset.offset(0.005)));
    assertThat(statistics.deviation())
        .allSatisfy(deviation -> assertThat(deviation).isCloseTo(0.1, Offset.offset(0.002)));
  }

  /** Softmax regression by stochastic gradient descent, trained until it overfits. */
  @Test
  void aLinearModelFails() {
    Dataset shapes = Shapes.draw(1, 4_000, 1_000);
    int inputs = shapes.shape().size();
    float[][] weights = new float[10][inputs + 1];
    for (int epoch = 0; epoch < 6; epoch++) {
      float rate = 1e-3f / (1 + epoch);
      DataLoader loader =
          DataLoader.training(shapes, shapes.train(), new BatchOptions(100, false, List.of(), 1));
      try (Batches batches = loader.epoch(epoch)) {
        for (ImageBatch batch = batches.next(); batch != null; batch = batches.next()) {
          for (int i = 0; i < batch.count(); i++) {
            descend(weights, batch, i, rate);
          }
        }
      }
    }
    double train = accuracy(weights, shapes, shapes.train());
    double test = accuracy(weights, shapes, shapes.test());
    assertThat(train).isGreaterThan(0.3); // It did learn what it can.
    assertThat(test).isLessThan(0.4);
  }

  private static float[] logits(float[][] weights, ImageBatch batch, int image) {
    int inputs = weights[0].length - 1;
    float[] logits = new float[weights.length];
    for (int k = 0; k < weights.length; k++) {
      float sum = weights[k][inputs];
      for (int j = 0; j < inputs; j++) {
        sum += weights[k][j] * batch.pixels()[image * inputs + j];
      }
      logits[k] = sum;
    }
    return logits;
  }

  private static void descend(float[][] weights, ImageBatch batch, int image, float rate) {
    int inputs = weights[0].length - 1;
    float[] logits = logits(weights, batch, image);
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit);
    }
    for (int k = 0; k < weights.length; k++) {
      double probability = Math.exp(logits[k]) / sum;
      float step = (float) (rate * ((batch.labels()[image] == k ? 1 : 0) - probability));
      for (int j = 0; j < inputs; j++) {
        weights[k][j] += step * batch.pixels()[image * inputs + j];
      }
      weights[k][inputs] += step;
    }
  }

  private static double accuracy(float[][] weights, Dataset dataset, ImageSet images) {
    int right = 0;
    try (Batches batches = DataLoader.evaluation(dataset, images, 100).epoch(0)) {
      for (ImageBatch batch = batches.next(); batch != null; batch = batches.next()) {
        for (int i = 0; i < batch.count(); i++) {
          float[] logits = logits(weights, batch, i);
          int best =
              IntStream.range(0, logits.length).reduce(0, (a, b) -> logits[b] > logits[a] ? b : a);
          right += best == batch.labels()[i] ? 1 : 0;
        }
      }
    }
    return (double) right / images.count();
  }
}
