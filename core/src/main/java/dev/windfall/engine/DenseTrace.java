package dev.windfall.engine;

import dev.windfall.sparsity.Candidates;

/**
 * An exponential average of the gradients by all positions of the prunable tensors, whether a
 * connection exists there or not: a capability of a {@link Session}. After each step of a training
 * e ← μe + (1 − μ)g, with g the dense gradient that {@link Session#accumulate} summed in mode
 * {@link Mode#TRAIN}, not clipped.
 *
 * <p>By its nature it is as large as the dense network: four bytes for each position. It does not
 * change when connections do, it is part of {@link State}, and {@link Session#restore} takes it
 * over.
 */
public interface DenseTrace {

  /**
   * From now on gradients are averaged. The average begins at 0, or where that of a restored state
   * was; asked again, it goes on.
   *
   * @param smoothing μ, from 0 to below 1
   * @throws IllegalArgumentException naming the tensor that has too many positions for this engine
   */
  void keep(double smoothing);

  /**
   * The best inactive positions by the average, with the batches accumulated so far.
   *
   * @param tensor name of a prunable tensor
   * @param most how many; there are fewer where fewer are inactive
   * @throws IllegalStateException where no average is kept
   */
  Candidates candidates(String tensor, int most);

  /**
   * The average at a tensor's connections, in connection order.
   *
   * @throws IllegalStateException where no average is kept
   */
  float[] read(String tensor);
}
