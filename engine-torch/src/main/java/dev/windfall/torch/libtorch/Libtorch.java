package dev.windfall.torch.libtorch;

import dev.windfall.engine.KernelBenchmark;
import dev.windfall.torch.tensor.Device;
import dev.windfall.torch.tensor.ElementType;
import dev.windfall.torch.tensor.Scope;
import dev.windfall.torch.tensor.Tensor;
import dev.windfall.torch.tensor.TensorLibrary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ObjIntConsumer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** libtorch on the CPU. */
public final class Libtorch implements TensorLibrary {

  /** Loaded by the first use, and once. */
  private static final class Loaded {
    static final Libtorch LIBRARY = new Libtorch();
  }

  private Libtorch() {
    Startup.load();
  }

  /**
   * The library, loaded at the first call.
   *
   * @throws IllegalArgumentException where there is no native code for this platform
   */
  public static TensorLibrary library() {
    try {
      return Loaded.LIBRARY;
    } catch (ExceptionInInitializerError e) {
      if (e.getCause() instanceof IllegalArgumentException missing) {
        throw missing;
      }
      throw e;
    }
  }

  /**
   * The library's dense layers by themselves.
   *
   * @throws IllegalArgumentException where there is no native code for this platform
   */
  public static KernelBenchmark kernels() {
    return new LibtorchKernels(library());
  }

  /** The version of libtorch, known without loading it. */
  public static String version() {
    return Startup.version();
  }

  @Override
  public String description() {
    return "libtorch " + version() + " on the CPU";
  }

  @Override
  public Device device() {
    return Device.CPU;
  }

  @Override
  public Scope openScope(Recording recording) {
    return new LibtorchScope(recording);
  }

  @Override
  public void useThreads(int threads) {
    if (torch.get_num_threads() != threads) {
      torch.set_num_threads(threads);
    }
  }

  @Override
  public Tensor of(float[] values, long... shape) {
    return made(
        ElementType.FLOAT32,
        shape,
        values.length,
        (tensor, count) -> tensor.data_ptr_float().put(values, 0, count));
  }

  @Override
  public Tensor of(double[] values, long... shape) {
    return made(
        ElementType.FLOAT64,
        shape,
        values.length,
        (tensor, count) -> tensor.data_ptr_double().put(values, 0, count));
  }

  @Override
  public Tensor of(int[] values, long... shape) {
    return made(
        ElementType.INT32,
        shape,
        values.length,
        (tensor, count) -> tensor.data_ptr_int().put(values, 0, count));
  }

  @Override
  public Tensor of(long[] values, long... shape) {
    return made(
        ElementType.INT64,
        shape,
        values.length,
        (tensor, count) -> tensor.data_ptr_long().put(values, 0, count));
  }

  private static Tensor made(
      ElementType type,
      long[] shape,
      int present,
      ObjIntConsumer<org.bytedeco.pytorch.Tensor> fill) {
    org.bytedeco.pytorch.Tensor made = empty(type, shape);
    int count = count(present, shape);
    if (count > 0) { // what is empty has no memory
      fill.accept(made, count);
    }
    return new LibtorchTensor(made);
  }

  private static int count(int present, long... shape) {
    long count = 1;
    for (long extent : shape) {
      count *= extent;
    }
    if (count > present) {
      throw new IllegalArgumentException(
          "%d values for a tensor of %d elements".formatted(present, count));
    }
    return (int) count;
  }

  private static org.bytedeco.pytorch.Tensor empty(ElementType type, long... shape) {
    return torch.torch_empty(shape, options(type), new MemoryFormatOptional());
  }

  @Override
  public Tensor zeros(ElementType type, long... shape) {
    return new LibtorchTensor(torch.torch_zeros(shape, options(type)));
  }

  @Override
  public Tensor range(int count) {
    return new LibtorchTensor(torch.torch_arange(new Scalar(count), options(ElementType.INT32)));
  }

  private static TensorOptions options(ElementType type) {
    return new TensorOptions(LibtorchTensor.nativeType(type));
  }

  @Override
  public List<Tensor> gradients(Tensor scalar, List<Tensor> by, boolean differentiable) {
    TensorVector gradients =
        torch.grad(
            new TensorVector(LibtorchTensor.nativeOf(scalar)),
            LibtorchTensor.vectorOf(by),
            new TensorVector(),
            new BoolOptional(differentiable),
            differentiable,
            false);
    List<Tensor> result = new ArrayList<>();
    for (int i = 0; i < by.size(); i++) {
      result.add(LibtorchTensor.owned(gradients.get(i)));
    }
    return result;
  }
}
