package dev.windfall.engine;

import java.util.Map;

/**
 * Derivatives of the loss by the trained values that exist, up to the second: a capability of a
 * {@link Session}, at the session's current values. Nothing is changed: gradients and running
 * statistics stay as they are.
 *
 * <p>A vector over the values is a map from tensor names to numbers in connection order (by index
 * for tensors that are never sparse), for every trained tensor. The loss is scale · (sum over the
 * live samples), as in {@link Session#accumulate}.
 */
public interface SecondOrder {

  /** How the derivatives are computed. */
  enum Precision {
    /** In single precision. */
    SINGLE,
    /** In double precision, from the values of the session as they are. */
    DOUBLE
  }

  /**
   * What is differentiated.
   *
   * @param batch the samples
   * @param objective what is minimised
   * @param mode {@link Mode#EVALUATE} for running statistics; the others take those of the batch,
   *     which then depend on the values
   * @param scale factor of each sample's loss: 1 / count for the mean of the batch
   * @param precision of the computation
   */
  record Problem(Batch batch, Objective objective, Mode mode, double scale, Precision precision) {}

  /** The first derivatives, in the problem's precision. */
  Map<String, double[]> gradient(Problem problem);

  /**
   * The product of the Hessian with a vector (Pearlmutter 1994).
   *
   * @param vector absent tensors count as 0
   * @throws IllegalArgumentException naming the tensor of {@code vector} that is unknown, not
   *     trained or of another length
   */
  Map<String, double[]> hessianVector(Problem problem, Map<String, double[]> vector);

  /**
   * The gradient's Euclidean norm.
   *
   * @param norm ‖∇‖ over all trained values that exist
   * @param gradient its derivatives, H∇ / ‖∇‖
   */
  record GradientNorm(double norm, Map<String, double[]> gradient) {}

  /** The norm of the gradient and its derivatives. */
  GradientNorm gradientNorm(Problem problem);
}
