package dev.windfall.torch.tensor;

import org.jspecify.annotations.Nullable;

/**
 * Numbers in a rectangular arrangement, on a device. Operations give new tensors of the same type,
 * in the innermost open {@link Scope}; only methods that say “in place” change a tensor. Feature
 * maps are N×C×H×W (samples, channels, rows, columns) whatever the order in memory; operations on
 * maps keep the order of their input.
 */
public interface Tensor extends AutoCloseable {

  /** The extents; none for a scalar. */
  long[] shape();

  /** The elements' type. */
  ElementType type();

  /** Where the tensor is. */
  Device device();

  // Arrangement.

  /** The same elements in the order of their indices under other extents; a view where possible. */
  Tensor reshaped(long... shape);

  /** The same feature maps, with channels fastest in memory. */
  Tensor channelsLast();

  /** The same numbers in another type; this tensor itself where it has that type. */
  Tensor as(ElementType type);

  /** A copy in memory of its own, arranged alike; not recorded. */
  Tensor copy();

  /** The same memory as the beginning of a recorded computation, by which to differentiate. */
  Tensor leaf();

  // Arithmetic.

  /** Element-wise sum; {@code other} has this tensor's shape, or extents of 1 that repeat. */
  Tensor plus(Tensor other);

  /** Element-wise product; {@code other} has this tensor's shape, or extents of 1 that repeat. */
  Tensor times(Tensor other);

  /** Every element times a number. */
  Tensor times(double factor);

  /** The square root of each element. */
  Tensor squareRoot();

  /** The sum of all elements: no extents. */
  Tensor sum();

  /** In place: adds {@code factor · other}, of this shape. */
  void add(Tensor other, double factor);

  /** In place: multiplies by {@code other}, of this shape. */
  void multiply(Tensor other);

  /** In place: multiplies by a number. */
  void multiply(double factor);

  /** In place: adds {@code factor · one · other}, all of this shape. */
  void addProduct(Tensor one, Tensor other, double factor);

  /** In place: adds {@code factor · dividend / divisor}, all of this shape. */
  void addQuotient(Tensor dividend, Tensor divisor, double factor);

  /** In place: adds a number. */
  void add(double number);

  /** In place: takes the numbers of another tensor, of this shape and of any type. */
  void set(Tensor other);

  /** In place: sets every element to 0. */
  void clear();

  /**
   * The elements of a vector at some positions.
   *
   * @param positions INT64, one extent
   * @return as many elements as positions
   */
  Tensor at(Tensor positions);

  /**
   * In place: sets elements of a vector.
   *
   * @param positions INT64, one extent, no position twice
   * @param values of this type, as many as positions
   */
  void setAt(Tensor positions, Tensor values);

  // Layers.

  /**
   * A convolution of N×C×H×W with zeros around it.
   *
   * @param weight O×(C / groups)×K×K
   * @param bias O, or null for none
   * @return N×O×H'×W', H' = ⌊(H + 2 · padding − K) / stride⌋ + 1
   */
  Tensor convolution(Tensor weight, @Nullable Tensor bias, int stride, int padding, int groups);

  /**
   * A linear layer on N×F.
   *
   * @param weight O×F
   * @param bias O, or null for none
   * @return N×O
   */
  Tensor linear(Tensor weight, @Nullable Tensor bias);

  /**
   * Batch normalisation of N×C×H×W by the statistics of the batch.
   *
   * @param scale C
   * @param shift C
   * @param running what moves towards the batch's statistics; null where nothing does
   * @param epsilon added to the variance
   */
  Tensor normalizedByBatch(
      Tensor scale, Tensor shift, @Nullable RunningStatistics running, double epsilon);

  /**
   * Running statistics of a batch norm, changed in place: by the momentum's share towards the
   * batch's mean and unbiased variance.
   *
   * @param mean C
   * @param variance C
   * @param momentum share of the newest batch
   */
  record RunningStatistics(Tensor mean, Tensor variance, double momentum) {}

  /**
   * Batch normalisation of N×C×H×W by given statistics.
   *
   * @param scale C
   * @param shift C
   * @param mean C
   * @param variance C
   * @param epsilon added to the variance
   */
  Tensor normalized(Tensor scale, Tensor shift, Tensor mean, Tensor variance, double epsilon);

  /** The element-wise max(0, x). */
  Tensor relu();

  /** The element-wise x · σ(x). */
  Tensor swish();

  /** The element-wise x · tanh(ln(1 + eˣ)). */
  Tensor mish();

  /** The element-wise x / 2 · (1 + erf(x / √2)). */
  Tensor gelu();

  /** The element-wise x where x is above 0, else eˣ − 1. */
  Tensor elu();

  /** The element-wise ln(1 + eˣ). */
  Tensor softplus();

  /** The element-wise hyperbolic tangent. */
  Tensor tanh();

  /** The element-wise σ(x) = 1 / (1 + e⁻ˣ). */
  Tensor sigmoid();

  /** The largest element of each K×K window of N×C×H×W; padding never wins. */
  Tensor maxPool(int kernel, int stride, int padding);

  /**
   * The mean of each K×K window of N×C×H×W.
   *
   * @param countsPadding whether padding counts as zeros, or not at all
   */
  Tensor averagePool(int kernel, int stride, int padding, boolean countsPadding);

  /** The mean over all positions of N×C×H×W: N×C×1×1. */
  Tensor meanOverPositions();

  /** N×C×H×W, and after its channels so many zeros that there are {@code channels}. */
  Tensor paddedChannels(int channels);

  /** The logarithm of the softmax of each row of N×C. */
  Tensor logSoftmax();

  // Integers, for hashes.

  /** Bits that differ: INT32 with INT32 of this shape, or of extents of 1 that repeat. */
  Tensor xor(Tensor other);

  /** In place, INT32: x ^ x >>> bits. */
  void xorShifted(int bits);

  /** In place, INT32: multiplies by a number and keeps the low 32 bits. */
  void multiplyWrapping(int factor);

  /**
   * Where the upper 24 bits of INT32 elements, as a number from 0 to below 2²⁴, reach a threshold.
   *
   * @param type of the result
   * @return 1 where they do, else 0
   */
  Tensor upperBitsReach(int threshold, ElementType type);

  // To the host.

  /** The elements in the order of their indices; of any floating type. */
  float[] toFloats();

  /** The elements in the order of their indices; of any floating type. */
  double[] toDoubles();

  /** The one element of a scalar. */
  double toDouble();

  /** Frees a kept tensor; one that belongs to a scope is freed with it. */
  @Override
  void close();
}
