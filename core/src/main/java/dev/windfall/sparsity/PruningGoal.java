package dev.windfall.sparsity;

import dev.windfall.sparsity.LayerDensities.LayerDensity;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Down to what a dense network is pruned, and how its layers share the way there: each has a goal
 * of its own, or some are ranked together by one threshold.
 *
 * @param layers the connections that are left at the end; of layers that are ranked together only
 *     their sum counts
 * @param together names of the tensors that are ranked together; may be empty
 */
public record PruningGoal(LayerDensities layers, Set<String> together) {

  /** Copies the set. */
  public PruningGoal {
    together = Collections.unmodifiableSet(new TreeSet<>(together));
  }

  /**
   * The share of the way that gradual pruning has gone: 1 − (1 − progress)³, so that the sparsity
   * is s(t) = s + (0 − s)(1 − progress)³ (Zhu &amp; Gupta 2017, equation 1).
   *
   * @param progress from 0 to 1
   */
  public static double cubic(double progress) {
    double left = 1 - progress;
    return 1 - left * left * left;
  }

  /** How many connections of a layer, or of all those ranked together, are left after a share. */
  private static long left(long weights, long goal, double share) {
    return weights - DecimalFraction.of(share).floorOf(weights - goal);
  }

  /** The layers of which connections go, in network order. */
  public List<LayerDensity> pruned() {
    return layers.layers().stream()
        .filter(layer -> together.contains(layer.weight().name()) || !layer.isDense())
        .toList();
  }

  /**
   * The connections that a step of pruning drops by magnitude: those of {@link #lowest} magnitude.
   *
   * @param values of the existing connections of every tensor that is {@link #pruned}, by name, in
   *     network order
   * @param share of the way that is gone after this step, from 0 to 1
   * @return indices of the dropped ones, ascending, by tensor name; tensors that lose none are left
   *     out
   */
  public Map<String, int[]> dropped(Map<String, float[]> values, double share) {
    Map<String, float[]> magnitudes = new LinkedHashMap<>();
    values.forEach((tensor, own) -> magnitudes.put(tensor, magnitudes(own)));
    return lowest(magnitudes, share);
  }

  private static float[] magnitudes(float[] values) {
    float[] magnitudes = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      magnitudes[i] = Math.abs(values[i]);
    }
    return magnitudes;
  }

  /**
   * The connections of lowest score; of equal ones those of the earlier layer, then position, go
   * first. The last connection of a layer never goes.
   *
   * @param scores of the existing connections of every tensor that is {@link #pruned}, by name, in
   *     network order; those below 0 go first
   * @param share of the way that is gone after this step, from 0 to 1
   * @return indices of the dropped ones, ascending, by tensor name; tensors that lose none are left
   *     out
   */
  public Map<String, int[]> lowest(Map<String, float[]> scores, double share) {
    Map<String, int[]> dropped = new LinkedHashMap<>();
    for (LayerDensity layer : layers.layers()) {
      String tensor = layer.weight().name();
      float[] own = scores.get(tensor);
      if (own != null && !together.contains(tensor)) {
        long left = left(layer.weight().elements(), layer.connections(), share);
        put(dropped, tensor, TopologyUpdate.lowest(own, count(own.length - left)));
      }
    }
    if (!together.isEmpty()) {
      lowestTogether(scores, share).forEach((tensor, own) -> put(dropped, tensor, own));
    }
    return dropped;
  }

  private Map<String, int[]> lowestTogether(Map<String, float[]> scores, double share) {
    List<LayerDensity> ranked =
        layers.layers().stream().filter(one -> together.contains(one.weight().name())).toList();
    int existing = 0;
    for (LayerDensity layer : ranked) {
      existing = Math.addExact(existing, of(layer, scores).length);
    }
    float[] all = new float[existing];
    int from = 0;
    for (LayerDensity layer : ranked) {
      float[] own = of(layer, scores);
      System.arraycopy(own, 0, all, from, own.length);
      // No number ranks above every other, so the best of each layer is kept.
      all[from + best(own)] = Float.NaN;
      from += own.length;
    }
    long weights = ranked.stream().mapToLong(layer -> layer.weight().elements()).sum();
    long goal = ranked.stream().mapToLong(LayerDensity::connections).sum();
    int count = count(existing - Math.max(ranked.size(), left(weights, goal, share)));
    int[] lowest = TopologyUpdate.lowest(all, count);
    Map<String, int[]> dropped = new LinkedHashMap<>();
    int next = 0;
    from = 0;
    for (LayerDensity layer : ranked) {
      int to = from + of(layer, scores).length;
      int first = next;
      while (next < lowest.length && lowest[next] < to) {
        next++;
      }
      int start = from;
      dropped.put(
          layer.weight().name(),
          Arrays.stream(lowest, first, next).map(index -> index - start).toArray());
      from = to;
    }
    return dropped;
  }

  private static float[] of(LayerDensity layer, Map<String, float[]> scores) {
    float[] own = scores.get(layer.weight().name());
    if (own == null || own.length == 0) {
      throw new IllegalArgumentException(
          "the connections of %s are missing".formatted(layer.weight().name()));
    }
    return own;
  }

  private static int best(float[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      if (RankThreshold.lowestFirst(scores[i]) > RankThreshold.lowestFirst(scores[best])) {
        best = i;
      }
    }
    return best;
  }

  private static int count(long connections) {
    return Math.toIntExact(Math.max(0, connections));
  }

  private static void put(Map<String, int[]> dropped, String tensor, int[] indices) {
    if (indices.length > 0) {
      dropped.put(tensor, indices);
    }
  }
}
