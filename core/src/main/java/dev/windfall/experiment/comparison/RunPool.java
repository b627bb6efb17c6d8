package dev.windfall.experiment.comparison;

import dev.windfall.data.Dataset;
import dev.windfall.data.DatasetChecksum;
import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.RecipeFile;
import dev.windfall.experiment.Run;
import dev.windfall.experiment.RunFolder;
import dev.windfall.experiment.RunPlan;
import dev.windfall.experiment.StoppedRun;
import dev.windfall.training.Checkpoint;
import dev.windfall.training.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries out runs, some at a time, each in a folder of its own. A finished run is not repeated,
 * one that was stopped goes on, and one that fails leaves the others alone, but for those that need
 * it.
 *
 * @param <R> the kind of runs
 */
public final class RunPool<R extends PooledRun> {

  private final Path runs;
  private final Map<String, Dataset> datasets;
  private final int threads;
  private final Map<String, String> checksums = new HashMap<>();
  private final Map<Path, String> fileChecksums = new HashMap<>();
  private final Preparation<R> preparation;

  /** Makes what a run begins with, before the run is planned. */
  @FunctionalInterface
  public interface Preparation<R> {
    /**
     * Makes it, unless it is there. The runs that this one needs are finished.
     *
     * @throws IOException where it cannot be made
     */
    void prepare(R run) throws IOException;
  }

  /** Hears of the runs that are carried out; one call at a time. */
  public interface Listener<R> {
    /** A run begins, or goes on. */
    void begun(R run);

    /** A run is over. */
    void ended(R run, RunResult result);
  }

  /**
   * A pool that has not begun.
   *
   * @param runs the folder of the runs' folders
   * @param datasets that are open, by name
   * @param threads computing threads of each run; 0 for one per processor
   */
  public RunPool(Path runs, Map<String, Dataset> datasets, int threads) {
    this(runs, datasets, threads, run -> {});
  }

  /** A pool whose runs begin with something that must be made first. */
  public RunPool(
      Path runs, Map<String, Dataset> datasets, int threads, Preparation<R> preparation) {
    this.runs = runs;
    this.datasets = Map.copyOf(datasets);
    this.threads = threads;
    this.preparation = preparation;
  }

  /** Whether a run is finished. */
  public boolean isFinished(R run) {
    return run.folder(runs).isFinished();
  }

  /**
   * Makes sure that a run's folder, where there is one, was made by the recipe that the comparison
   * has now. Threads do not count: results do not depend on them. Data, masks, tickets and teachers
   * may have moved to another folder, if they are the same.
   *
   * @throws IllegalArgumentException where it was made by another one, or a run that it began with
   *     is not there any more
   * @throws IOException where the folder cannot be read
   */
  public void requireSameRecipe(R run) throws IOException {
    RunFolder folder = run.folder(runs);
    if (!Files.exists(folder.provenance())) {
      return;
    }
    requireNeeds(run);
    preparation.prepare(run);
    String source = folder.recipe().toString();
    Recipe now = RunPlan.resolved(recipe(run), dataset(run));
    RecipeDraft made =
        folder.readRecipe().with(List.of("run", "threads"), Integer.toString(threads), source);
    boolean hasSameFiles = true;
    if (!Objects.equals(made.recipe().data().dir(), now.data().dir())) {
      made = made.withData(now.data().dir(), source);
      hasSameFiles = folder.readDataChecksum().equals(checksum(run.data()));
    }
    for (RecipeFile file : RecipeFile.values()) {
      @Nullable String path = file.path(now);
      if (path != null) {
        made = made.withText(file.field(), path, source);
        hasSameFiles &= folder.readChecksum(file).equals(fileChecksum(Path.of(path)));
      }
    }
    if (!hasSameFiles || !made.recipe().equals(now)) {
      throw new IllegalArgumentException(
          "%s was made by another recipe or other data than it now has; give the whole another name, or take that folder away"
              .formatted(folder.path()));
    }
  }

  private void requireNeeds(R run) {
    for (PooledRun need : run.needs()) {
      if (!need.folder(runs).isFinished()) {
        throw new IllegalArgumentException(
            "%s began with what %s ended with, which is not there any more; put that back, or take the first away, too"
                .formatted(run.folder(runs).path(), need.folder(runs).path()));
      }
    }
  }

  private String checksum(String data) {
    return checksums.computeIfAbsent(
        data, name -> DatasetChecksum.sha256(Objects.requireNonNull(datasets.get(name))));
  }

  /** One teacher is that of many runs. */
  private String fileChecksum(Path file) throws IOException {
    @Nullable String known = fileChecksums.get(file);
    if (known == null) {
      known = Sha256.of(file);
      fileChecksums.put(file, known);
    }
    return known;
  }

  /**
   * Carries out runs.
   *
   * @param wanted the runs, in the order in which they begin, but that a run waits for those that
   *     it needs
   * @param parallel how many at a time, at least 1
   * @param isStopping asked before every step: yes ends all runs there, with checkpoints
   * @param listener hears of every run that was not finished already
   * @return what became of each, in the order of {@code wanted}
   */
  public Map<R, RunResult> execute(
      List<R> wanted, int parallel, BooleanSupplier isStopping, Listener<R> listener) {
    RunQueue<R> queue = new RunQueue<>(wanted);
    List<Future<?>> workers = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(parallel)) {
      for (int worker = 0; worker < parallel; worker++) {
        workers.add(executor.submit(() -> work(queue, isStopping, listener)));
      }
    }
    workers.forEach(RunPool::await);
    return queue.results();
  }

  private static void await(Future<?> worker) {
    try {
      worker.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a run's failure is its result", e);
    }
  }

  private void work(RunQueue<R> queue, BooleanSupplier isStopping, Listener<R> listener) {
    for (Optional<R> next = queue.take(); next.isPresent(); next = queue.take()) {
      R run = next.get();
      RunResult result = new RunResult.Failed(new IllegalStateException("the run broke off"));
      try {
        result = result(run, queue.failedNeed(run), isStopping, listener);
      } finally {
        queue.put(run, result); // Others may wait for it.
      }
    }
  }

  private RunResult result(
      R run, Optional<RunResult> failedNeed, BooleanSupplier isStopping, Listener<R> listener) {
    if (isFinished(run)) {
      return carriedOut(run, isStopping);
    }
    if (failedNeed.isPresent()) {
      return failedNeed.get();
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
  private RunResult carriedOut(R run, BooleanSupplier isStopping) {
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

  private Run.Outcome outcome(R run, RunFolder folder, BooleanSupplier isStopping)
      throws IOException {
    preparation.prepare(run);
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
  public RunPlan plan(R run) {
    return RunPlan.of(recipe(run), dataset(run));
  }

  /**
   * The end of a finished run whose layers have lost or won connections on the way.
   *
   * @return null for other runs
   * @throws IOException where it cannot be read
   */
  public StepTimer.@Nullable End end(R run) throws IOException {
    RunFolder folder = run.folder(runs);
    if (!RunPlan.method(recipe(run)).changesDensities() || !folder.isFinished()) {
      return null;
    }
    long steps = folder.readSummary().steps();
    return folder
        .checkpoints()
        .newest(damage -> {})
        .map(last -> new StepTimer.End(last.state(), forwardFlops(last) / steps))
        .orElse(null);
  }

  private static double forwardFlops(Checkpoint checkpoint) {
    return checkpoint.progress().forwardFlops();
  }

  private Recipe recipe(R run) {
    return run.recipe(runs, threads);
  }

  private Dataset dataset(R run) {
    return Objects.requireNonNull(datasets.get(run.data()), "all data sets are open");
  }
}
