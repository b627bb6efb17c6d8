package dev.windfall.engine;

import dev.windfall.sparsity.Candidates;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Rewiring;
import java.util.List;
import java.util.Optional;

/**
 * A network in training on an engine. The session owns weights, optimizer state and batch
 * statistics in its own layout and shows them only as values in connection order: ascending
 * canonical position (row · row length + column) of the connections that exist.
 *
 * <p>Promises: exact connection counts; inactive connections are absent (or exactly 0 where an
 * engine computes with masks), with their gradients and optimizer slots; {@link #snapshot} and
 * {@link #restore} continue to the same bits; memory does not grow with the number of steps; {@link
 * #close} frees everything. One thread calls a session at a time.
 */
public interface Session extends AutoCloseable {

  /**
   * Computes a batch forward and, but for {@link Mode#EVALUATE}, backward, and adds scale · ∂loss
   * to the gradients.
   *
   * @param batch the samples
   * @param objective what is minimised
   * @param mode which statistics are used, and whether dropout is on
   * @param scale factor of each sample's loss in the gradient: 1 / count for the mean of the batch
   * @param growth which growth candidates to collect on the way. Their scores are the gradients of
   *     this batch alone, or exactly the sum over the batches of a collection ({@link
   *     Growth#isContinued()}), whose batches follow each other with the same wish. For that sum an
   *     engine may hold a number for each position of the dense tensor until the collection ends.
   * @throws IllegalArgumentException where the batch does not fit network or session
   */
  BatchResult accumulate(Batch batch, Objective objective, Mode mode, double scale, Growth growth);

  /**
   * The network's results for a batch.
   *
   * @return logits in (sample, class) order, count · classes values
   */
  float[] logits(Batch batch, Mode mode);

  /** Applies the accumulated gradients to every trained value that exists, and clears them. */
  void apply(OptimizerStep step);

  /** Forgets the accumulated gradients. */
  void clearGradient();

  /**
   * The length of the accumulated gradient: the root of the sum of squares over every trained value
   * that exists, weights, biases and batch-norm parameters alike. Summed in double precision and in
   * a fixed order.
   *
   * @return NaN or infinite where some gradient is
   */
  double gradientNorm();

  /**
   * Multiplies the accumulated gradient of every trained value.
   *
   * @param factor by which; finite
   */
  void scaleGradient(double factor);

  /**
   * The candidates that the last {@link #accumulate} collected for a tensor.
   *
   * @throws IllegalStateException where none were asked for, or their collection goes on
   */
  Candidates candidates(String tensor);

  /** The connections of a prunable tensor: a view, made on demand. */
  Connectivity connectivity(String tensor);

  /**
   * A slot of a tensor: in connection order for a prunable tensor, by index for all others.
   *
   * @throws IllegalArgumentException for an unknown tensor, or a slot that the tensor has not: one
   *     that is not trained has a value only, and {@link Slot#VARIANCE} is there from the first
   *     step of {@link OptimizerStep.Adam} on
   */
  float[] read(String tensor, Slot slot);

  /** Replaces what {@link #read} shows. */
  void write(String tensor, Slot slot, float[] values);

  /**
   * Drops and grows connections. Connections that stay keep their value and optimizer state; grown
   * ones start with the given value, and an optimizer state and gradient of 0.
   *
   * @param changes at most one per tensor
   * @throws IllegalArgumentException where a dropped connection does not exist or a grown one does
   */
  void rewire(List<Rewiring> changes);

  /** A copy of everything that continues the training. */
  State snapshot();

  /**
   * Continues from a snapshot of the same network, of this or another engine.
   *
   * @throws IllegalArgumentException naming the tensor that is missing or does not fit
   */
  void restore(State state);

  /**
   * Something that not every engine can do.
   *
   * @param type what is wanted: {@link OutputInspection}, {@link SecondOrder} or {@link DenseTrace}
   * @return empty where this engine cannot do it; else valid as long as the session is open
   */
  default <T> Optional<T> capability(Class<T> type) {
    return Optional.empty();
  }

  /** Bytes that the session holds, by purpose. */
  MemoryUse memory();

  /** Where the time of {@link #accumulate} and {@link #apply} went since the session was opened. */
  TimeShares timeShares();

  @Override
  void close();
}
