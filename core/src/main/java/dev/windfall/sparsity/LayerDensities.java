package dev.windfall.sparsity;

import dev.windfall.network.Parameter;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How many connections each prunable tensor of a network has: exact counts, in network order.
 *
 * @param layers one per prunable tensor
 */
public record LayerDensities(List<LayerDensity> layers) {

  /** Copies the list. */
  public LayerDensities {
    layers = List.copyOf(layers);
  }

  /**
   * The connections of one tensor.
   *
   * @param weight the tensor
   * @param connections how many of its positions exist, from 0 to {@link Parameter#elements()}
   */
  public record LayerDensity(Parameter weight, long connections) {
    /** Checks the range. */
    public LayerDensity {
      if (connections < 0 || connections > weight.elements()) {
        throw new IllegalArgumentException(
            "%s: %d connections in a tensor of %d weights"
                .formatted(weight.name(), connections, weight.elements()));
      }
    }

    /** The share of weights that exist, in [0, 1]. */
    public double density() {
      return (double) connections / weight.elements();
    }

    /** Whether every connection exists. */
    public boolean isDense() {
      return connections == weight.elements();
    }
  }

  /**
   * Every connection of every tensor.
   *
   * @param prunable the network's prunable tensors
   */
  public static LayerDensities dense(List<Parameter> prunable) {
    return new LayerDensities(
        prunable.stream().map(weight -> new LayerDensity(weight, weight.elements())).toList());
  }

  /**
   * The densities of connections that exist.
   *
   * @param prunable the network's prunable tensors
   * @param connectivity the connections of each, by tensor name
   * @throws IllegalArgumentException naming a tensor whose connections are missing
   */
  public static LayerDensities of(
      List<Parameter> prunable, Map<String, Connectivity> connectivity) {
    return new LayerDensities(
        prunable.stream()
            .map(weight -> new LayerDensity(weight, existing(weight, connectivity).count()))
            .toList());
  }

  private static Connectivity existing(Parameter weight, Map<String, Connectivity> connectivity) {
    @Nullable Connectivity found = connectivity.get(weight.name());
    if (found == null) {
      throw new IllegalArgumentException(
          "the connectivity of %s is missing".formatted(weight.name()));
    }
    return found;
  }

  /**
   * The density of one tensor.
   *
   * @throws IllegalArgumentException naming the known tensors when there is none of that name
   */
  public LayerDensity of(String tensor) {
    return layers.stream()
        .filter(layer -> layer.weight().name().equals(tensor))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown tensor '%s'; known: %s"
                        .formatted(
                            tensor,
                            layers.stream()
                                .map(layer -> layer.weight().name())
                                .collect(Collectors.joining(" ")))));
  }

  /** Connections of all tensors together. */
  public long connections() {
    return layers.stream().mapToLong(LayerDensity::connections).sum();
  }

  /** Weights of all tensors together when they are dense. */
  public long weights() {
    return layers.stream().mapToLong(layer -> layer.weight().elements()).sum();
  }

  /** The share of all prunable weights that do not exist, in [0, 1]; 0 where there are none. */
  public double sparsity() {
    return layers.isEmpty() ? 0 : 1 - (double) connections() / weights();
  }
}
