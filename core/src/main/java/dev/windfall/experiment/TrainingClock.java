package dev.windfall.experiment;

import dev.windfall.training.TrainingEvent;
import java.util.function.LongSupplier;

/** Measures how long training takes, and how much of that its steps alone take. */
public final class TrainingClock {

  private final LongSupplier nanoseconds;
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
    this.nanoseconds = nanoseconds;
    started = nanoseconds.getAsLong();
    latest = started;
  }

  /** Must hear of every event. What goes before an evaluation's end is the evaluation's time. */
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
    }
    latest = now;
  }

  /** From the start to the latest event, evaluations included. */
  public double seconds() {
    return (latest - started) / 1e9;
  }

  /** Seconds in steps alone. */
  public double stepSeconds() {
    return inSteps / 1e9;
  }

  /** Samples trained on, repetitions counted. */
  public long samples() {
    return samples;
  }

  /** Samples by the time of the steps alone; 0 before the first. */
  public double imagesPerSecond() {
    return inSteps == 0 ? 0 : samples / stepSeconds();
  }
}
