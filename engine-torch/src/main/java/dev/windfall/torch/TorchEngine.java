package dev.windfall.torch;

import dev.windfall.engine.Engine;
import dev.windfall.engine.KernelBenchmark;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.network.Network;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.torch.libtorch.Libtorch;
import java.util.Map;
import java.util.Optional;

/**
 * The engine on libtorch: every layer is computed densely, and weights that do not exist are zeros
 * under a mask. Time and memory go with the dense network.
 */
public final class TorchEngine implements Engine {

  /** Loads nothing yet. */
  public TorchEngine() {}

  @Override
  public String name() {
    return "torch";
  }

  @Override
  public String description() {
    return "dense, masked where sparse; libtorch %s on the CPU".formatted(Libtorch.version());
  }

  @Override
  public Session open(
      Network network, Map<String, Connectivity> connectivity, SessionOptions options) {
    return TorchSession.open(Libtorch.library(), network, connectivity, options);
  }

  @Override
  public Optional<KernelBenchmark> kernelBenchmark() {
    return Optional.of(Libtorch.kernels());
  }
}
