package dev.windfall.experiment.comparison;

import dev.windfall.experiment.Summary;

/** What became of a run of a comparison. */
public sealed interface RunResult {

  /**
   * The run is finished.
   *
   * @param summary its result
   */
  record Finished(Summary summary) implements RunResult {}

  /**
   * The run failed; the next start of the comparison takes it up again.
   *
   * @param cause what went wrong
   */
  record Failed(Throwable cause) implements RunResult {}

  /** Somebody asked for an end, before the run began or before it was finished. */
  record Stopped() implements RunResult {}
}
