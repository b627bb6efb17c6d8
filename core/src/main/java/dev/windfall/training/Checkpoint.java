package dev.windfall.training;

import dev.windfall.engine.State;
import dev.windfall.network.Network;
import dev.windfall.sparsity.Connectivity;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A training at rest: which network, how far it has come, and the session's state. Independent of
 * engine, clock and machine.
 *
 * <p>As tensors: {@code T.values}, {@code T.momentum} and, of an optimizer that has them, {@code
 * T.variance} in connection order (F32), and for a sparse tensor T {@code T.rows} (I64, where each
 * row begins, and the end) and {@code T.columns} (I32). The metadata holds the dense shape of a
 * weight (OIHW) as {@code T.shape}, and the optimizer's steps as {@code optimizer-steps}. Metrics
 * by layer, where they are switched on, add {@code T.ever-rows} and {@code T.ever-columns} (the
 * connections ever active, as rows and columns) and {@code T.replaced} (I64, one number). A
 * training that averages weights adds {@code T.average} (F32), and {@code weights-averaged}, how
 * many weights these are the mean of, to the metadata.
 *
 * @param model the network's name
 * @param progress how far the training has come
 * @param metrics what the metrics have summed since their last line
 * @param history what metrics by layer remember
 * @param average of the weights taken so far
 * @param shapes dense extents of every prunable tensor, by name
 * @param state values, connections and what the optimizer keeps
 */
public record Checkpoint(
    String model,
    Progress progress,
    MetricsWindow metrics,
    LayerHistory history,
    WeightAverage average,
    Map<String, List<Integer>> shapes,
    State state) {

  private static final String EVER_ROWS = ".ever-rows";
  private static final String EVER_COLUMNS = ".ever-columns";
  private static final String REPLACED = ".replaced";
  private static final String AVERAGE = ".average";
  private static final String AVERAGED = "weights-averaged";

  /** Copies the map. */
  public Checkpoint {
    shapes = Map.copyOf(shapes);
  }

  /** A checkpoint of a network that is being trained. */
  public static Checkpoint of(
      Network network,
      Progress progress,
      MetricsWindow metrics,
      LayerHistory history,
      WeightAverage average,
      State state) {
    Map<String, List<Integer>> shapes = StoredState.of(network, state).shapes();
    return new Checkpoint(network.name(), progress, metrics, history, average, shapes, state);
  }

  /** The dense shapes and the optimizer's steps as metadata of the tensors' file. */
  SortedMap<String, String> metadata() {
    SortedMap<String, String> metadata = new StoredState(shapes, state).metadata();
    if (!average.isEmpty()) {
      metadata.put(AVERAGED, Long.toString(average.count()));
    }
    return metadata;
  }

  /** The state as named tensors. */
  SortedMap<String, StoredTensor> tensors() {
    SortedMap<String, StoredTensor> stored = new StoredState(shapes, state).tensors();
    average
        .values()
        .forEach(
            (name, mean) ->
                stored.put(
                    name + AVERAGE, new StoredTensor.Floats(List.of((long) mean.length), mean)));
    history
        .everActive()
        .forEach(
            (name, connections) ->
                StoredState.store(name + EVER_ROWS, name + EVER_COLUMNS, connections, stored));
    history
        .replaced()
        .forEach(
            (name, count) ->
                stored.put(
                    name + REPLACED, new StoredTensor.Longs(List.of(1L), new long[] {count})));
    return stored;
  }

  /**
   * The checkpoint of a tensors' file.
   *
   * @throws IllegalArgumentException naming the tensor that is incomplete or inconsistent
   */
  static Checkpoint of(
      String model, Progress progress, MetricsWindow metrics, SafetensorsReader.Contents contents) {
    StoredState stored =
        StoredState.of(contents, List.of(EVER_ROWS, EVER_COLUMNS, REPLACED, AVERAGE));
    return new Checkpoint(
        model,
        progress,
        metrics,
        history(stored.shapes(), contents.tensors()),
        average(contents, stored.state()),
        stored.shapes(),
        stored.state());
  }

  /** An average has a mean for each value that is trained, and for no other. */
  private static WeightAverage average(SafetensorsReader.Contents contents, State state) {
    String counted = contents.metadata().getOrDefault(AVERAGED, "0");
    if (!counted.matches("\\d{1,18}")) {
      throw new IllegalArgumentException(
          "metadata '%s' must be a number of averaged weights, not %s"
              .formatted(AVERAGED, counted));
    }
    Map<String, float[]> means = new TreeMap<>();
    state
        .tensors()
        .forEach(
            (name, tensor) -> {
              float @Nullable [] mean =
                  StoredState.slot(name, AVERAGE, tensor.values().length, contents.tensors());
              boolean isExpected = !counted.matches("0+") && tensor.momentum() != null;
              if ((mean != null) != isExpected) {
                throw new IllegalArgumentException(
                    "tensor '%s' has %s average of the weights, of which metadata '%s' counts %s"
                        .formatted(name, mean == null ? "no" : "an", AVERAGED, counted));
              }
              if (mean != null) {
                means.put(name, mean);
              }
            });
    return means.isEmpty() ? WeightAverage.NONE : new WeightAverage(Long.parseLong(counted), means);
  }

  private static LayerHistory history(
      Map<String, List<Integer>> shapes, Map<String, StoredTensor> stored) {
    Map<String, Connectivity> everActive = new TreeMap<>();
    Map<String, Long> replaced = new TreeMap<>();
    shapes.forEach(
        (name, shape) -> {
          if (stored.containsKey(name + EVER_ROWS) || stored.containsKey(name + EVER_COLUMNS)) {
            everActive.put(
                name,
                StoredState.connectivity(
                    name, shape, stored.get(name + EVER_ROWS), stored.get(name + EVER_COLUMNS)));
          }
          if (stored.containsKey(name + REPLACED)) {
            replaced.put(name, count(name + REPLACED, stored.get(name + REPLACED)));
          }
        });
    return new LayerHistory(everActive, replaced);
  }

  private static long count(String name, @Nullable StoredTensor stored) {
    if (stored instanceof StoredTensor.Longs longs
        && longs.length() == 1
        && longs.values()[0] >= 0) {
      return longs.values()[0];
    }
    throw new IllegalArgumentException("tensor '%s' must be one count of I64".formatted(name));
  }
}
