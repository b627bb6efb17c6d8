package dev.windfall.vector;

import dev.windfall.engine.Engine;
import dev.windfall.engine.KernelBenchmark;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.network.Network;
import dev.windfall.sparsity.Connectivity;
import java.util.Map;
import java.util.Optional;

/**
 * The engine in pure Java: weights, gradients and optimizer state are stored by connection, and
 * time and memory go with the connections that exist. The same seed gives the same bits for any
 * number of threads, and for the vector and the scalar kernels.
 */
public final class VectorEngine implements Engine {

  private final KernelChoice.Choice choice = KernelChoice.choose();

  /** Chooses the kernels for this machine. */
  public VectorEngine() {}

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public String description() {
    return "truly sparse, pure Java; %s (%s)"
        .formatted(choice.kernels().description(), choice.reason());
  }

  @Override
  public Session open(
      Network network, Map<String, Connectivity> connectivity, SessionOptions options) {
    return VectorSession.open(network, connectivity, options, choice.kernels());
  }

  @Override
  public Optional<KernelBenchmark> kernelBenchmark() {
    return Optional.of(new VectorKernelBenchmark(choice.kernels()));
  }
}
