package dev.windfall.experiment;

import dev.windfall.engine.Session;
import dev.windfall.training.Checkpoint;
import dev.windfall.training.CheckpointFolder;
import dev.windfall.training.Progress;
import dev.windfall.training.TrainingEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Writes a run's checkpoints when they are due: at the end of every epoch, at steps that the recipe
 * names, and a minute after the last one. When that is depends on the clock; what is written does
 * not.
 */
final class CheckpointWriter {

  /** The work that a kill may cost. */
  static final long NANOSECONDS_BETWEEN = TimeUnit.MINUTES.toNanos(1);

  /** The step of no checkpoint. */
  static final long NONE = -1;

  private final CheckpointFolder folder;
  private final RunPlan plan;
  private final Session session;
  private final RunRecord record;
  private final LongSupplier nanoseconds;
  private long lastStep;
  private long lastTime;

  /**
   * A writer that begins now.
   *
   * @param lastStep of the newest checkpoint, or {@link #NONE}
   */
  CheckpointWriter(
      CheckpointFolder folder,
      RunPlan plan,
      Session session,
      RunRecord record,
      LongSupplier nanoseconds,
      long lastStep) {
    this.folder = folder;
    this.plan = plan;
    this.session = session;
    this.record = record;
    this.nanoseconds = nanoseconds;
    this.lastStep = lastStep;
    lastTime = nanoseconds.getAsLong();
  }

  /**
   * Writes a checkpoint where one is due.
   *
   * @param progress of the training, which is at rest
   * @throws UncheckedIOException where it cannot be written
   */
  void writeIfDue(Progress progress) {
    boolean isEpochOver =
        progress.step() > 0 && progress.step() % plan.training().stepsPerEpoch() == 0;
    boolean isKept = plan.recipe().run().keepSteps().contains(progress.step());
    if (isEpochOver || isKept || nanoseconds.getAsLong() - lastTime >= NANOSECONDS_BETWEEN) {
      write(progress);
    }
  }

  /**
   * Writes a checkpoint, unless the newest is that one.
   *
   * @param progress of the training, which is at rest
   * @return its {@code .json} file
   * @throws UncheckedIOException where it cannot be written
   */
  Path write(Progress progress) {
    Path file = folder.file(progress.step());
    if (progress.step() == lastStep) {
      return file;
    }
    try {
      record.save();
      folder.write(
          Checkpoint.of(
              plan.network(),
              progress,
              record.sums(),
              record.layers().history(),
              session.snapshot()),
          plan.retention());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the checkpoint of step %d cannot be written".formatted(progress.step()), e);
    }
    lastStep = progress.step();
    lastTime = nanoseconds.getAsLong();
    record.hear(new TrainingEvent.CheckpointWritten(progress.step() - 1, file));
    return file;
  }
}
