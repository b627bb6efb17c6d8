package dev.windfall.network;

import java.util.List;

/**
 * One place in a network: a named layer, where its inputs come from, and the shape it makes.
 *
 * @param name unique in the network; begins the names of the layer's tensors
 * @param layer what is computed
 * @param inputs names of earlier nodes, or {@link Network#INPUT}
 * @param output shape of one sample's result
 * @param parameters the layer's tensors
 */
public record Node(
    String name, Layer layer, List<String> inputs, Shape output, List<Parameter> parameters) {

  /** Copies the lists. */
  public Node {
    inputs = List.copyOf(inputs);
    parameters = List.copyOf(parameters);
  }
}
