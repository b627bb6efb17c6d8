package dev.windfall.training;

import dev.windfall.data.Batches;
import dev.windfall.data.DataLoader;
import dev.windfall.data.ImageBatch;
import dev.windfall.engine.Batch;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Session;

/**
 * How well a network does on samples that it was not trained on.
 *
 * @param loss mean cross entropy of the labels, without smoothing
 * @param accuracy share of the samples whose largest logit is the label's (the first of equal ones
 *     counts), in [0, 1]
 * @param expectedCalibrationError mean distance of accuracy and confidence over 15 equal intervals
 *     of confidence, weighted by their samples (Guo et al. 2017, equation 3), in [0, 1]
 * @param samples how many there were
 */
public record Evaluation(
    double loss, double accuracy, double expectedCalibrationError, long samples) {

  private static final int INTERVALS = 15;

  /** Nothing random happens in an evaluation, so its batches belong to no step. */
  private static final long NO_STEP = 0;

  /**
   * Evaluates a session's network, in {@link Mode#EVALUATE}.
   *
   * @param session which is not changed
   * @param samples with labels, at least one
   * @throws IllegalArgumentException where there is no sample
   */
  public static Evaluation of(Session session, DataLoader samples) {
    Tally tally = new Tally();
    try (Batches batches = samples.epoch(0)) {
      for (ImageBatch images = batches.next(); images != null; images = batches.next()) {
        Batch batch =
            new Batch(
                images.pixels(), images.labels(), images.sampleIds(), images.count(), NO_STEP);
        float[] logits = session.logits(batch, Mode.EVALUATE);
        int classes = logits.length / batch.count();
        for (int sample = 0; sample < batch.count(); sample++) {
          tally.add(logits, sample * classes, classes, batch.labels()[sample]);
        }
      }
    }
    return tally.result();
  }

  private static final class Tally {
    private double loss;
    private long correct;
    private long samples;
    private final long[] samplesByInterval = new long[INTERVALS];
    private final long[] correctByInterval = new long[INTERVALS];
    private final double[] confidenceByInterval = new double[INTERVALS];

    void add(float[] logits, int from, int classes, int label) {
      int best = 0;
      for (int i = 1; i < classes; i++) {
        best = logits[from + i] > logits[from + best] ? i : best;
      }
      double sum = 0;
      for (int i = 0; i < classes; i++) {
        sum += StrictMath.exp((double) logits[from + i] - logits[from + best]);
      }
      loss += StrictMath.log(sum) + logits[from + best] - logits[from + label];
      boolean isCorrect = best == label;
      double confidence = 1 / sum;
      int interval = Math.max(0, (int) Math.ceil(INTERVALS * confidence) - 1);
      correct += isCorrect ? 1 : 0;
      samples++;
      samplesByInterval[interval]++;
      correctByInterval[interval] += isCorrect ? 1 : 0;
      confidenceByInterval[interval] += confidence;
    }

    Evaluation result() {
      if (samples == 0) {
        throw new IllegalArgumentException("there is no sample to evaluate");
      }
      double distance = 0;
      for (int i = 0; i < INTERVALS; i++) {
        distance += Math.abs(correctByInterval[i] - confidenceByInterval[i]);
      }
      return new Evaluation(
          loss / samples, (double) correct / samples, distance / samples, samples);
    }
  }
}
