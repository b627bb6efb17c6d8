package dev.windfall.experiment;

import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Ends a run that cannot write what it has to, such as on a full disk. It can be resumed. */
public final class RunStoppedException extends IOException {

  @Serial private static final long serialVersionUID = 1L;

  private final transient RunFolder folder;
  private final @Nullable Long step;

  /**
   * The end of a run.
   *
   * @param message what cannot be written
   * @param folder of the run
   * @param step of the last good checkpoint; null where there is none yet
   * @param cause why
   */
  public RunStoppedException(
      String message, RunFolder folder, @Nullable Long step, IOException cause) {
    super(message, cause);
    this.folder = folder;
    this.step = step;
  }

  /** Where the run is. */
  public RunFolder folder() {
    return folder;
  }

  /** The step of the last good checkpoint; null where there is none yet. */
  public @Nullable Long step() {
    return step;
  }
}
