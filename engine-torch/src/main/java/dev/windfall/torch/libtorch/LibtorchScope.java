package dev.windfall.torch.libtorch;

import dev.windfall.torch.tensor.Scope;
import dev.windfall.torch.tensor.Tensor;
import dev.windfall.torch.tensor.TensorLibrary.Recording;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;

/** A scope of native objects, with recording on or off while it is open. */
final class LibtorchScope implements Scope {

  private final PointerScope pointers = new PointerScope();
  private final AutoGradMode mode;

  LibtorchScope(Recording recording) {
    mode = new AutoGradMode(recording == Recording.ON);
  }

  @Override
  public Tensor keep(Tensor tensor) {
    LibtorchTensor.nativeOf(tensor).retainReference();
    return tensor;
  }

  /** The guard is freed first: that is what sets the recording as it was. */
  @Override
  public void close() {
    mode.close();
    pointers.close();
  }
}
