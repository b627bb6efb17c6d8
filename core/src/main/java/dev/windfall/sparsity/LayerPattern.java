package dev.windfall.sparsity;

import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.Node;
import dev.windfall.network.Parameter;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A name for some of a network's prunable layers: a layer's name, in which {@code *} stands for any
 * characters, such as {@code group1.*.conv2}; the name of its tensor does too.
 *
 * @param text as written
 */
public record LayerPattern(String text) {

  /**
   * The tensors that stay dense.
   *
   * @param network whose layers are named
   * @param names patterns, or {@code first}, {@code last} or {@code depthwise}
   * @return names of tensors, in network order
   * @throws IllegalArgumentException listing the layers where a name fits none
   */
  public static Set<String> dense(Network network, List<String> names) {
    Set<String> found = new LinkedHashSet<>();
    for (String name : names) {
      List<Parameter> prunable = network.prunable();
      List<Parameter> named =
          switch (name) {
            case "first" -> prunable.stream().limit(1).toList();
            case "last" -> prunable.stream().skip(Math.max(0, prunable.size() - 1L)).toList();
            case "depthwise" -> depthwise(network);
            default -> new LayerPattern(name).in(network);
          };
      requireSome("sparsity.dense", name, named, network);
      named.forEach(weight -> found.add(weight.name()));
    }
    return network.prunable().stream()
        .map(Parameter::name)
        .filter(found::contains)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /**
   * The tensors with a sparsity of their own. Where several patterns fit a layer, the last decides.
   *
   * @param network whose layers are named
   * @param sparsities by pattern, in the order in which they were written
   * @return sparsities by tensor name, in network order
   * @throws IllegalArgumentException listing the layers where a pattern decides on none
   */
  public static Map<String, Double> sparsities(Network network, Map<String, Double> sparsities) {
    Map<String, String> deciding = new LinkedHashMap<>();
    for (String pattern : sparsities.keySet()) {
      new LayerPattern(pattern).in(network).forEach(weight -> deciding.put(weight.name(), pattern));
    }
    Map<String, Double> found = new LinkedHashMap<>();
    for (Map.Entry<String, Double> entry : sparsities.entrySet()) {
      List<Parameter> decided =
          network.prunable().stream()
              .filter(weight -> entry.getKey().equals(deciding.get(weight.name())))
              .toList();
      requireSome("sparsity.layers", entry.getKey(), decided, network);
      decided.forEach(weight -> found.put(weight.name(), entry.getValue()));
    }
    return found;
  }

  private static void requireSome(
      String field, String name, List<Parameter> found, Network network) {
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: the pattern '%s' decides on no layer of %s; its layers: %s"
              .formatted(
                  field,
                  name,
                  network.name(),
                  network.prunable().stream()
                      .map(Parameter::layer)
                      .collect(Collectors.joining(" "))));
    }
  }

  private static List<Parameter> depthwise(Network network) {
    return network.nodes().stream()
        .filter(node -> node.layer() instanceof Layer.Conv2d conv && conv.groups() > 1)
        .flatMap((Node node) -> node.parameters().stream())
        .filter(Parameter::isPrunable)
        .toList();
  }

  private List<Parameter> in(Network network) {
    return network.prunable().stream()
        .filter(weight -> matches(weight.layer()) || matches(weight.name()))
        .toList();
  }

  /** Whether the pattern is the whole name. */
  boolean matches(String name) {
    String[] parts = text.split("\\*", -1);
    if (parts.length == 1) {
      return name.equals(text);
    }
    String first = parts[0];
    String last = parts[parts.length - 1];
    if (name.length() < first.length() + last.length()
        || !name.startsWith(first)
        || !name.endsWith(last)) {
      return false;
    }
    // The leftmost place of each part leaves the most for those that follow.
    int from = first.length();
    for (int i = 1; i < parts.length - 1; i++) {
      int found = name.indexOf(parts[i], from);
      if (found < 0) {
        return false;
      }
      from = found + parts[i].length();
    }
    return from <= name.length() - last.length();
  }
}
