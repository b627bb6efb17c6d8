package dev.windfall.cost;

import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.Node;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.SparseTrainingMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What a network costs, layer by layer and as a whole, for one sample.
 *
 * @param network the network's name
 * @param counter how operations are counted
 * @param layers the convolutions and linear layers, in network order
 */
public record NetworkCost(String network, Counter counter, List<LayerCost> layers) {

  /** Copies the list. */
  public NetworkCost {
    layers = List.copyOf(layers);
  }

  /**
   * The cost of a network with the given connections.
   *
   * @param network whose own shapes give the sizes of all outputs
   * @param densities how many connections each prunable tensor has
   * @param counter how operations are counted
   * @throws IllegalArgumentException naming a tensor that {@code densities} lacks, or where a count
   *     is beyond what a long holds
   */
  public static NetworkCost of(Network network, LayerDensities densities, Counter counter) {
    try {
      return counted(network, densities, counter);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "network %s is too large: its operations or bits are beyond 2^63"
              .formatted(network.name()),
          e);
    }
  }

  private static NetworkCost counted(Network network, LayerDensities densities, Counter counter) {
    List<LayerCost> layers = new ArrayList<>();
    for (Node node : network.nodes()) {
      switch (node.layer()) {
        case Layer.Conv2d _ -> layers.add(layer(network, node, "conv", densities, counter));
        case Layer.Linear _ -> layers.add(layer(network, node, "linear", densities, counter));
        case Layer.BatchNorm _,
            Layer.Activation _,
            Layer.MaxPool _,
            Layer.AveragePool _,
            Layer.GlobalAveragePool _,
            Layer.Add _,
            Layer.PadChannels _,
            Layer.Flatten _,
            Layer.Dropout _ -> {}
      }
    }
    NetworkCost cost = new NetworkCost(network.name(), counter, layers);
    // The largest sums: where they fit, all others do.
    cost.sum(LayerCost::denseFlops);
    cost.sum(LayerCost::denseBits);
    cost.sum(LayerCost::bits);
    return cost;
  }

  private static LayerCost layer(
      Network network, Node node, String type, LayerDensities densities, Counter counter) {
    Parameter weight = Counter.weight(node);
    boolean isAdded = !weight.isPrunable();
    long active = isAdded ? weight.elements() : densities.of(weight.name()).connections();
    return new LayerCost(
        node.name(),
        type,
        weight.shape(),
        weight.elements(),
        active,
        counter.flops(network, node, active),
        isAdded ? 0 : counter.flops(network, node, weight.elements()),
        counter.bits(node, active),
        isAdded ? 0 : counter.bits(node, weight.elements()),
        isAdded);
  }

  /** Weights of all layers when they are dense, without biases and added layers. */
  public long totalWeights() {
    return sum(layer -> layer.isAdded() ? 0 : layer.weights());
  }

  /** Connections that exist, without those of added layers. */
  public long activeWeights() {
    return sum(layer -> layer.isAdded() ? 0 : layer.active());
  }

  /** Weights of added layers. */
  public long addedWeights() {
    return sum(layer -> layer.isAdded() ? layer.weights() : 0);
  }

  /** Operations of added layers forward. */
  public long addedFlops() {
    return sum(layer -> layer.isAdded() ? layer.flops() : 0);
  }

  /** Operations of a forward pass of the dense network without added layers, f_D. */
  public long denseFlops() {
    return sum(LayerCost::denseFlops);
  }

  /** Operations of a forward pass with every connection and every added layer. */
  private long fullFlops() {
    return Math.addExact(denseFlops(), addedFlops());
  }

  /** Operations of a forward pass with the connections that exist and the added layers, f_S. */
  public long inferenceFlops() {
    return sum(LayerCost::flops);
  }

  /**
   * Bytes of the network in a file: 32 bits for every connection, one for every weight of a sparse
   * layer that says whether it exists, and 32 for every bias that the counter counts. Batch norms
   * are left out.
   */
  public long bytes() {
    return Math.ceilDiv(sum(LayerCost::bits), Byte.SIZE);
  }

  /** {@link #bytes} of the dense network. */
  public long denseBytes() {
    return Math.ceilDiv(sum(LayerCost::denseBits), Byte.SIZE);
  }

  /** {@link #inferenceFlops} as a share of {@link #denseFlops}. */
  public double inferenceFlopsRatio() {
    return (double) inferenceFlops() / denseFlops();
  }

  /**
   * The operations of a forward pass in the mean over a training in which the number of connections
   * changes by pruning alone: with the share 1 − (1 − x)³ of the way from dense to sparse between
   * begin and end (Zhu &amp; Gupta 2017), whose mean is 3/4.
   *
   * @param method by which the network is trained
   * @param begin share of the training where pruning begins
   * @param end share of the training where it ends
   */
  public double meanForwardFlops(SparseTrainingMethod method, double begin, double end) {
    double sparseShare =
        switch (method.sparsification()) {
          case NEVER -> 0;
          case FROM_THE_START, BEFORE_TRAINING -> 1;
          case GRADUALLY -> 0.75 * (end - begin) + (1 - end);
          case AT_ONCE -> 1 - end;
        };
    return fullFlops() - sparseShare * (fullFlops() - inferenceFlops());
  }

  /**
   * Operations of training per sample, where a backward pass counts as two forward ones: 3 f_S, and
   * 3 f_D for a dense network. A method that grows by gradient takes the dense weight gradient in
   * its updates, which makes (3 f_S ΔT + 2 f_S + f_D) / (ΔT + 1), and one that grows by averaged
   * gradients in every step, which makes 2 f_S + f_D (Evci et al. 2020, appendix).
   *
   * @param method by which the network is trained
   * @param every steps from one update of the connections to the next, ΔT; at least 1
   * @param forward f_S, operations of a forward pass in the mean over the training
   */
  public double trainingFlops(SparseTrainingMethod method, long every, double forward) {
    if (every < 1) {
      throw new IllegalArgumentException(
          "updates of connections must be at least 1 step apart, not " + every);
    }
    return switch (method.grow()) {
      case GRADIENT -> (3 * forward * every + 2 * forward + fullFlops()) / (every + 1);
      case MOMENTUM -> 2 * forward + fullFlops();
      case NONE, RANDOM, DROPPED -> 3 * forward;
    };
  }

  /** {@link #trainingFlops} as a share of what the dense network's training takes, 3 f_D. */
  public double trainingFlopsRatio(SparseTrainingMethod method, long every, double forward) {
    return trainingFlops(method, every, forward) / (3.0 * denseFlops());
  }

  private long sum(ToLongFunction<LayerCost> what) {
    return layers.stream().mapToLong(what).reduce(0, Math::addExact);
  }
}
