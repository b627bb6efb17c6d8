package dev.windfall.torch.libtorch;

import dev.windfall.torch.tensor.Device;
import dev.windfall.torch.tensor.ElementType;
import dev.windfall.torch.tensor.Tensor;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A tensor of libtorch.
 *
 * @param it the native tensor, owned by this one
 */
record LibtorchTensor(org.bytedeco.pytorch.Tensor it) implements Tensor {

  private static final int UPPER_BITS = 24;

  static org.bytedeco.pytorch.Tensor nativeOf(Tensor tensor) {
    return ((LibtorchTensor) tensor).it;
  }

  private static TensorOptional optional(@Nullable Tensor tensor) {
    return tensor == null ? new TensorOptional() : new TensorOptional(nativeOf(tensor));
  }

  static TensorVector vectorOf(List<Tensor> tensors) {
    return new TensorVector(
        tensors.stream().map(LibtorchTensor::nativeOf).toArray(org.bytedeco.pytorch.Tensor[]::new));
  }

  /** A tensor of its own for one that a native container holds. */
  static Tensor owned(org.bytedeco.pytorch.Tensor held) {
    return new LibtorchTensor(new org.bytedeco.pytorch.Tensor(held));
  }

  static ScalarType nativeType(ElementType type) {
    return switch (type) {
      case FLOAT32 -> ScalarType.Float;
      case FLOAT64 -> ScalarType.Double;
      case INT32 -> ScalarType.Int;
      case INT64 -> ScalarType.Long;
    };
  }

  private static long[] twice(long extent) {
    return new long[] {extent, extent};
  }

  @Override
  public long[] shape() {
    return it.shape();
  }

  @Override
  public ElementType type() {
    // An enum constant made by native code is not the constant itself until it is interned.
    ScalarType type = it.scalar_type().intern();
    return switch (type) {
      case Float -> ElementType.FLOAT32;
      case Double -> ElementType.FLOAT64;
      case Int -> ElementType.INT32;
      case Long -> ElementType.INT64;
      default -> throw new IllegalStateException("a tensor of type " + type);
    };
  }

  @Override
  public Device device() {
    return Device.CPU;
  }

  @Override
  public Tensor reshaped(long... shape) {
    return new LibtorchTensor(it.reshape(shape));
  }

  @Override
  public Tensor channelsLast() {
    return new LibtorchTensor(it.contiguous(MemoryFormat.ChannelsLast));
  }

  @Override
  public Tensor as(ElementType type) {
    return type() == type ? this : new LibtorchTensor(it.to(nativeType(type)));
  }

  @Override
  public Tensor copy() {
    return new LibtorchTensor(it.detach().clone());
  }

  @Override
  public Tensor leaf() {
    org.bytedeco.pytorch.Tensor leaf = it.detach();
    leaf.set_requires_grad(true);
    return new LibtorchTensor(leaf);
  }

  @Override
  public Tensor plus(Tensor other) {
    return new LibtorchTensor(it.add(nativeOf(other)));
  }

  @Override
  public Tensor times(Tensor other) {
    return new LibtorchTensor(it.mul(nativeOf(other)));
  }

  @Override
  public Tensor times(double factor) {
    return new LibtorchTensor(it.mul(new Scalar(factor)));
  }

  @Override
  public Tensor squareRoot() {
    return new LibtorchTensor(it.sqrt());
  }

  @Override
  public Tensor sum() {
    return new LibtorchTensor(it.sum());
  }

  @Override
  public void add(Tensor other, double factor) {
    it.add_(nativeOf(other), new Scalar(factor));
  }

  @Override
  public void multiply(Tensor other) {
    it.mul_(nativeOf(other));
  }

  @Override
  public void multiply(double factor) {
    it.mul_(new Scalar(factor));
  }

  @Override
  public void addProduct(Tensor one, Tensor other, double factor) {
    it.addcmul_(nativeOf(one), nativeOf(other), new Scalar(factor));
  }

  @Override
  public void addQuotient(Tensor dividend, Tensor divisor, double factor) {
    it.addcdiv_(nativeOf(dividend), nativeOf(divisor), new Scalar(factor));
  }

  @Override
  public void add(double number) {
    it.add_(new Scalar(number));
  }

  @Override
  public void set(Tensor other) {
    it.copy_(nativeOf(other));
  }

  @Override
  public void clear() {
    it.zero_();
  }

  @Override
  public Tensor at(Tensor positions) {
    return new LibtorchTensor(it.index_select(0, nativeOf(positions)));
  }

  @Override
  public void setAt(Tensor positions, Tensor values) {
    it.index_copy_(0, nativeOf(positions), nativeOf(values));
  }

