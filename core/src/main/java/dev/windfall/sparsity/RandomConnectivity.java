package dev.windfall.sparsity;

import dev.windfall.network.Parameter;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.LayerDensities.LayerDensity;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Random connections: an exact number of them, each set as likely as any other. A pure function of
 * seed and tensor name. Time and memory go with rows and connections, never with the positions of
 * the dense tensor.
 */
public final class RandomConnectivity {

  /** The longest array that every JVM can hold. */
  private static final int MOST_CONNECTIONS = Integer.MAX_VALUE - 8;

  private RandomConnectivity() {}

  /**
   * Draws the connections of every tensor.
   *
   * @param densities how many connections each has
   * @param seed of the run
   * @return by tensor name, in network order
   * @throws IllegalArgumentException as {@link #draw(Parameter, long, long)}
   */
  public static Map<String, Connectivity> draw(LayerDensities densities, long seed) {
    Map<String, Connectivity> result = new LinkedHashMap<>();
    for (LayerDensity layer : densities.layers()) {
      result.put(layer.weight().name(), draw(layer.weight(), layer.connections(), seed));
    }
    return Collections.unmodifiableMap(result);
  }

  /**
   * Draws the connections of one tensor.
   *
   * @param weight the tensor
   * @param connections how many, from 1 to the tensor's elements; all of them make it dense
   * @param seed of the run
   * @throws IllegalArgumentException naming a tensor for which that many are too few, too many, or
   *     more than can be listed (2³¹ − 9)
   */
  public static Connectivity draw(Parameter weight, long connections, long seed) {
    Connectivity dense = Connectivity.dense(weight.rows(), weight.rowLength());
    if (connections < 1 || connections > dense.positions()) {
      throw new IllegalArgumentException(
          "%s: connections must be from 1 to %d, not %d"
              .formatted(weight.name(), dense.positions(), connections));
    }
    if (connections == dense.positions()) {
      return dense;
    }
    if (connections > MOST_CONNECTIONS) {
      throw new IllegalArgumentException(
          "%s: %d connections; a tensor that is not dense can have %d"
              .formatted(weight.name(), connections, MOST_CONNECTIONS));
    }
    StatelessRandom random = StatelessRandom.of(seed, weight.name() + " connections");
    int[] byRow = countByRow(random, dense, connections);
    long[] rowStarts = new long[byRow.length + 1];
    int[] columns = new int[(int) connections];
    int index = 0;
    for (int row = 0; row < byRow.length; row++) {
      for (long column : DistinctNumbers.draw(random, dense.rowLength(), byRow[row])) {
        columns[index++] = (int) column;
      }
      rowStarts[row + 1] = index;
    }
    return Connectivity.owning(dense.rows(), dense.rowLength(), rowStarts, columns);
  }

  /**
   * How many connections each row gets. Positions are drawn one after the other; within its row, a
   * draw stands for one of the free positions or, if its column is beyond their number, is drawn
   * again. So a row is hit in proportion to the free positions that it has left, which is what
   * drawing without replacement means, and no position needs to be remembered. Where more than half
   * of the positions are wanted, those left out are counted instead.
   */
  private static int[] countByRow(StatelessRandom random, Connectivity dense, long connections) {
    long positions = dense.positions();
    boolean inverted = connections > positions - connections;
    long draws = inverted ? positions - connections : connections;
    int[] byRow = new int[dense.rows()];
    while (draws > 0) {
      long position = random.nextLong(positions);
      int row = (int) (position / dense.rowLength());
      long column = position - row * dense.rowLength();
      if (column < dense.rowLength() - byRow[row]) {
        byRow[row]++;
        draws--;
      }
    }
    if (inverted) {
      for (int row = 0; row < byRow.length; row++) {
        byRow[row] = (int) dense.rowLength() - byRow[row];
      }
    }
    return byRow;
  }
}
