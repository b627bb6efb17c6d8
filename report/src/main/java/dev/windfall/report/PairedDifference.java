package dev.windfall.report;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.math3.distribution.TDistribution;
import org.jspecify.annotations.Nullable;

/**
 * How far a figure is from that of a reference, seed by seed: runs of the same seed share data
 * order and initial weights, so that much of what a seed does to both falls out of the difference.
 *
 * @param mean of the differences
 * @param low end of the confidence interval, by Student's t-distribution with n − 1 degrees of
 *     freedom; null for a single pair
 * @param high end of the confidence interval; null for a single pair
 * @param pairs n
 */
public record PairedDifference(
    double mean, @Nullable Double low, @Nullable Double high, int pairs) {

  /** Of the intervals. */
  public static final double CONFIDENCE = 0.95;

  /**
   * The difference over the seeds that both have.
   *
   * @param values by seed
   * @param reference by seed, which is subtracted
   * @return null where they have no seed in common
   */
  public static @Nullable PairedDifference of(
      Map<Long, Double> values, Map<Long, Double> reference) {
    List<Double> differences =
        values.entrySet().stream()
            .filter(value -> reference.containsKey(value.getKey()))
            .map(value -> value.getValue() - Objects.requireNonNull(reference.get(value.getKey())))
            .toList();
    SeedStatistics statistics = SeedStatistics.of(differences);
    if (statistics == null) {
      return null;
    }
    double mean = statistics.mean();
    int pairs = statistics.seeds();
    Double deviation = statistics.standardDeviation();
    if (deviation == null) {
      return new PairedDifference(mean, null, null, pairs);
    }
    double quantile =
        new TDistribution(pairs - 1).inverseCumulativeProbability((1 + CONFIDENCE) / 2);
    double half = quantile * deviation / Math.sqrt(pairs);
    return new PairedDifference(mean, mean - half, mean + half, pairs);
  }
}
