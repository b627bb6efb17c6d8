package dev.windfall.training;

import dev.windfall.engine.State;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
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
 * training that averages weights adds {@code T.average} (F32), and {@code weights-averaged}, how many
 * weights these are the mean of, to the metadata.
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

  private static final String VALUES = ".values";
  private static final String MOMENTUM = ".momentum";
  private static final String VARIANCE = ".variance";
  private static final String ROWS = ".rows";
  private static final String COLUMNS = ".columns";
  private static final String EVER_ROWS = ".ever-rows";
  private static final String EVER_COLUMNS = ".ever-columns";
  private static final String REPLACED = ".replaced";
  private static final String AVERAGE = ".average";
  private static final List<String> SUFFIXES =
      List.of(MOMENTUM, VARIANCE, ROWS, COLUMNS, EVER_ROWS, EVER_COLUMNS, REPLACED, AVERAGE);
  private static final String SHAPE = ".shape";
  private static final String OPTIMIZER_STEPS = "optimizer-steps";
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
    Map<String, List<Integer>> shapes =
        network.prunable().stream().collect(Collectors.toMap(Parameter::name, Parameter::shape));
    return new Checkpoint(network.name(), progress, metrics, history, average, shapes, state);
  }

  /** The dense shapes and the optimizer's steps as metadata of the tensors' file. */
  SortedMap<String, String> metadata() {
    SortedMap<String, String> metadata = new TreeMap<>();
    metadata.put(OPTIMIZER_STEPS, Long.toString(state.optimizerSteps()));
    if (!average.isEmpty()) {
      metadata.put(AVERAGED, Long.toString(average.count()));
    }
    shapes.forEach(
        (name, shape) ->
            metadata.put(
                name + SHAPE,
                shape.stream().map(String::valueOf).collect(Collectors.joining(","))));
    return metadata;
  }

  /** The state as named tensors. */
  SortedMap<String, StoredTensor> tensors() {
    SortedMap<String, StoredTensor> stored = new TreeMap<>();
    state.tensors().forEach((name, tensor) -> store(name, tensor, stored));
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
                store(name + EVER_ROWS, name + EVER_COLUMNS, connections, stored));
    history
        .replaced()
        .forEach(
            (name, count) ->
                stored.put(
                    name + REPLACED, new StoredTensor.Longs(List.of(1L), new long[] {count})));
    return stored;
  }

  private void store(String name, State.Tensor tensor, SortedMap<String, StoredTensor> stored) {
    @Nullable Connectivity connections = tensor.connectivity();
    @Nullable List<Integer> dense = shapes.get(name);
    List<Long> shape = List.of((long) tensor.values().length);
    if (connections != null && !connections.isDense()) {
      store(name + ROWS, name + COLUMNS, connections, stored);
    } else if (dense != null) {
      shape = dense.stream().map(Integer::longValue).toList();
    }
    stored.put(name + VALUES, new StoredTensor.Floats(shape, tensor.values()));
    if (tensor.momentum() != null) {
      stored.put(name + MOMENTUM, new StoredTensor.Floats(shape, tensor.momentum()));
    }
    if (tensor.variance() != null) {
      stored.put(name + VARIANCE, new StoredTensor.Floats(shape, tensor.variance()));
    }
  }

  private static void store(
      String rowsName,
      String columnsName,
      Connectivity connections,
      SortedMap<String, StoredTensor> stored) {
    long[] rows =
        LongStream.rangeClosed(0, connections.rows())
            .map(row -> connections.rowStart((int) row))
            .toArray();
    int[] columns = new int[Math.toIntExact(connections.count())];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = connections.column(i);
    }
    stored.put(rowsName, new StoredTensor.Longs(List.of((long) rows.length), rows));
    stored.put(columnsName, new StoredTensor.Ints(List.of((long) columns.length), columns));
  }

  /**
   * The checkpoint of a tensors' file.
   *
   * @throws IllegalArgumentException naming the tensor that is incomplete or inconsistent
   */
  static Checkpoint of(
      String model, Progress progress, MetricsWindow metrics, SafetensorsReader.Contents contents) {
    Map<String, List<Integer>> shapes = new TreeMap<>();
    contents
        .metadata()
        .forEach(
            (key, value) -> {
              if (key.endsWith(SHAPE)) {
                shapes.put(without(SHAPE, key), extents(key, value));
              }
            });
    Map<String, State.Tensor> tensors = new TreeMap<>();
    for (String key : contents.tensors().keySet()) {
      if (key.endsWith(VALUES)) {
        String name = without(VALUES, key);
        tensors.put(name, tensor(name, shapes.get(name), contents.tensors()));
      } else {
        requireOwner(key, contents.tensors());
      }
    }
    if (!tensors.keySet().containsAll(shapes.keySet())) {
      throw new IllegalArgumentException("a tensor with a shape has no values");
    }
    State state = new State(steps(OPTIMIZER_STEPS, contents.metadata(), "nothing"), tensors);
    return new Checkpoint(
        model,
        progress,
        metrics,
        history(shapes, contents.tensors()),
        average(steps(AVERAGED, contents.metadata(), "0"), tensors, contents.tensors()),
        shapes,
        state);
  }

  /** An average has a mean for each value that is trained, and for no other. */
  private static WeightAverage average(
      long count, Map<String, State.Tensor> tensors, Map<String, StoredTensor> stored) {
    Map<String, float[]> means = new TreeMap<>();
    tensors.forEach(
        (name, tensor) -> {
          float[] mean = slot(name, AVERAGE, tensor.values().length, stored);
          if (mean != null) {
            means.put(name, mean);
          }
          boolean isExpected = count > 0 && tensor.momentum() != null;
          if ((mean != null) != isExpected) {
            throw new IllegalArgumentException(
                "tensor '%s' has %s average of the weights, of which metadata '%s' counts %d"
                    .formatted(name, mean == null ? "no" : "an", AVERAGED, count));
          }
        });
    return new WeightAverage(means.isEmpty() ? 0 : count, means);
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
                connectivity(
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

  private static long steps(String key, Map<String, String> metadata, String otherwise) {
    String text = metadata.getOrDefault(key, otherwise);
    if (!text.matches("\\d{1,18}")) {
      throw new IllegalArgumentException(
          "metadata '%s' must be a number of steps, not %s".formatted(key, text));
    }
    return Long.parseLong(text);
  }

  private static void requireOwner(String key, Map<String, StoredTensor> stored) {
    for (String suffix : SUFFIXES) {
      if (key.endsWith(suffix) && stored.containsKey(without(suffix, key) + VALUES)) {
        return;
      }
    }
    throw new IllegalArgumentException("tensor '%s' belongs to no values".formatted(key));
  }

  private static State.Tensor tensor(
      String name, @Nullable List<Integer> dense, Map<String, StoredTensor> stored) {
    float[] values = floats(name + VALUES, stored.get(name + VALUES));
    Connectivity connections =
        dense == null
            ? null
            : connectivity(name, dense, stored.get(name + ROWS), stored.get(name + COLUMNS));
    if (connections != null && connections.count() != values.length) {
      throw new IllegalArgumentException(
          "tensor '%s' has %d values, but connections %s"
              .formatted(name, values.length, connections));
    }
    return new State.Tensor(
        connections,
        values,
        slot(name, MOMENTUM, values.length, stored),
        slot(name, VARIANCE, values.length, stored));
  }

  /** What an optimizer keeps for each of a tensor's values; null where it keeps nothing. */
  private static float @Nullable [] slot(
      String name, String suffix, int values, Map<String, StoredTensor> stored) {
    StoredTensor found = stored.get(name + suffix);
    if (found == null) {
      return null;
    }
    float[] numbers = floats(name + suffix, found);
    if (numbers.length != values) {
      throw new IllegalArgumentException(
          "tensor '%s' has %d values, but '%s' has %d"
              .formatted(name, values, name + suffix, numbers.length));
    }
    return numbers;
  }

  private static Connectivity connectivity(
      String name,
      List<Integer> dense,
      @Nullable StoredTensor rows,
      @Nullable StoredTensor columns) {
    long rowLength = 1;
    for (int extent : dense.subList(1, dense.size())) {
      rowLength = Math.min(Integer.MAX_VALUE + 1L, rowLength * extent);
    }
    if (rows == null && columns == null) {
      return Connectivity.dense(dense.getFirst(), rowLength);
    }
    if (rows instanceof StoredTensor.Longs starts && columns instanceof StoredTensor.Ints places) {
      try {
        return Connectivity.of(dense.getFirst(), rowLength, starts.values(), places.values());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("tensor '%s': %s".formatted(name, e.getMessage()), e);
      }
    }
    throw new IllegalArgumentException(
        "tensor '%s' needs rows of I64 and columns of I32".formatted(name));
  }

  private static float[] floats(String name, @Nullable StoredTensor stored) {
    if (stored instanceof StoredTensor.Floats floats) {
      return floats.values();
    }
    throw new IllegalArgumentException("tensor '%s' must be F32".formatted(name));
  }

  private static List<Integer> extents(String key, String text) {
    if (!text.matches("[1-9]\\d{0,8}(,[1-9]\\d{0,8}){1,7}")) {
      throw new IllegalArgumentException("metadata '%s' is no shape: %s".formatted(key, text));
    }
    return List.of(text.split(",")).stream().map(Integer::valueOf).toList();
  }

  private static String without(String suffix, String key) {
    return key.substring(0, key.length() - suffix.length());
  }
}
