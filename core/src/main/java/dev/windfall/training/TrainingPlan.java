package dev.windfall.training;

import dev.windfall.data.DataLoader;
import dev.windfall.engine.Objective;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decides a training but for network and engine, as data.
 *
 * @param samples to train on
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
    long steps = (long) epochs * samples.batchesPerEpoch();
    if (learningRate.steps() != steps) {
      throw new IllegalArgumentException(
          "the learning rate is that of %d steps, the training has %d"
              .formatted(learningRate.steps(), steps));
    }
  }

  /** Mini-batches of the whole training. */
  public long steps() {
    return learningRate.steps();
  }

  /** Steps of one epoch. */
  public long stepsPerEpoch() {
    return steps() / epochs;
  }

  /** The epoch of a step, both from 0. */
  int epochOf(long step) {
    return (int) (step / samples.batchesPerEpoch());
  }

  /** The place of a step in its epoch, both from 0. */
  int batchOf(long step) {
    return (int) (step % samples.batchesPerEpoch());
  }

  /** Whether an epoch, from 0, ends with an evaluation. */
  boolean evaluates(int epoch) {
    return (epoch + 1) % evaluateEvery == 0 || epoch + 1 == epochs;
  }
}
