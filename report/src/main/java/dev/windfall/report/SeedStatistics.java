package dev.windfall.report;

import java.util.Collection;
import org.apache.commons.math3.stat.descriptive.SummaryStatistics;
import org.jspecify.annotations.Nullable;

/**
 * A figure over several seeds.
 *
 * @param mean over the seeds
 * @param standardDeviation of the sample (n − 1); null for a single seed, which tells nothing of it
 * @param seeds n
 */
public record SeedStatistics(double mean, @Nullable Double standardDeviation, int seeds) {

  /**
   * The statistics of values.
   *
   * @param values one per seed
   * @return null where there are none
   */
  public static @Nullable SeedStatistics of(Collection<Double> values) {
    if (values.isEmpty()) {
      return null;
    }
    SummaryStatistics statistics = new SummaryStatistics();
    values.forEach(statistics::addValue);
    return new SeedStatistics(
        statistics.getMean(),
        values.size() == 1 ? null : statistics.getStandardDeviation(),
        values.size());
  }
}
