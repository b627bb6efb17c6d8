package dev.windfall.network;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A network as data: an immutable graph of named layers with inferred shapes. It holds no weights
 * and computes nothing; engines compile it. Nodes stand in an order in which every input comes
 * before its use; the last node is the output.
 *
 * <p>Build one with {@link NetworkBuilder}, or take one from {@link Zoo}.
 */
public final class Network {

  /** The name by which nodes refer to the network's input. */
  public static final String INPUT = "input";

  private final String name;
  private final Shape input;
  private final Map<String, Node> nodes;

  /**
   * A network of the given nodes; shapes are inferred.
   *
   * @param name of the whole network
   * @param input shape of one sample
   * @param definitions the nodes, inputs before uses; at least one
   * @throws IllegalArgumentException naming node and shapes, where a name is used twice, an input
   *     is unknown, a layer does not fit its inputs or a node's result is used by nobody
   */
  Network(String name, Shape input, List<Definition> definitions) {
    this.name = name;
    this.input = input;
    this.nodes = new LinkedHashMap<>();
    if (definitions.isEmpty()) {
      throw new IllegalArgumentException("network %s has no layers".formatted(name));
    }
    definitions.forEach(this::append);
    requireNoDeadEnds();
  }

  /**
   * A node before its shape is known.
   *
   * @param name unique in the network
   * @param layer what is computed
   * @param inputs names of earlier nodes, or {@link #INPUT}
   */
  record Definition(String name, Layer layer, List<String> inputs) {}

  private void append(Definition definition) {
    String node = definition.name();
    if (node.equals(INPUT) || nodes.containsKey(node)) {
      throw new IllegalArgumentException(
          "network %s: the name '%s' is taken; give the node another".formatted(name, node));
    }
    List<Shape> shapes = new ArrayList<>();
    for (String source : definition.inputs()) {
      shapes.add(shapeOf(node, source));
    }
    if (shapes.size() != definition.layer().arity()) {
      throw new IllegalArgumentException(
          "network %s: node '%s' takes %d inputs, not %d"
              .formatted(name, node, definition.layer().arity(), shapes.size()));
    }
    try {
      Shape output = definition.layer().output(shapes);
      List<Parameter> parameters = definition.layer().parameters(node, shapes.getFirst());
      nodes.put(node, new Node(node, definition.layer(), definition.inputs(), output, parameters));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "network %s: node '%s' (%s) on input %s: %s"
              .formatted(name, node, definition.layer(), shapes, e.getMessage()),
          e);
    }
  }

  private Shape shapeOf(String node, String source) {
    if (source.equals(INPUT)) {
      return input;
    }
    @Nullable Node found = nodes.get(source);
    if (found == null) {
      throw new IllegalArgumentException(
          "network %s: node '%s' takes '%s', which is no earlier node; there are: %s"
              .formatted(name, node, source, String.join(" ", nodes.keySet())));
    }
    return found.output();
  }

  private void requireNoDeadEnds() {
    Set<String> unused = new HashSet<>(nodes.keySet());
    unused.remove(output().name());
    nodes.values().forEach(node -> node.inputs().forEach(unused::remove));
    for (String node : nodes.keySet()) {
      if (unused.contains(node)) {
        throw new IllegalArgumentException(
            "network %s: nothing uses the result of node '%s'".formatted(name, node));
      }
    }
  }

  /** The network's name, such as {@code wrn-22-2}. */
  public String name() {
    return name;
  }

  /** The shape of one input sample. */
  public Shape input() {
    return input;
  }

  /** All nodes, inputs before uses. */
  public List<Node> nodes() {
    return List.copyOf(nodes.values());
  }

  /**
   * The node of the given name.
   *
   * @throws IllegalArgumentException where there is none
   */
  public Node node(String node) {
    @Nullable Node found = nodes.get(node);
    if (found == null) {
      throw new IllegalArgumentException(
          "network %s has no node '%s'; there are: %s"
              .formatted(name, node, String.join(" ", nodes.keySet())));
    }
    return found;
  }

  /** The last node, whose result is the network's. */
  public Node output() {
    return nodes().getLast();
  }

  /** The shape that the node, or {@link #INPUT}, yields. */
  public Shape outputOf(String nodeOrInput) {
    return nodeOrInput.equals(INPUT) ? input : node(nodeOrInput).output();
  }

  /** All tensors of all nodes, in the nodes' order. */
  public List<Parameter> parameters() {
    return nodes.values().stream().flatMap(node -> node.parameters().stream()).toList();
  }

  /** The tensors that may be sparse: the weights of convolutions and linear layers, in order. */
  public List<Parameter> prunable() {
    return parameters().stream().filter(Parameter::isPrunable).toList();
  }

  /**
   * Names of the prunable tensors that stay dense by default: in a network with depthwise
   * convolutions these and the first convolution, few weights on which all others depend (as
   * MobileNet in Evci et al. 2020); none in any other network.
   */
  public Set<String> denseByDefault() {
    Set<String> names = new LinkedHashSet<>();
    for (Node node : nodes.values()) {
      if (node.layer() instanceof Layer.Conv2d conv && conv.groups() > 1) {
        names.add(node.parameters().getFirst().name());
      }
    }
    if (!names.isEmpty()) {
      names.add(prunable().getFirst().name());
    }
    return names;
  }

  /** Values in all trained tensors when they are dense: weights, biases, scales and shifts. */
  public long parameterCount() {
    return parameters().stream()
        .filter(parameter -> parameter.role().isTrained())
        .mapToLong(Parameter::elements)
        .sum();
  }

  /** One line a node: name, layer, output shape. */
  @Override
  public String toString() {
    return nodes.values().stream()
        .map(node -> "%s: %s → %s".formatted(node.name(), node.layer(), node.output()))
        .collect(Collectors.joining("\n", name + " (" + input + ")\n", ""));
  }
}
