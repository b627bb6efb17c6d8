package dev.windfall.torch.tensor;

import java.util.List;

/**
 * A binding of a tensor library on one device: makes tensors and differentiates. Every tensor is
 * made in the innermost open {@link Scope} of the calling thread.
 */
public interface TensorLibrary {

  /** Whether operations are recorded, so that {@link #gradients} can be asked for. */
  enum Recording {
    /** Operations on tensors that require gradients are recorded. */
    ON,
    /** Nothing is recorded. */
    OFF
  }

  /** One line: which library in which version computes where. */
  String description();

  /** Where the tensors of this binding are. */
  Device device();

  /** Opens a scope for the calling thread. */
  Scope openScope(Recording recording);

  /** How many threads the operations that the calling thread starts from now on may use. */
  void useThreads(int threads);

  /**
   * A copy of single-precision numbers from the host.
   *
   * @param values at least as many as the shape has elements; those beyond are not read
   * @param shape extents; the last one runs fastest
   * @return FLOAT32
   */
  Tensor of(float[] values, long... shape);

  /**
   * A copy of double-precision numbers from the host.
   *
   * @param values at least as many as the shape has elements; those beyond are not read
   * @param shape extents; the last one runs fastest
   * @return FLOAT64
   */
  Tensor of(double[] values, long... shape);

  /**
   * A copy of integers from the host.
   *
   * @param values at least as many as the shape has elements; those beyond are not read
   * @param shape extents; the last one runs fastest
   * @return INT32
   */
  Tensor of(int[] values, long... shape);

  /**
   * A copy of long integers from the host.
   *
   * @param values at least as many as the shape has elements; those beyond are not read
   * @param shape extents; the last one runs fastest
   * @return INT64
   */
  Tensor of(long[] values, long... shape);

  /** A tensor of zeros. */
  Tensor zeros(ElementType type, long... shape);

  /**
   * The whole numbers from 0 to below {@code count}.
   *
   * @return INT32, one extent
   */
  Tensor range(int count);

  /**
   * The derivatives of a scalar.
   *
   * @param scalar of no extents, computed in a scope with {@link Recording#ON}
   * @param by tensors that require gradients; the scalar depends on each of them
   * @param differentiable whether the derivatives themselves are recorded, for second ones
   * @return one for each of {@code by}, with its shape and type
   */
  List<Tensor> gradients(Tensor scalar, List<Tensor> by, boolean differentiable);
}
