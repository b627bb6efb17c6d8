package dev.windfall.vector;

import java.util.List;
import java.util.Map;

/**
 * A network as operations, with everything that it owns.
 *
 * @param input writes a batch into the first buffer
 * @param operations in the order of the way forward
 * @param results which layer's output an operation computes; none for auxiliary ones
 * @param loss on the last operation's result
 * @param weights sparse tensors by name
 * @param parameters all other tensors by name
 * @param transposedValues work space of the input gradients
 * @param memory where every buffer stands
 * @param scratchBytes work space of one worker
 * @param sumBytes bytes of partial sums of statistics
 */
record Plan(
    InputOperation input,
    List<Operation> operations,
    Map<Operation, Result> results,
    SoftmaxLoss loss,
    Map<String, SparseWeights> weights,
    Map<String, DenseParameter> parameters,
    WorkArray transposedValues,
    MemoryPlan memory,
    long scratchBytes,
    long sumBytes) {

  /** A layer's output. */
  record Result(String layer, Tensor output) {}
}
