package dev.windfall.cli;

import java.util.stream.DoubleStream;

/** The middle of several measurements. */
final class Median {

  private Median() {}

  /** The middle value, or the mean of the two in the middle; at least one is needed. */
  static double of(DoubleStream measurements) {
    double[] sorted = measurements.sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
