package dev.windfall.training;

import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a network as a file of safetensors: for each prunable tensor T the tensors
 * {@code T.rows} (I64: where each row begins in the columns, and the end) and {@code T.columns}
 * (I32, ascending within a row). A tensor without them is dense if the file has all its values
 * ({@code T.values}). So the {@code .safetensors} of every checkpoint is a mask.
 */
public final class MaskFile {

  private static final String ROWS = ".rows";
  private static final String COLUMNS = ".columns";
  private static final String VALUES = ".values";
  private static final String SHAPE = ".shape";

  private MaskFile() {}

  /**
   * Reads connections that nobody vouches for.
   *
   * @param file of safetensors
   * @param network that shall have them
   * @return by tensor name, in network order
   * @throws IOException naming the file and what is wrong in it, or where it cannot be read
   */
  public static Map<String, Connectivity> read(Path file, Network network) throws IOException {
    SafetensorsReader.Contents contents = SafetensorsReader.read(file);
    try {
      requireKnown(network, contents.tensors());
      Map<String, Connectivity> connectivity = new LinkedHashMap<>();
      for (Parameter weight : network.prunable()) {
        connectivity.put(weight.name(), connections(weight, contents));
      }
      return Collections.unmodifiableMap(connectivity);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "%s is no mask of %s: %s".formatted(file, network.name(), e.getMessage()), e);
    }
  }

  private static void requireKnown(Network network, Map<String, StoredTensor> stored) {
    for (String key : stored.keySet()) {
      boolean isMask = key.endsWith(ROWS) || key.endsWith(COLUMNS);
      String name = key.substring(0, Math.max(0, key.lastIndexOf('.')));
      if (isMask && network.prunable().stream().noneMatch(weight -> weight.name().equals(name))) {
        throw new IllegalArgumentException(
            "'%s' belongs to no prunable tensor; known: %s"
                .formatted(
                    key,
                    network.prunable().stream()
                        .map(Parameter::name)
                        .collect(Collectors.joining(" "))));
      }
    }
  }

  private static Connectivity connections(Parameter weight, SafetensorsReader.Contents contents) {
    String name = weight.name();
    requireShape(weight, contents.metadata().get(name + SHAPE));
    @Nullable StoredTensor rows = contents.tensors().get(name + ROWS);
    @Nullable StoredTensor columns = contents.tensors().get(name + COLUMNS);
    if (rows == null && columns == null) {
      @Nullable StoredTensor values = contents.tensors().get(name + VALUES);
      if (values == null || values.length() != weight.elements()) {
        throw new IllegalArgumentException(
            "it has neither the rows and columns of %s nor all its %d values"
                .formatted(name, weight.elements()));
      }
      return Connectivity.dense(weight.rows(), weight.rowLength());
    }
    if (!(rows instanceof StoredTensor.Longs starts)
        || !(columns instanceof StoredTensor.Ints places)) {
      throw new IllegalArgumentException(name + " needs rows of I64 and columns of I32");
    }
    Connectivity found = connectivity(weight, starts.values(), places.values());
    if (found.count() == 0) {
      throw new IllegalArgumentException(name + " has no connection; a layer needs at least one");
    }
    return found;
  }

  private static Connectivity connectivity(Parameter weight, long[] rows, int[] columns) {
    try {
      return Connectivity.of(weight.rows(), weight.rowLength(), rows, columns);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(weight.name() + ": " + e.getMessage(), e);
    }
  }

  private static void requireShape(Parameter weight, @Nullable String shape) {
    String own = weight.shape().stream().map(String::valueOf).collect(Collectors.joining(","));
    if (shape != null && !shape.equals(own)) {
      throw new IllegalArgumentException(
          "%s has the shape %s in the file, and %s in the network"
              .formatted(weight.name(), shape, own));
    }
  }
}
