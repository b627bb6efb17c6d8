package dev.windfall.cost;

import java.util.List;

/**
 * What one layer costs for one sample.
 *
 * @param name of the node, such as {@code conv1}
 * @param type {@code conv} or {@code linear}
 * @param shape of the weight: output channels, input channels of a group, kernel rows and columns
 *     of a convolution, outputs and inputs of a linear layer
 * @param weights in the layer when it is dense, without biases
 * @param active connections that exist
 * @param flops operations forward with these connections
 * @param denseFlops operations forward with all of them; 0 for an added layer
 * @param bits that the layer takes in a file: its connections, which they are, and counted biases
 * @param denseBits that it takes with all connections; 0 for an added layer
 * @param isAdded whether the layer was added to a network that the costs are compared with: then it
 *     has no part in the sparsity ({@link dev.windfall.network.Parameter.Role#DENSE_WEIGHT})
 */
public record LayerCost(
    String name,
    String type,
    List<Integer> shape,
    long weights,
    long active,
    long flops,
    long denseFlops,
    long bits,
    long denseBits,
    boolean isAdded) {

  /** Copies the shape. */
  public LayerCost {
    shape = List.copyOf(shape);
  }

  /** The share of connections that exist, in [0, 1]. */
  public double density() {
    return (double) active / weights;
  }
}
