package dev.windfall.vector;

import org.jspecify.annotations.Nullable;

/**
 * A result in the plan of a network: its buffer, and, once the way back is planned, that of its
 * gradient.
 *
 * <p>There are two kinds. The raw result of a convolution is written in whole tiles and has no
 * halo; its gradient is written exactly and has one, because the input gradient is a convolution
 * over it. An activation is the other way round; a halo of its gradient takes what tiles write
 * beside the map.
 */
final class Tensor implements Planner.Symbol {

  private final Buffer data;
  private final boolean raw;
  private final Geometry gradientGeometry;
  private final boolean wantsGradient;
  private @Nullable Buffer gradient;

  private Tensor(Buffer data, boolean raw, Geometry gradientGeometry, boolean wantsGradient) {
    this.data = data;
    this.raw = raw;
    this.gradientGeometry = gradientGeometry;
    this.wantsGradient = wantsGradient;
  }

  /** The result of a convolution or linear layer. */
  static Tensor raw(Geometry plain, int gradientHalo) {
    return new Tensor(new Buffer(plain, true), true, plain.withHalo(gradientHalo), true);
  }

  /** What the next layers read; its geometry has the halo that they need, the gradient another. */
  static Tensor activation(Geometry padded, int gradientHalo) {
    return new Tensor(new Buffer(padded, false), false, padded.withHalo(gradientHalo), true);
  }

  /** The network's input, whose gradient nobody wants. */
  static Tensor input(Geometry padded) {
    return new Tensor(new Buffer(padded, false), false, padded.withHalo(0), false);
  }

  Buffer data() {
    return data;
  }

  boolean isRaw() {
    return raw;
  }

  boolean wantsGradient() {
    return wantsGradient;
  }

  /** The gradient's buffer; it exists from the first contribution in the plan of the way back. */
  Buffer gradient() {
    if (gradient == null) {
      throw new IllegalStateException("the plan has no gradient here");
    }
    return gradient;
  }

  boolean hasGradient() {
    return gradient != null;
  }

  Buffer newGradient() {
    Buffer fresh = new Buffer(gradientGeometry, !raw);
    gradient = fresh;
    return fresh;
  }

  /** Whether the buffer could be this tensor's gradient as it is. */
  boolean takes(Buffer other) {
    return gradient == null && new Buffer(gradientGeometry, !raw).isLike(other);
  }

  void shareGradient(Buffer other) {
    gradient = other;
  }
}
