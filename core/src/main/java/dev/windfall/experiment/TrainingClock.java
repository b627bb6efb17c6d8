package dev.windfall.experiment;

import dev.windfall.training.TrainingEvent;
import java.util.function.LongSupplier;

/** Measures how long training takes, and how much of that its steps alone take. */
public final class TrainingClock {

  private final LongSupplier nanoseconds;
  private final Elapsed before;
  private final long started;
  private long latest;
  private long inSteps;
  private long samples;

  /**
   * A clock that runs from now on.
   *
   * @param nanoseconds such as {@link System#nanoTime}
   */
  public TrainingClock(LongSupplier nanoseconds) {
    this(nanoseconds, Elapsed.NOTHING);
  }

  /**
   * A clock that runs on after a pause.
   *
   * @param nanoseconds such as {@link System#nanoTime}
   * @param before what it showed before
   */
  TrainingClock(LongSupplier nanoseconds, Elapsed before) {
    this.nanoseconds = nanoseconds;
    this.before = before;
    started = nanoseconds.getAsLong();
    latest = started;
  }

  /**
   * What a clock shows.
   *
   * @param seconds in all
   * @param stepSeconds in steps alone
   * @param samples trained on, repetitions counted
   */
  record Elapsed(double seconds, double stepSeconds, long samples) {
    static final Elapsed NOTHING = new Elapsed(0, 0, 0);
  }

  /** What the clock shows. */
  Elapsed elapsed() {
    return new Elapsed(seconds(), stepSeconds(), samples());
  }

  /**
   * Must hear of every event. What goes before the end of an evaluation or a checkpoint is its
   * time.
   */
  public void hear(TrainingEvent event) {
    long now = nanoseconds.getAsLong();
    switch (event) {
      case TrainingEvent.StepDone done -> {
        inSteps += now - latest;
        samples += done.samples();
      }
      case TrainingEvent.GradientAccumulated accumulated -> inSteps += now - latest;
      case TrainingEvent.LayerCollapsed collapsed -> inSteps += now - latest;
      case TrainingEvent.TopologyUpdated updated -> inSteps += now - latest;
      case TrainingEvent.EpochEvaluated evaluated -> {}
      case TrainingEvent.ScalesImproved improved -> {}
      case TrainingEvent.CheckpointWritten written -> {}
    }
    latest = now;
  }

  /** From the start to the latest event, evaluations included. */
  public double seconds() {
    return before.seconds + (latest - started) / 1e9;
  }

  /** Seconds in steps alone. */
  public double stepSeconds() {
    return before.stepSeconds + inSteps / 1e9;
  }

  /** Samples trained on, repetitions counted. */
  public long samples() {
    return before.samples + samples;
  }

  /** Samples by the time of the steps alone; 0 before the first. */
  public double imagesPerSecond() {
    return stepSeconds() == 0 ? 0 : samples() / stepSeconds();
  }
}
