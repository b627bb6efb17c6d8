package dev.windfall.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class DataLoaderTest {
  private static final List<Augmentation> AUGMENTATIONS =
      List.of(new Augmentation.ReflectPad(2), new Augmentation.Crop(), new Augmentation.Flip());

  private static DataLoader training(int images, int batchSize, long seed) {
    return training(TestImages.images(images), batchSize, false, seed);
  }

  private static DataLoader training(ImageSet images, int batchSize, boolean dropLast, long seed) {
    return DataLoader.training(
        TestImages.dataset(images),
        images,
        new BatchOptions(batchSize, dropLast, AUGMENTATIONS, seed));
  }

  /** A batch's valid part, copied out of its arrays. */
  private record Copy(List<Integer> labels, List<Long> sampleIds, List<List<Float>> images) {
    static Copy of(ImageBatch batch) {
      List<List<Float>> images = new ArrayList<>();
      for (int i = 0; i < batch.count(); i++) {
        List<Float> image = new ArrayList<>();
        for (int j = 0; j < TestImages.SHAPE.size(); j++) {
          image.add(batch.pixels()[i * TestImages.SHAPE.size() + j]);
        }
        images.add(image);
      }
      return new Copy(
          Arrays.stream(batch.labels()).limit(batch.count()).boxed().toList(),
          Arrays.stream(batch.sampleIds()).limit(batch.count()).boxed().toList(),
          images);
    }
  }

  private static List<Copy> read(Batches batches) {
    List<Copy> copies = new ArrayList<>();
    try (batches) {
      for (ImageBatch batch = batches.next(); batch != null; batch = batches.next()) {
        copies.add(Copy.of(batch));
      }
      assertThat(batches.next()).isNull();
    }
    return copies;
  }

  private static List<Long> sampleIds(List<Copy> batches) {
    return batches.stream().flatMap(batch -> batch.sampleIds().stream()).toList();
  }

  /** Each sample's image in an epoch. */
  private static Map<Long, List<Float>> bySample(List<Copy> batches) {
    Map<Long, List<Float>> images = new TreeMap<>();
    for (Copy batch : batches) {
      for (int i = 0; i < batch.images().size(); i++) {
        images.put(batch.sampleIds().get(i), batch.images().get(i));
      }
    }
    return images;
  }

  private static List<Long> everySample(int count) {
    return IntStream.range(0, count).asLongStream().boxed().toList();
  }

  @Test
  void evaluationKeepsOrderTailAndPixels() {
    ImageSet images = TestImages.images(10);
    DataLoader loader = DataLoader.evaluation(TestImages.dataset(images), images, 4);
    assertThat(loader.batchesPerEpoch()).isEqualTo(3);
    List<Copy> batches = read(loader.epoch(0));
    assertThat(batches).extracting(batch -> batch.labels().size()).containsExactly(4, 4, 2);
    assertThat(IntStream.range(0, 3).map(loader::imagesOf)).containsExactly(4, 4, 2);
    assertThat(sampleIds(batches)).isEqualTo(everySample(10));
    bySample(batches)
        .forEach(
            (sample, image) -> {
              byte[] pixels = TestImages.pixels(sample.intValue());
              int plane = pixels.length / 2;
              for (int i = 0; i < pixels.length; i++) {
                double mean = i < plane ? 0.25 : 0.5;
                double deviation = i < plane ? 0.5 : 2;
                assertThat(image.get(i))
                    .isEqualTo((float) (((pixels[i] & 0xFF) / 255.0 - mean) / deviation));
              }
            });
  }

  @Test
  void evaluationTakesABatchLargerThanTheSetAndAnEmptySet() {
    ImageSet images = TestImages.images(3);
    Dataset dataset = TestImages.dataset(images);
    assertThat(sampleIds(read(DataLoader.evaluation(dataset, images, 100).epoch(0))))
        .containsExactly(0L, 1L, 2L);
    ImageSet none = TestImages.images(0);
    assertThat(read(DataLoader.evaluation(dataset, none, 100).epoch(0))).isEmpty();
  }

  @Test
  void anEpochReadsEverySampleOnceWithItsLabelInAnOrderOfItsOwn() {
    DataLoader loader = training(50, 8, 1);
    List<Copy> first = read(loader.epoch(0));
    List<Copy> second = read(loader.epoch(1));
    for (List<Copy> epoch : List.of(first, second)) {
      assertThat(epoch)
          .extracting(batch -> batch.sampleIds().size())
          .containsExactly(8, 8, 8, 8, 8, 8, 2);
      assertThat(sampleIds(epoch))
          .containsExactlyInAnyOrderElementsOf(everySample(50))
          .isNotEqualTo(everySample(50));
      for (Copy batch : epoch) {
        for (int i = 0; i < batch.labels().size(); i++) {
          assertThat(batch.labels().get(i)).isEqualTo((int) (batch.sampleIds().get(i) % 3));
        }
      }
    }
    assertThat(sampleIds(second)).isNotEqualTo(sampleIds(first));
  }

  @Test
  void dropLastLeavesOutThePartialBatchOnly() {
    ImageSet images = TestImages.images(50);
    DataLoader loader = training(images, 8, true, 1);
    assertThat(loader.batchesPerEpoch()).isEqualTo(6);
    assertThat(read(loader.epoch(0))).isEqualTo(read(training(50, 8, 1).epoch(0)).subList(0, 6));
    assertThat(training(images, 10, true, 1).batchesPerEpoch()).isEqualTo(5);
    assertThat(loader.imagesOf(5)).isEqualTo(8);
    assertThatThrownBy(() -> loader.imagesOf(6))
        .hasMessageContaining("batch: 6, an epoch has batches 0 to 5");
  }

  @Test
  void seedAndEpochFixEveryBit() {
    assertThat(read(training(50, 8, 1).epoch(3))).isEqualTo(read(training(50, 8, 1).epoch(3)));
    assertThat(read(training(50, 8, 2).epoch(3))).isNotEqualTo(read(training(50, 8, 1).epoch(3)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 5, 6, 7})
  void aPassFromTheMiddleContinuesToTheSameBits(int firstBatch) {
    List<Copy> whole = read(training(50, 8, 1).epoch(4));
    assertThat(read(training(50, 8, 1).epoch(4, firstBatch)))
        .isEqualTo(whole.subList(firstBatch, 7));
  }

  @Test
  void anImagesAugmentationDependsOnSeedEpochAndSampleOnly() {
    Map<Long, List<Float>> small = bySample(read(training(50, 8, 1).epoch(2)));
    assertThat(bySample(read(training(50, 50, 1).epoch(2)))).isEqualTo(small);
    Set<Map.Entry<Long, List<Float>>> same = new HashSet<>(small.entrySet());
    same.retainAll(bySample(read(training(50, 8, 1).epoch(3))).entrySet());
    assertThat(same).hasSizeLessThan(10); // One in fifty by chance.
  }

  @Test
  void aSlowOrFastConsumerSeesTheSame() {
    List<Copy> fast = read(training(50, 8, 1).epoch(0));
    List<Copy> slow = new ArrayList<>();
    try (Batches batches = training(50, 8, 1).epoch(0)) {
      for (ImageBatch batch = batches.next(); batch != null; batch = batches.next()) {
        while (threads().stream().anyMatch(it -> it.getState() == Thread.State.RUNNABLE)) {
          Thread.onSpinWait(); // Until all buffers are full, or the thread has ended.
        }
        slow.add(Copy.of(batch));
      }
    }
    assertThat(slow).isEqualTo(fast);
  }

  @Test
  void threeBuffersServeAllBatches() {
    Set<float[]> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
    try (Batches batches = training(500, 4, 1).epoch(0)) {
      for (ImageBatch batch = batches.next(); batch != null; batch = batches.next()) {
        arrays.add(batch.pixels());
      }
    }
    assertThat(arrays).hasSizeBetween(1, 3);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 'batch size: 0, at least 1'",
    "-5, 'batch size: -5, at least 1'",
    "11, 'batch size: 11, but data set made-up has only 10 images to train on'"
  })
  void impossibleBatchSizesAreRefused(int batchSize, String message) {
    assertThatThrownBy(() -> training(10, batchSize, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void aBatchThatNoArrayHoldsIsRefused() {
    ImageSet images = TestImages.images(10);
    assertThatThrownBy(
            () -> DataLoader.evaluation(TestImages.dataset(images), images, 2_000_000_000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "batch size: 2000000000 images of 2x5x7 do not fit into one array, at most 30678337"
                + " do");
  }

  @Test
  void impossibleStartsAreRefused() {
    DataLoader loader = training(50, 8, 1);
    assertThatThrownBy(() -> loader.epoch(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("epoch: -1, at least 0");
    assertThatThrownBy(() -> loader.epoch(0, 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("first batch: 8, an epoch has batches 0 to 6");
    assertThatThrownBy(() -> loader.epoch(0, -1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void augmentationsThatDoNotFitAreRefusedAtOnce() {
    ImageSet images = TestImages.images(10);
    BatchOptions options = new BatchOptions(2, false, List.of(new Augmentation.Crop()), 1);
    assertThatThrownBy(() -> DataLoader.training(TestImages.dataset(images), images, options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("augmentations [crop]: nothing to crop");
  }

  @Test
  void statisticsOfOtherChannelsAreRefused() {
    ImageSet images = TestImages.images(10);
    Dataset dataset =
        new LoadedDataset(
            "x",
            TestImages.SHAPE,
            List.of("a"),
            images,
            images,
            new ChannelStatistics(List.of(0.5), List.of(1.0)));
    assertThatThrownBy(() -> DataLoader.evaluation(dataset, images, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("images of 2x5x7 need statistics of 2 channels, found 1");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 3})
  void labelsOutOfRangeAreRefused(int label) {
    ImageSet images = new Wrapped(TestImages.images(10), 7, () -> {}, label);
    try (Batches batches = DataLoader.evaluation(TestImages.dataset(images), images, 4).epoch(0)) {
      batches.next();
      assertThatThrownBy(batches::next)
          .isInstanceOf(DatasetException.class)
          .hasMessage(
              "batch 1 of epoch 0: data set made-up: image 7 has label "
                  + label
                  + "; labels are 0 to 2");
    }
  }

  @Test
  void whatFailsOnTheThreadSurfacesInOrderAndEveryTime() {
    IllegalStateException cause = new IllegalStateException("disk on fire");
    ImageSet images =
        new Wrapped(
            TestImages.images(20),
            13,
            () -> {
              throw cause;
            },
            0);
    try (Batches batches = DataLoader.evaluation(TestImages.dataset(images), images, 4).epoch(5)) {
      for (int batch = 0; batch < 3; batch++) {
        assertThat(batches.next()).isNotNull();
      }
      for (int again = 0; again < 2; again++) {
        assertThatThrownBy(batches::next)
            .isInstanceOf(DatasetException.class)
            .hasMessage("batch 3 of epoch 5: disk on fire")
            .hasCause(cause);
      }
    }
    assertThat(threads()).isEmpty();
  }

  @Test
  void anErrorWithoutAMessageIsNamed() {
    ImageSet images =
        new Wrapped(
            TestImages.images(4),
            0,
            () -> {
              throw new StackOverflowError();
            },
            0);
    try (Batches batches = DataLoader.evaluation(TestImages.dataset(images), images, 4).epoch(0)) {
      assertThatThrownBy(batches::next)
          .hasMessage("batch 0 of epoch 0: java.lang.StackOverflowError");
    }
  }

  @Test
  void closingEndsTheThreadWhereverItIs() throws InterruptedException {
    for (int taken = 0; taken < 10; taken++) {
      try (Batches batches = training(500, 4, 1).epoch(0)) {
        for (int i = 0; i < taken; i++) {
          batches.next();
        }
        assertThat(threads()).hasSize(1);
      }
      assertThat(threads()).isEmpty();
    }
    CountDownLatch reading = new CountDownLatch(1);
    ImageSet stuck = new Wrapped(TestImages.images(8), 5, () -> waitForEver(reading), 0);
    Batches batches = DataLoader.evaluation(TestImages.dataset(stuck), stuck, 8).epoch(0);
    reading.await();
    assertThat(threads()).hasSize(1);
    batches.close();
    assertThat(threads()).isEmpty();
  }

  @Test
  void afterTheLastBatchTheThreadHasEnded() throws InterruptedException {
    Batches batches = training(50, 8, 1).epoch(0);
    Thread thread = threads().getFirst();
    while (batches.next() != null) {
      assertThat(thread.isDaemon()).isTrue();
    }
    thread.join();
    batches.close();
    batches.close();
    assertThatThrownBy(batches::next)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("these batches are closed");
  }

  @Test
  void anInterruptedConsumerStopsWaitingAndCloses() throws InterruptedException {
    CountDownLatch reading = new CountDownLatch(1);
    ImageSet stuck = new Wrapped(TestImages.images(8), 0, () -> waitForEver(reading), 0);
    AtomicInteger cancelled = new AtomicInteger();
    Thread consumer =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (Batches batches =
                      DataLoader.evaluation(TestImages.dataset(stuck), stuck, 8).epoch(0)) {
                    batches.next();
                  } catch (CancellationException e) {
                    cancelled.set(Thread.currentThread().isInterrupted() ? 1 : -1);
                  }
                });
    reading.await();
    consumer.interrupt();
    consumer.join();
    assertThat(cancelled).hasValue(1);
    assertThat(threads()).isEmpty();
  }

  private static void waitForEver(CountDownLatch reading) {
    reading.countDown();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      throw new IllegalStateException("told to stop", e);
    }
  }

  private static List<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("windfall-batches"))
        .toList();
  }

  /** Images of which one does something when it is read, and has a label of its own. */
  private record Wrapped(ImageSet images, int special, Runnable reading, int specialLabel)
      implements ImageSet {
    @Override
    public int count() {
      return images.count();
    }

    @Override
    public int label(int index) {
      return index == special ? specialLabel : images.label(index);
    }

    @Override
    public void read(int index, byte[] into) {
      if (index == special) {
        reading.run();
      }
      images.read(index, into);
    }
  }

  @Test
  void imagesAreStandardisedOneByOneIfTheDataSetSaysSo() {
    Dataset dataset = new PerImageStandardised(TestImages.dataset(TestImages.images(3)));
    int size = TestImages.SHAPE.size();
    List<List<Float>> images =
        read(DataLoader.evaluation(dataset, dataset.test(), 3).epoch(0)).getFirst().images();
    for (int image = 0; image < 3; image++) {
      byte[] levels = TestImages.pixels(image);
      double mean = IntStream.range(0, size).map(i -> levels[i] & 0xFF).average().orElseThrow();
      double variance =
          IntStream.range(0, size)
              .mapToDouble(i -> Math.pow((levels[i] & 0xFF) - mean, 2))
              .average()
              .orElseThrow();
      for (int i = 0; i < size; i++) {
        assertThat((double) images.get(image).get(i))
            .isCloseTo(((levels[i] & 0xFF) - mean) / Math.sqrt(variance), within(1e-6));
      }
    }
  }

  @Test
  void anImageOfOneColourIsStandardisedToZero() {
    float[] pixels = {1, 1, 1, 1};
    new Standardisation.ByImage(3).apply(new byte[] {7, 7, 7}, pixels, 1);
    assertThat(pixels).containsExactly(1, 0, 0, 0);
  }
}
