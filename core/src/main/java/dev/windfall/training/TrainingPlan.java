package dev.windfall.training;

import dev.windfall.data.DataLoader;
import dev.windfall.engine.Objective;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decides a training but for network and engine, as data.
 *
 * @param samples to train on, in micro-batches
 * @param accumulate micro-batches of an optimizer step, from 1 to those of an epoch; the epoch's
 *     last step has what is left
 * @param validation samples by which evaluations are compared; may be none
 * @param test samples for the result; at least one
 * @param epochs passes through the samples, at least 1
 * @param learningRate of every step, of as many steps as the epochs have
 * @param optimizer that applies gradients
 * @param clip the gradient of a step that is longer is scaled to this length (Pascanu et al. 2013,
 *     algorithm 1), above 0; null: no gradient is
 * @param objective that is minimised
 * @param connections when and how connections are replaced
 * @param evaluateEvery epochs between two evaluations, at least 1; the last epoch always is
 */
public record TrainingPlan(
    DataLoader samples,
    int accumulate,
    DataLoader validation,
    DataLoader test,
    int epochs,
    LearningRate learningRate,
    OptimizerSettings optimizer,
    @Nullable Double clip,
    Objective objective,
    ConnectionUpdates connections,
    int evaluateEvery) {

  /** Checks the ranges, and that the learning rate has the training's length. */
  public TrainingPlan {
    if (epochs < 1 || evaluateEvery < 1) {
      throw new IllegalArgumentException(
          "epochs and the epochs between two evaluations must be at least 1, not %d and %d"
              .formatted(epochs, evaluateEvery));
    }
    if (clip != null && !(clip > 0)) {
      throw new IllegalArgumentException(
          "the length to which gradients are clipped must be above 0, not " + clip);
    }
    if (test.batchesPerEpoch() == 0) {
      throw new IllegalArgumentException("there are no test samples");
    }
    if (accumulate < 1 || accumulate > samples.batchesPerEpoch()) {
      throw new IllegalArgumentException(
          "a step of %d micro-batches; an epoch has %d"
              .formatted(accumulate, samples.batchesPerEpoch()));
    }
    long steps = (long) epochs * Math.ceilDiv(samples.batchesPerEpoch(), accumulate);
    if (learningRate.steps() != steps) {
      throw new IllegalArgumentException(
          "the learning rate is that of %d steps, the training has %d"
              .formatted(learningRate.steps(), steps));
    }
  }

  /** Optimizer steps of the whole training. */
  public long steps() {
    return learningRate.steps();
  }

  /** Steps of one epoch. */
  public int stepsPerEpoch() {
    return Math.ceilDiv(samples.batchesPerEpoch(), accumulate);
  }

  /**
   * Samples that the steps before a step go through, each as often as it comes.
   *
   * @param step from 0 to {@link #steps()}
   */
  public long samplesBefore(long step) {
    long inEpoch = IntStream.range(0, samples.batchesPerEpoch()).mapToLong(samples::imagesOf).sum();
    // All micro-batches but an epoch's last are full.
    long inThisEpoch = Math.min((long) firstBatchOf(step) * samples.imagesOf(0), inEpoch);
    return Math.addExact(Math.multiplyExact(step / stepsPerEpoch(), inEpoch), inThisEpoch);
  }

  /** The epoch of a step, both from 0. */
  int epochOf(long step) {
    return (int) (step / stepsPerEpoch());
  }

  /** The first micro-batch of a step, counted within its epoch. */
  int firstBatchOf(long step) {
    return (int) (step % stepsPerEpoch()) * accumulate;
  }

  /** The micro-batch behind the last of a step, counted within its epoch. */
  int endBatchOf(long step) {
    return Math.min(firstBatchOf(step) + accumulate, samples.batchesPerEpoch());
  }

  /** The samples of all micro-batches of a step. */
  int samplesOf(long step) {
    return IntStream.range(firstBatchOf(step), endBatchOf(step)).map(samples::imagesOf).sum();
  }

  /** Whether an epoch, from 0, ends with an evaluation. */
  boolean evaluates(int epoch) {
    return (epoch + 1) % evaluateEvery == 0 || epoch + 1 == epochs;
  }
}
