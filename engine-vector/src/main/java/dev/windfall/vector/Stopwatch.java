package dev.windfall.vector;

import dev.windfall.engine.TimeShares;
import java.util.LinkedHashMap;
import java.util.Map;

/** Adds up the time of each kind of work, and of each layer. Nested times belong to the inner. */
final class Stopwatch {

  /** What is not worth a name of its own. */
  static final String OTHER = "other";

  /** The layer of work that is not one convolution's or linear layer's. */
  static final String NO_LAYER = "";

  private final Map<String, Long> byKind = new LinkedHashMap<>();
  private final Map<String, Long> byLayer = new LinkedHashMap<>();
  private long nested;

  /** Runs a piece of work and books its time. */
  void time(String kind, Runnable work) {
    time(kind, NO_LAYER, work);
  }

  /** Runs a piece of a layer's work and books its time. */
  void time(String kind, String layer, Runnable work) {
    long before = nested;
    nested = 0;
    long start = System.nanoTime();
    work.run();
    long elapsed = System.nanoTime() - start;
    byKind.merge(kind, elapsed - nested, Long::sum);
    if (!layer.equals(NO_LAYER)) {
      byLayer.merge(layer, elapsed - nested, Long::sum);
    }
    nested = before + elapsed;
  }

  /** The times so far. */
  TimeShares shares() {
    return new TimeShares(new LinkedHashMap<>(byKind), new LinkedHashMap<>(byLayer));
  }
}
