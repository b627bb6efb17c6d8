package dev.windfall.report;

import dev.windfall.experiment.Summary;
import dev.windfall.experiment.comparison.RunResult;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The results of runs that differ by the seed alone.
 *
 * @param bySeed every one of them
 */
record SeedResults(Map<Long, RunResult> bySeed) {

  /** Copies the map, with its order. */
  SeedResults {
    bySeed = Collections.unmodifiableMap(new LinkedHashMap<>(bySeed));
  }

  /** Of the finished runs, by seed. */
  Map<Long, Summary> summaries() {
    Map<Long, Summary> summaries = new LinkedHashMap<>();
    bySeed.forEach(
        (seed, result) -> {
          if (result instanceof RunResult.Finished(Summary summary)) {
            summaries.put(seed, summary);
          }
        });
    return summaries;
  }

  /** Of the finished runs, by seed. */
  Map<Long, Double> testAccuracies() {
    return summaries().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, it -> it.getValue().testAccuracy()));
  }

  /** Over the finished runs; null where there are none. */
  @Nullable SeedStatistics testStatistics() {
    return SeedStatistics.of(testAccuracies().values());
  }

  /** Over the finished runs; null where there are none, or no validation samples. */
  @Nullable SeedStatistics validationStatistics() {
    return SeedStatistics.of(
        summaries().values().stream()
            .flatMap(it -> Optional.ofNullable(it.validationAccuracy()).stream())
            .toList());
  }

  /** What went wrong, run by run. */
  List<Throwable> failures() {
    return bySeed.values().stream()
        .filter(RunResult.Failed.class::isInstance)
        .map(it -> ((RunResult.Failed) it).cause())
        .toList();
  }

  /** Over the finished runs; NaN where there are none. */
  double mean(ToDoubleFunction<Summary> figure) {
    return summaries().values().stream().mapToDouble(figure).average().orElse(Double.NaN);
  }

  /** Over the finished runs; null where there are none. */
  @Nullable Double meanOrNull(ToDoubleFunction<Summary> figure) {
    return summaries().isEmpty() ? null : mean(figure);
  }

  /**
   * One line on what went wrong; empty where nothing did.
   *
   * @param failure says a failure in one line
   */
  String note(Function<Throwable, String> failure) {
    return failures().stream()
        .findFirst()
        .map(
            first ->
                "%d of %d runs failed: %s"
                    .formatted(failures().size(), bySeed.size(), failure.apply(first)))
        .orElse("");
  }
}
