package dev.windfall.training;

import dev.windfall.engine.State;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A session's state as the tensors and metadata of a file: {@code T.values}, {@code T.momentum}
 * and, of an optimizer that has them, {@code T.variance} in connection order (F32), and for a
 * sparse tensor T {@code T.rows} (I64, where each row begins, and the end) and {@code T.columns}
 * (I32). Where gradients are averaged, {@code T.trace} in the dense shape (F32). The metadata holds
 * the dense shape of a weight (OIHW) as {@code T.shape}, and the optimizer's steps as {@code
 * optimizer-steps}.
 *
 * @param shapes dense extents of every prunable tensor, by name
 * @param state values, connections and what the optimizer keeps
 */
public record StoredState(Map<String, List<Integer>> shapes, State state) {

  private static final String VALUES = ".values";
  private static final String MOMENTUM = ".momentum";
  private static final String VARIANCE = ".variance";
  private static final String TRACE = ".trace";
  private static final String ROWS = ".rows";
  private static final String COLUMNS = ".columns";
  private static final List<String> SUFFIXES = List.of(MOMENTUM, VARIANCE, TRACE, ROWS, COLUMNS);
  private static final String SHAPE = ".shape";
  private static final String OPTIMIZER_STEPS = "optimizer-steps";

  /** Copies the map. */
  public StoredState {
    shapes = Map.copyOf(shapes);
  }

  /** The state of a network. */
  public static StoredState of(Network network, State state) {
    return new StoredState(
        network.prunable().stream().collect(Collectors.toMap(Parameter::name, Parameter::shape)),
        state);
  }

  /** Whether a name in a file's metadata says something of the state. */
  static boolean isOwn(String metadata) {
    return metadata.equals(OPTIMIZER_STEPS) || metadata.endsWith(SHAPE);
  }

  /** The dense shapes and the optimizer's steps. */
  SortedMap<String, String> metadata() {
    SortedMap<String, String> metadata = new TreeMap<>();
    metadata.put(OPTIMIZER_STEPS, Long.toString(state.optimizerSteps()));
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
    state
        .traces()
        .forEach(
            (name, trace) -> {
              @Nullable List<Integer> dense = shapes.get(name);
              if (dense == null) {
                throw new IllegalArgumentException(name + " is never sparse");
              }
              stored.put(name + TRACE, new StoredTensor.Floats(longs(dense), trace));
            });
    return stored;
  }

  private void store(String name, State.Tensor tensor, SortedMap<String, StoredTensor> stored) {
    @Nullable Connectivity connections = tensor.connectivity();
    @Nullable List<Integer> dense = shapes.get(name);
    List<Long> shape = List.of((long) tensor.values().length);
    if (connections != null && !connections.isDense()) {
      store(name + ROWS, name + COLUMNS, connections, stored);
    } else if (dense != null) {
      shape = longs(dense);
    }
    stored.put(name + VALUES, new StoredTensor.Floats(shape, tensor.values()));
    if (tensor.momentum() != null) {
      stored.put(name + MOMENTUM, new StoredTensor.Floats(shape, tensor.momentum()));
    }
    if (tensor.variance() != null) {
      stored.put(name + VARIANCE, new StoredTensor.Floats(shape, tensor.variance()));
    }
  }

  private static List<Long> longs(List<Integer> extents) {
    return extents.stream().map(Integer::longValue).toList();
  }

  /** Connections as two tensors. */
  static void store(
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
   * The state of a tensors' file.
   *
   * @param contents of the file
   * @param others endings of the names of tensors that belong to a state's tensor, but are none of
   *     the state's
   * @throws IllegalArgumentException naming the tensor that is incomplete or inconsistent
   */
  static StoredState of(SafetensorsReader.Contents contents, Collection<String> others) {
    Map<String, List<Integer>> shapes = new TreeMap<>();
    contents
        .metadata()
        .forEach(
            (key, value) -> {
              if (key.endsWith(SHAPE)) {
                shapes.put(without(SHAPE, key), extents(key, value));
              }
            });
    List<String> suffixes = new ArrayList<>(SUFFIXES);
    suffixes.addAll(others);
    Map<String, State.Tensor> tensors = new TreeMap<>();
    for (String key : contents.tensors().keySet()) {
      if (key.endsWith(VALUES)) {
        String name = without(VALUES, key);
        tensors.put(name, tensor(name, shapes.get(name), contents.tensors()));
      } else {
        requireOwner(key, suffixes, contents.tensors());
      }
    }
    if (!tensors.keySet().containsAll(shapes.keySet())) {
      throw new IllegalArgumentException("a tensor with a shape has no values");
    }
    return new StoredState(
        shapes,
        new State(
            optimizerSteps(contents.metadata()), tensors, traces(shapes, contents.tensors())));
  }

  private static Map<String, float[]> traces(
      Map<String, List<Integer>> shapes, Map<String, StoredTensor> stored) {
    Map<String, float[]> traces = new TreeMap<>();
    stored.forEach(
        (key, tensor) -> {
          if (key.endsWith(TRACE)) {
            String name = without(TRACE, key);
            @Nullable List<Integer> dense = shapes.get(name);
            if (dense == null || !tensor.shape().equals(longs(dense))) {
              throw new IllegalArgumentException(
                  "tensor '%s' must have the dense shape of '%s'".formatted(key, name));
            }
            traces.put(name, floats(key, tensor));
          }
        });
    return traces;
  }

  private static long optimizerSteps(Map<String, String> metadata) {
    String text = metadata.getOrDefault(OPTIMIZER_STEPS, "nothing");
    if (!text.matches("\\d{1,18}")) {
      throw new IllegalArgumentException(
          "metadata '%s' must be a number of steps, not %s".formatted(OPTIMIZER_STEPS, text));
    }
    return Long.parseLong(text);
  }

  private static void requireOwner(
      String key, List<String> suffixes, Map<String, StoredTensor> stored) {
    for (String suffix : suffixes) {
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

  /** What is kept for each of a tensor's values besides it; null where nothing is. */
  static float @Nullable [] slot(
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

  /** Connections of two tensors; every one where both are missing. */
  static Connectivity connectivity(
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
