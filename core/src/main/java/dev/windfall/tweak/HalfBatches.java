package dev.windfall.tweak;

import dev.windfall.data.Batches;
import dev.windfall.data.DataLoader;
import dev.windfall.data.ImageBatch;
import dev.windfall.engine.Batch;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Training samples, half a batch at a time, epoch after epoch. */
final class HalfBatches implements AutoCloseable {

  private final DataLoader samples;
  private final int half;
  private final Deque<Batch> ready = new ArrayDeque<>();
  private int epoch;
  private Batches batches;

  /**
   * Halves from the beginning of an epoch on.
   *
   * @throws IllegalArgumentException where a batch has less than two samples
   */
  HalfBatches(DataLoader samples, int epoch) {
    this.samples = samples;
    this.epoch = epoch;
    half = samples.imagesOf(0) / 2;
    if (half < 1) {
      throw new IllegalArgumentException(
          "a learned initialisation needs batches of at least 2 samples, not "
              + samples.imagesOf(0));
    }
    batches = samples.epoch(epoch);
  }

  /** The next half. What an epoch's last batch lacks to be whole is left out. */
  Batch next() {
    while (ready.isEmpty()) {
      @Nullable ImageBatch images = batches.next();
      if (images == null) {
        batches.close();
        batches = samples.epoch(++epoch);
      } else {
        for (int from = 0; from + half <= images.count(); from += half) {
          ready.add(part(images, from));
        }
      }
    }
    return ready.remove();
  }

  private Batch part(ImageBatch images, int from) {
    int size = images.pixels().length / images.labels().length;
    return new Batch(
        Arrays.copyOfRange(images.pixels(), from * size, (from + half) * size),
        Arrays.copyOfRange(images.labels(), from, from + half),
        Arrays.copyOfRange(images.sampleIds(), from, from + half),
        half,
        0);
  }

  /** Two halves as one batch. */
  static Batch together(Batch one, Batch other) {
    float[] input = Arrays.copyOf(one.input(), one.input().length + other.input().length);
    System.arraycopy(other.input(), 0, input, one.input().length, other.input().length);
    int[] labels = Arrays.copyOf(one.labels(), one.count() + other.count());
    System.arraycopy(other.labels(), 0, labels, one.count(), other.count());
    long[] ids = Arrays.copyOf(one.sampleIds(), one.count() + other.count());
    System.arraycopy(other.sampleIds(), 0, ids, one.count(), other.count());
    return new Batch(input, labels, ids, one.count() + other.count(), 0);
  }

  @Override
  public void close() {
    batches.close();
  }
}
