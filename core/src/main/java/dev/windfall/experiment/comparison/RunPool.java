package dev.windfall.experiment.comparison;

import dev.windfall.data.Dataset;
import dev.windfall.data.DatasetChecksum;
import dev.windfall.engine.State;
import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.Run;
import dev.windfall.experiment.RunFolder;
import dev.windfall.experiment.RunPlan;
import dev.windfall.experiment.StoppedRun;
import dev.windfall.training.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the runs of a comparison, some at a time, each in a folder of its own. A finished run
 * is not repeated, one that was stopped goes on, and one that fails leaves the others alone.
 */
public final class RunPool {

  private final Path runs;
  private final Map<String, Dataset> datasets;
  private final int threads;
  private final Map<String, String> checksums = new HashMap<>();

  /** Hears of the runs that are carried out; one call at a time. */
  public interface Listener {
    /** A run begins, or goes on. */
    void begun(ComparisonRun run);

    /** A run is over. */
    void ended(ComparisonRun run, RunResult result);
  }

  /**
   * A pool that has not begun.
   *
   * @param runs the folder of the runs' folders
   * @param datasets that are open, by name
   * @param threads computing threads of each run; 0 for one per processor
   */
  public RunPool(Path runs, Map<String, Dataset> datasets, int threads) {
    this.runs = runs;
    this.datasets = Map.copyOf(datasets);
    this.threads = threads;
  }

  /** Whether a run is finished. */
  public boolean isFinished(ComparisonRun run) {
    return run.folder(runs).isFinished();
  }

  /**
   * Makes sure that a run's folder, where there is one, was made by the recipe that the comparison
   * has now. Threads do not count: results do not depend on them. Data may have moved to another
   * folder, if it is the same.
   *
   * @throws IllegalArgumentException where it was made by another one
   * @throws IOException where the folder cannot be read
   */
  public void requireSameRecipe(ComparisonRun run) throws IOException {
    RunFolder folder = run.folder(runs);
    if (!Files.exists(folder.provenance())) {
      return;
    }
    String source = folder.recipe().toString();
    Recipe now = RunPlan.resolved(recipe(run), dataset(run));
    RecipeDraft made =
        folder.readRecipe().with(List.of("run", "threads"), Integer.toString(threads), source);
    boolean hasSameData = true;
    if (!Objects.equals(made.recipe().data().dir(), now.data().dir())) {
      made = made.withData(now.data().dir(), source);
      hasSameData = folder.readDataChecksum().equals(checksum(run.row().data()));
    }
    if (!hasSameData || !made.recipe().equals(now)) {
      throw new IllegalArgumentException(
          "%s was made by another recipe or other data than the comparison now has; give the comparison another name, or take that folder away"
              .formatted(folder.path()));
    }
  }

  private String checksum(String data) {
    return checksums.computeIfAbsent(
        data, name -> DatasetChecksum.sha256(Objects.requireNonNull(datasets.get(name))));
  }

  /**
   * Carries out runs.
   *
   * @param wanted the runs, in the order in which they begin
   * @param parallel how many at a time, at least 1
   * @param isStopping asked before every step: yes ends all runs there, with checkpoints
   * @param listener hears of every run that was not finished already
   * @return what became of each, in the order of {@code wanted}
   */
  public Map<ComparisonRun, RunResult> execute(
      List<ComparisonRun> wanted, int parallel, BooleanSupplier isStopping, Listener listener) {
    Map<ComparisonRun, RunResult> results = new LinkedHashMap<>();
    try (ExecutorService workers = Executors.newFixedThreadPool(parallel)) {
      List<Future<RunResult>> futures = new ArrayList<>();
      for (ComparisonRun run : wanted) {
        futures.add(workers.submit(() -> result(run, isStopping, listener)));
      }
      for (int i = 0; i < wanted.size(); i++) {
        results.put(wanted.get(i), awaited(futures.get(i)));
      }
    }
    return results;
  }

  private static RunResult awaited(Future<RunResult> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new RunResult.Stopped();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a run's failure is its result", e);
    }
  }

  private RunResult result(ComparisonRun run, BooleanSupplier isStopping, Listener listener) {
    if (isFinished(run)) {
      return carriedOut(run, isStopping);
    }
    if (isStopping.getAsBoolean()) {
      return new RunResult.Stopped();
    }
    synchronized (listener) {
      listener.begun(run);
    }
    RunResult result = carriedOut(run, isStopping);
    synchronized (listener) {
      listener.ended(run, result);
    }
    return result;
  }

  /** A run may fail in any way; even one that is too large for the memory leaves the others be. */
  private RunResult carriedOut(ComparisonRun run, BooleanSupplier isStopping) {
    try {
      RunFolder folder = run.folder(runs);
      if (folder.isFinished()) {
        return new RunResult.Finished(folder.readSummary());
      }
      return switch (outcome(run, folder, isStopping)) {
        case Run.Finished finished -> new RunResult.Finished(finished.summary());
        case Run.Stopped _ -> new RunResult.Stopped();
      };
    } catch (Exception | OutOfMemoryError e) {
      return new RunResult.Failed(e);
    }
  }

  private Run.Outcome outcome(ComparisonRun run, RunFolder folder, BooleanSupplier isStopping)
      throws IOException {
    if (Files.exists(folder.provenance())) {
      try (StoppedRun stopped = StoppedRun.open(folder, _ -> plan(run))) {
        return new Run(stopped, event -> {}).execute(isStopping);
      }
    }
    return new Run(plan(run), () -> made(folder), event -> {}).execute(isStopping);
  }

  /** A folder without provenance is that of a run that was killed before it began. */
  private static RunFolder made(RunFolder folder) throws IOException {
    Files.createDirectories(folder.path());
    return folder;
  }

  /** What a run does; nothing is trained yet. */
  public RunPlan plan(ComparisonRun run) {
    return RunPlan.of(recipe(run), dataset(run));
  }

  /**
   * The state at the end of a finished run whose network has lost connections on the way.
   *
   * @return null for other runs
   * @throws IOException where it cannot be read
   */
  public @Nullable State prunedState(ComparisonRun run) throws IOException {
    RunFolder folder = run.folder(runs);
    if (!RunPlan.method(recipe(run)).sparsification().prunes() || !folder.isFinished()) {
      return null;
    }
    return folder.checkpoints().newest(damage -> {}).map(Checkpoint::state).orElse(null);
  }

  private Recipe recipe(ComparisonRun run) {
    return run.row().recipe(run.seed(), threads);
  }

  private Dataset dataset(ComparisonRun run) {
    return Objects.requireNonNull(datasets.get(run.row().data()), "all data sets are open");
  }
}
