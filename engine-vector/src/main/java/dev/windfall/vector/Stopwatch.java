package dev.windfall.vector;

import java.util.LinkedHashMap;
import java.util.Map;

/** Adds up the time of each kind of work. Nested times belong to the inner kind only. */
final class Stopwatch {

  /** What is not worth a name of its own. */
  static final String OTHER = "other";

  private final Map<String, Long> nanoseconds = new LinkedHashMap<>();
  private long nested;

  /** Runs a piece of work and books its time. */
  void time(String kind, Runnable work) {
    long before = nested;
    nested = 0;
    long start = System.nanoTime();
    work.run();
    long elapsed = System.nanoTime() - start;
    nanoseconds.merge(kind, elapsed - nested, Long::sum);
    nested = before + elapsed;
  }

  /** The times so far, by kind. */
  Map<String, Long> nanosecondsByKind() {
    return new LinkedHashMap<>(nanoseconds);
  }
}
