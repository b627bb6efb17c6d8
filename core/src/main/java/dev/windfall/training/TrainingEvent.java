package dev.windfall.training;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What happens in a training, in its order. All but checkpoints and what comes before the first
 * step is a {@link Trainer}'s.
 */
public sealed interface TrainingEvent {

  /** The number, from 0, of the step that this belongs to, or of the last one before it. */
  long step();

  /**
   * A step is done.
   *
   * @param step its number, from 0
   * @param epoch its epoch, from 1
   * @param loss mean of the objective over the samples of all its micro-batches
   * @param correct samples whose largest logit was the label's
   * @param samples in its micro-batches
   * @param learningRate of this step
   * @param progress of the training, this step included
   */
  record StepDone(
      long step,
      int epoch,
      double loss,
      int correct,
      int samples,
      double learningRate,
      Progress progress)
      implements TrainingEvent {}

  /**
   * Connections were changed; comes before the {@link StepDone} of the same step.
   *
   * @param step the step of the update
   * @param fraction the share of each sparse layer's connections that were up for replacement, or
   *     of the way to its goal that pruning has gone
   * @param outcome what became of the connections
   */
  record TopologyUpdated(long step, double fraction, ConnectionUpdates.Outcome outcome)
      implements TrainingEvent {}

  /**
   * An epoch is over and the network was evaluated.
   *
   * @param step the epoch's last
   * @param epoch from 1
   * @param validation over the validation samples; null where there are none
   * @param test over the test samples; null where only validation was due
   * @param isBest whether the validation accuracy is the highest so far
   */
  record EpochEvaluated(
      long step,
      int epoch,
      @Nullable Evaluation validation,
      @Nullable Evaluation test,
      boolean isBest)
      implements TrainingEvent {}

  /**
   * All micro-batches of a step went backward. Until the listener returns, the session holds their
   * gradient: the mean over the step's samples, not clipped yet.
   *
   * @param step the step, from 0
   */
  record GradientAccumulated(long step) implements TrainingEvent {}

  /**
   * A layer has nothing left to compute or to learn with; told once for each layer.
   *
   * @param step at which it was noticed
   * @param layer the layer's name
   * @param what has become of it, as a part of a sentence
   */
  record LayerCollapsed(long step, String layer, String what) implements TrainingEvent {}

  /**
   * Scales of the initial weights were improved, before the first step.
   *
   * @param iteration from 1
   * @param iterations of the whole learning
   * @param leastScale of all tensors
   * @param greatestScale of all tensors
   */
  record ScalesImproved(int iteration, int iterations, double leastScale, double greatestScale)
      implements TrainingEvent {
    @Override
    public long step() {
      return -1;
    }
  }

  /**
   * A checkpoint is complete and on the disk.
   *
   * @param step the last before the checkpoint; -1 for the checkpoint of an untrained network
   * @param file its {@code .json} file
   */
  record CheckpointWritten(long step, Path file) implements TrainingEvent {}
}
