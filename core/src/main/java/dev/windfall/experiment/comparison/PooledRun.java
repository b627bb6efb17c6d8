package dev.windfall.experiment.comparison;

import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RunFolder;
import java.nio.file.Path;
import java.util.List;

/** One of many runs that belong together, in a {@link RunPool}. */
public interface PooledRun {

  /** The name of the run, and of its folder. */
  String name();

  /** Names what it has in common with the runs that differ by the seed alone. */
  String key();

  /** The data set's name. */
  String data();

  /**
   * The recipe, not yet resolved.
   *
   * @param runs the folder of the runs' folders
   * @param threads computing threads
   */
  Recipe recipe(Path runs, int threads);

  /** The runs whose results this one begins with; each stands before it in the pool's list. */
  List<? extends PooledRun> needs();

  /** Where the run is, or will be. */
  default RunFolder folder(Path runs) {
    return new RunFolder(runs.resolve(name()));
  }
}
