package dev.windfall.cli;

import dev.windfall.cost.LayerCost;
import dev.windfall.cost.NetworkCost;
import dev.windfall.sparsity.SparseTrainingMethod;
import java.util.List;

/**
 * What {@code windfall cost} finds, field by field as its JSON has it; for one sample.
 *
 * @param model the network's name
 * @param counter the convention by which operations are counted
 * @param totalWeights prunable weights of the dense network, without biases
 * @param activeWeights connections that exist
 * @param denseFlops operations of the dense network's forward pass
 * @param inferenceFlops operations of the sparse network's forward pass
 * @param inferenceFlopsRatio of the dense network's
 * @param trainingFlopsRatio operations of training by the method, of the dense network's training;
 *     without what is computed once before it
 * @param overheadFlops operations before the training, of all samples together: scores by as many
 *     samples and rounds as are usual
 * @param layers in network order
 */
record CostReport(
    String model,
    String counter,
    long totalWeights,
    long activeWeights,
    long denseFlops,
    long inferenceFlops,
    double inferenceFlopsRatio,
    double trainingFlopsRatio,
    double overheadFlops,
    List<Layer> layers) {

  /** One convolution or linear layer; the shape is that of its weight. */
  record Layer(
      String name,
      String type,
      List<Integer> shape,
      long weights,
      long active,
      double density,
      long flops,
      long denseFlops) {

    static Layer of(LayerCost cost) {
      return new Layer(
          cost.name(),
          cost.type(),
          cost.shape(),
          cost.weights(),
          cost.active(),
          cost.density(),
          cost.flops(),
          cost.denseFlops());
    }
  }

  static CostReport of(
      NetworkCost cost, SparseTrainingMethod method, long every, double forward, double overhead) {
    return new CostReport(
        cost.network(),
        cost.counter().label(),
        cost.totalWeights(),
        cost.activeWeights(),
        cost.denseFlops(),
        cost.inferenceFlops(),
        cost.inferenceFlopsRatio(),
        cost.trainingFlopsRatio(method, every, forward),
        overhead,
        cost.layers().stream().map(Layer::of).toList());
  }
}
