package dev.windfall.sparsity;

import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import java.util.Comparator;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.LongStream;

/** Updates of connections by plain sorts over all positions of a small dense tensor. */
final class Updates {

  private Updates() {}

  /** The weight of a linear layer. */
  static Parameter linear(int outputs, int inputs) {
    return new NetworkBuilder("net", Shape.features(inputs))
        .linear("linear", outputs)
        .build()
        .prunable()
        .getFirst();
  }

  /** Larger magnitude first, NaN last, then the lower position. */
  private static Comparator<Long> bestFirst(float[] gradients) {
    return Comparator.<Long>comparingDouble(
            position -> {
              float magnitude = Math.abs(gradients[Math.toIntExact(position)]);
              return Float.isNaN(magnitude) ? 1 : -magnitude;
            })
        .thenComparing(Comparator.naturalOrder());
  }

  /** The best {@code count} positions that do not exist, as an engine finds them. */
  static Candidates candidates(Connectivity connectivity, int count, float[] gradients) {
    long[] best =
        LongStream.range(0, connectivity.positions())
            .filter(position -> !connectivity.contains(position))
            .boxed()
            .sorted(bestFirst(gradients))
            .limit(count)
            .mapToLong(Long::longValue)
            .toArray();
    float[] scores = new float[best.length];
    for (int i = 0; i < best.length; i++) {
      scores[i] = gradients[(int) best[i]];
    }
    return new Candidates(best, scores);
  }

  /** The connections after an update by gradient, from its definition. */
  static Connectivity byDefinition(
      Connectivity before, int[] dropped, float[] gradients, int count) {
    NavigableSet<Long> kept = new TreeSet<>();
    for (long position : before.toPositions()) {
      kept.add(position);
    }
    for (int index : dropped) {
      kept.remove(before.position(index));
    }
    LongStream.range(0, before.positions())
        .boxed()
        .filter(position -> !kept.contains(position))
        .sorted(bestFirst(gradients))
        .limit(count)
        .toList()
        .forEach(kept::add);
    return connectivity(before, kept);
  }

  /** The connections after a change; fails where it drops what is not there or grows what is. */
  static Connectivity apply(Connectivity before, Replacement change) {
    NavigableSet<Long> positions = new TreeSet<>();
    for (long position : before.toPositions()) {
      positions.add(position);
    }
    for (long position : change.dropped()) {
      if (!positions.remove(position)) {
        throw new AssertionError("dropped " + position + ", which does not exist");
      }
    }
    for (long position : change.grown()) {
      if (before.contains(position) || !positions.add(position)) {
        throw new AssertionError("grew " + position + ", which exists");
      }
    }
    return connectivity(before, positions);
  }

  private static Connectivity connectivity(Connectivity shape, NavigableSet<Long> positions) {
    return Connectivity.ofPositions(
        shape.rows(), shape.rowLength(), positions.stream().mapToLong(Long::longValue).toArray());
  }
}
