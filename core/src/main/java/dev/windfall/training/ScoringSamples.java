package dev.windfall.training;

import dev.windfall.data.Batches;
import dev.windfall.data.DataLoader;
import dev.windfall.data.ImageBatch;
import dev.windfall.engine.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The samples by which connections are scored: the first ones in the order of the first epoch. */
final class ScoringSamples {

  private ScoringSamples() {}

  /** The first samples, in as few batches as the loader's batch size allows. */
  static List<Batch> unsorted(DataLoader samples, int count) {
    return dealt(samples, count, count, Math.ceilDiv(count, samples.imagesOf(0)));
  }

  /**
   * The first samples of each class, as many of one as of another where there are enough, in two
   * halves or, where these were beyond the loader's batch size, in more parts.
   */
  static List<Batch> balanced(DataLoader samples, int count, int classes) {
    int parts = Math.max(2, Math.ceilDiv(count, samples.imagesOf(0)));
    return dealt(samples, count, Math.ceilDiv(count, classes), parts);
  }

  /** One of the samples, out of the loader's arrays. */
  private record Sample(float[] pixels, int label, long id) {}

  /** Deals samples out to the parts in turn; at most some of each class are taken. */
  private static List<Batch> dealt(DataLoader samples, int count, int ofClass, int parts) {
    List<List<Sample>> dealt = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      dealt.add(new ArrayList<>());
    }
    int taken = 0;
    int[] takenOfClass = new int[0];
    try (Batches batches = samples.epoch(0)) {
      for (ImageBatch batch = batches.next(); batch != null; batch = batches.next()) {
        int size = batch.pixels().length / batch.labels().length;
        for (int i = 0; i < batch.count() && taken < count; i++) {
          int label = batch.labels()[i];
          if (label >= takenOfClass.length) {
            takenOfClass = Arrays.copyOf(takenOfClass, label + 1);
          }
          if (takenOfClass[label] < ofClass) {
            takenOfClass[label]++;
            float[] pixels = Arrays.copyOfRange(batch.pixels(), i * size, (i + 1) * size);
            dealt.get(taken++ % parts).add(new Sample(pixels, label, batch.sampleIds()[i]));
          }
        }
        if (taken == count) {
          break;
        }
      }
    }
    if (taken < parts) {
      throw new IllegalArgumentException(
          "%d samples to score by, which are fewer than the %d parts that are needed"
              .formatted(taken, parts));
    }
    return dealt.stream().map(ScoringSamples::batch).toList();
  }

  private static Batch batch(List<Sample> samples) {
    int size = samples.getFirst().pixels().length;
    float[] pixels = new float[samples.size() * size];
    for (int i = 0; i < samples.size(); i++) {
      System.arraycopy(samples.get(i).pixels(), 0, pixels, i * size, size);
    }
    return new Batch(
        pixels,
        samples.stream().mapToInt(Sample::label).toArray(),
        samples.stream().mapToLong(Sample::id).toArray(),
        samples.size(),
        0);
  }

  /** Samples of all batches. */
  static int count(List<Batch> batches) {
    return batches.stream().mapToInt(Batch::count).sum();
  }

  /** Samples of the largest batch. */
  static int largest(List<Batch> batches) {
    return batches.stream().mapToInt(Batch::count).max().orElseThrow();
  }
}