  @Override
  public Tensor convolution(
      Tensor weight, @Nullable Tensor bias, int stride, int padding, int groups) {
    return new LibtorchTensor(
        torch.conv2d(
            it, nativeOf(weight), optional(bias), twice(stride), twice(padding), twice(1), groups));
  }

  @Override
  public Tensor linear(Tensor weight, @Nullable Tensor bias) {
    return new LibtorchTensor(torch.linear(it, nativeOf(weight), optional(bias)));
  }

  @Override
  public Tensor normalizedByBatch(
      Tensor scale, Tensor shift, @Nullable RunningStatistics running, double epsilon) {
    return new LibtorchTensor(
        torch.batch_norm(
            it,
            optional(scale),
            optional(shift),
            optional(running == null ? null : running.mean()),
            optional(running == null ? null : running.variance()),
            true,
            running == null ? 0 : running.momentum(),
            epsilon,
            false));
  }

  @Override
  public Tensor normalized(
      Tensor scale, Tensor shift, Tensor mean, Tensor variance, double epsilon) {
    return new LibtorchTensor(
        torch.batch_norm(
            it,
            optional(scale),
            optional(shift),
            optional(mean),
            optional(variance),
            false,
            0,
            epsilon,
            false));
  }

  @Override
  public Tensor relu() {
    return new LibtorchTensor(it.relu());
  }

  @Override
  public Tensor swish() {
    return new LibtorchTensor(torch.silu(it));
  }

  @Override
  public Tensor mish() {
    return new LibtorchTensor(torch.mish(it));
  }

  @Override
  public Tensor gelu() {
    return new LibtorchTensor(torch.gelu(it, "none"));
  }

  @Override
  public Tensor elu() {
    return new LibtorchTensor(torch.elu(it));
  }

  @Override
  public Tensor softplus() {
    return new LibtorchTensor(torch.softplus(it));
  }

  @Override
  public Tensor tanh() {
    return new LibtorchTensor(it.tanh());
  }

  @Override
  public Tensor sigmoid() {
    return new LibtorchTensor(it.sigmoid());
  }

  @Override
  public Tensor maxPool(int kernel, int stride, int padding) {
    return new LibtorchTensor(
        torch.max_pool2d(it, twice(kernel), twice(stride), twice(padding), twice(1), false));
  }

  @Override
  public Tensor averagePool(int kernel, int stride, int padding, boolean countsPadding) {
    return new LibtorchTensor(
        torch.avg_pool2d(
            it,
            twice(kernel),
            twice(stride),
            twice(padding),
            false,
            countsPadding,
            new LongOptional()));
  }

  @Override
  public Tensor meanOverPositions() {
    return new LibtorchTensor(it.mean(new long[] {2, 3}, true, new ScalarTypeOptional()));
  }

  @Override
  public Tensor paddedChannels(int channels) {
    long more = channels - it.size(1);
    return new LibtorchTensor(torch.constant_pad_nd(it, 0, 0, 0, 0, 0, more));
  }

  @Override
  public Tensor logSoftmax() {
    return new LibtorchTensor(it.log_softmax(1));
  }

  @Override
  public Tensor xor(Tensor other) {
    return new LibtorchTensor(it.bitwise_xor(nativeOf(other)));
  }

  /** libtorch shifts the sign in; the mask takes it out again. */
  @Override
  public void xorShifted(int bits) {
    it.bitwise_xor_(it.bitwise_right_shift(new Scalar(bits)).bitwise_and_(new Scalar(-1 >>> bits)));
  }

  @Override
  public void multiplyWrapping(int factor) {
    it.mul_(new Scalar(factor));
  }

  @Override
  public Tensor upperBitsReach(int threshold, ElementType type) {
    int shift = Integer.SIZE - UPPER_BITS;
    return new LibtorchTensor(
        it.bitwise_right_shift(new Scalar(shift))
            .bitwise_and_(new Scalar(-1 >>> shift))
            .ge(new Scalar(threshold))
            .to(nativeType(type)));
  }

  @Override
  public float[] toFloats() {
    float[] result = new float[Math.toIntExact(it.numel())];
    org.bytedeco.pytorch.Tensor ordered = it.detach().to(ScalarType.Float).contiguous();
    if (result.length > 0) { // what is empty has no memory
      ordered.data_ptr_float().get(result);
    }
    return result;
  }

  @Override
  public double[] toDoubles() {
    double[] result = new double[Math.toIntExact(it.numel())];
    org.bytedeco.pytorch.Tensor ordered = it.detach().to(ScalarType.Double).contiguous();
    if (result.length > 0) { // what is empty has no memory
      ordered.data_ptr_double().get(result);
    }
    return result;
  }

  @Override
  public double toDouble() {
    return it.item_double();
  }

  @Override
  public void close() {
    it.close();
  }
}
