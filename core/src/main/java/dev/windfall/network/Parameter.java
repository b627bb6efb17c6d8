package dev.windfall.network;

import java.util.List;

/**
 * A tensor that a layer owns: a weight, a bias, or a batch-norm statistic.
 *
 * @param name the node's name, a dot, and the tensor's role, such as {@code conv1.weight}
 * @param role what the tensor is to its layer
 * @param shape extents in OIHW order for convolutions (output channels, input channels of a group,
 *     kernel rows, kernel columns), output × input for linear layers, one extent for all others
 * @param start what every value starts at; without meaning for a {@link Role#WEIGHT}, whose values
 *     are drawn
 */
public record Parameter(String name, Role role, List<Integer> shape, float start) {

  /** What a tensor is to its layer. */
  public enum Role {
    /** The matrix of a convolution or linear layer: the only tensors that are ever made sparse. */
    WEIGHT("weight"),
    /**
     * The matrix of a convolution that always has all its connections: it has no part in any
     * sparsity, mask or budget, and starts with a constant.
     */
    DENSE_WEIGHT("weight"),
    /** One addend per output channel. */
    BIAS("bias"),
    /** The factor γ of a batch norm, one per channel. */
    SCALE("scale"),
    /** The addend β of a batch norm, one per channel. */
    SHIFT("shift"),
    /** The running mean of a batch norm: a statistic, not trained. */
    RUNNING_MEAN("running-mean"),
    /** The running (unbiased) variance of a batch norm: a statistic, not trained. */
    RUNNING_VARIANCE("running-variance");

    private final String suffix;

    Role(String suffix) {
      this.suffix = suffix;
    }

    /** The last part of a tensor's name, such as {@code weight}. */
    public String suffix() {
      return suffix;
    }

    /** Whether an optimizer changes the tensor; running statistics are not trained. */
    public boolean isTrained() {
      return this != RUNNING_MEAN && this != RUNNING_VARIANCE;
    }
  }

  /** Copies the shape. */
  public Parameter {
    shape = List.copyOf(shape);
  }

  /** A tensor that starts as usual: scales and running variances at 1, all others at 0. */
  public Parameter(String name, Role role, List<Integer> shape) {
    this(name, role, shape, role == Role.SCALE || role == Role.RUNNING_VARIANCE ? 1 : 0);
  }

  static Parameter of(String node, Role role, Integer... shape) {
    return new Parameter(node + "." + role.suffix(), role, List.of(shape));
  }

  /** The same tensor with another start. */
  Parameter startingAt(float other) {
    return new Parameter(name, role, shape, other);
  }

  /** The name of the node that owns the tensor. */
  public String layer() {
    return name.substring(0, name.length() - role.suffix().length() - 1);
  }

  /** Whether this is a weight, so that a distribution may give it a sparsity. */
  public boolean isPrunable() {
    return role == Role.WEIGHT;
  }

  /** Whether this is the matrix of a layer, be it one that may be sparse or not. */
  public boolean isMatrix() {
    return role == Role.WEIGHT || role == Role.DENSE_WEIGHT;
  }

  /** Values in the tensor when it is dense: the product of its extents. */
  public long elements() {
    return rows() * rowLength();
  }

  /** Output channels: the first extent. */
  public int rows() {
    return shape.getFirst();
  }

  /** Dense values per output channel: the product of all extents but the first. */
  public long rowLength() {
    long length = 1;
    for (int extent : shape.subList(1, shape.size())) {
      length = Math.multiplyExact(length, extent);
    }
    return length;
  }

  /** Kernel positions: rows · columns of the kernel for a convolution, else 1. */
  public int kernelElements() {
    return shape.size() == 4 ? shape.get(2) * shape.get(3) : 1;
  }

  /** Inputs that reach one output when the tensor is dense: input channels · kernel positions. */
  public long fanIn() {
    return rowLength();
  }

  /**
   * Outputs that one input reaches when the tensor is dense: output channels · kernel positions. In
   * a grouped convolution an input reaches its own group's outputs alone; initialisations by
   * fan-out take all output channels there too.
   */
  public long fanOut() {
    return (long) rows() * kernelElements();
  }
}
