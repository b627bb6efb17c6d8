package dev.windfall.training;

import dev.windfall.sparsity.Connectivity;
import java.util.Map;

/**
 * What metrics by layer remember of the past. Its memory goes with the connections ever active: 4
 * bytes each, and 8 a row.
 *
 * @param everActive by tensor name, the connections that have ever existed; empty where nobody asks
 * @param replaced by tensor name, connections replaced since the metrics' last line; empty where
 *     nobody asks
 */
public record LayerHistory(Map<String, Connectivity> everActive, Map<String, Long> replaced) {

  /** Nothing remembered. */
  public static final LayerHistory NONE = new LayerHistory(Map.of(), Map.of());

  /** Copies the maps. */
  public LayerHistory {
    everActive = Map.copyOf(everActive);
    replaced = Map.copyOf(replaced);
  }
}
