package dev.windfall.experiment.comparison;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Runs that wait for their turn: the first in the list of which all that it needs is over.
 *
 * @param <R> the kind of runs
 */
final class RunQueue<R extends PooledRun> {

  private final List<R> runs;
  private final Set<String> taken = new HashSet<>();
  private final Map<String, RunResult> over = new HashMap<>();

  /**
   * A queue of runs.
   *
   * @param runs each after those that it needs
   * @throws IllegalArgumentException naming a run that is needed and does not stand before
   */
  RunQueue(List<R> runs) {
    this.runs = List.copyOf(runs);
    Set<String> before = new HashSet<>();
    for (R run : runs) {
      for (PooledRun need : run.needs()) {
        if (!before.contains(need.name())) {
          throw new IllegalArgumentException(
              "%s needs %s, which does not stand before it".formatted(run.name(), need.name()));
        }
      }
      before.add(run.name());
    }
  }

  /** The next run; waits until there is one, and is empty when none is left. */
  synchronized Optional<R> take() {
    while (taken.size() < runs.size()) {
      for (R run : runs) {
        if (!taken.contains(run.name()) && isReady(run)) {
          taken.add(run.name());
          return Optional.of(run);
        }
      }
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private boolean isReady(R run) {
    return run.needs().stream().allMatch(need -> over.containsKey(need.name()));
  }

  /** A run is over. */
  synchronized void put(R run, RunResult result) {
    over.put(run.name(), result);
    notifyAll();
  }

  /** What becomes of a run of which something that it needs is not there. */
  synchronized Optional<RunResult> failedNeed(R run) {
    for (PooledRun need : run.needs()) {
      RunResult result = over.get(need.name());
      if (result instanceof RunResult.Stopped) {
        return Optional.of(new RunResult.Stopped());
      }
      if (!(result instanceof RunResult.Finished)) {
        return Optional.of(
            new RunResult.Failed(
                new IOException("it needs %s, which failed".formatted(need.name()))));
      }
    }
    return Optional.empty();
  }

  /** What became of each run, in their order; a run that was never taken was stopped. */
  synchronized Map<R, RunResult> results() {
    Map<R, RunResult> results = new LinkedHashMap<>();
    runs.forEach(run -> results.put(run, over.getOrDefault(run.name(), new RunResult.Stopped())));
    return results;
  }
}
