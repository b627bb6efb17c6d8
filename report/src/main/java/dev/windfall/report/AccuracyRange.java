package dev.windfall.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;

/**
 * What a chart's vertical axis spans. A training that failed would press all others into a strip:
 * points more than three interquartile ranges below the lower quartile (Tukey 1977) are left
 * outside, and named instead, where the axis would be much longer with them.
 *
 * @param lowest in percent
 * @param highest in percent
 * @param outside points below the lowest
 */
record AccuracyRange(double lowest, double highest, List<AccuracyChart.Point> outside) {

  private static final double MARGIN = 0.05;

  /** Points that make the range no more than this many times as long stay in it. */
  private static final double LITTLE_MORE = 1.5;

  /** The range of at least one point. */
  static AccuracyRange of(List<AccuracyChart.Point> points) {
    DescriptiveStatistics accuracies = new DescriptiveStatistics();
    points.forEach(point -> accuracies.addValue(point.accuracy()));
    double quartile = accuracies.getPercentile(25);
    double least = quartile - 3 * (accuracies.getPercentile(75) - quartile);
    AccuracyRange all = around(points, List.of());
    AccuracyRange most =
        around(
            points.stream().filter(point -> point.accuracy() >= least).toList(),
            points.stream().filter(point -> point.accuracy() < least).toList());
    return all.length() <= LITTLE_MORE * most.length() ? all : most;
  }

  private static AccuracyRange around(
      List<AccuracyChart.Point> points, List<AccuracyChart.Point> outside) {
    DescriptiveStatistics ends = new DescriptiveStatistics();
    for (AccuracyChart.Point point : points) {
      double deviation = point.deviation() == null ? 0 : point.deviation();
      ends.addValue(100 * (point.accuracy() - deviation));
      ends.addValue(100 * (point.accuracy() + deviation));
    }
    double margin = Math.max(MARGIN * (ends.getMax() - ends.getMin()), 0.1);
    return new AccuracyRange(ends.getMin() - margin, ends.getMax() + margin, outside);
  }

  private double length() {
    return highest - lowest;
  }

  /** Names the points outside: nothing where there are none. */
  String note() {
    return outside.isEmpty()
        ? ""
        : outside.stream()
            .map(
                point ->
                    String.format(Locale.ROOT, "%s %.1f", point.line(), 100 * point.accuracy()))
            .collect(Collectors.joining(", ", "; below: ", " %"));
  }
}
