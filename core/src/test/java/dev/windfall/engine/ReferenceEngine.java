package dev.windfall.engine;

import dev.windfall.network.Network;
import dev.windfall.sparsity.Connectivity;
import java.util.Map;
import java.util.Optional;

/**
 * An engine of plain loops in double precision that are obviously right, for tests of everything
 * that stands on the port. It runs linear layers, batch norm, activations, dropout, additions and
 * flattening; weights and optimizer state are floats, as the port shows them.
 */
public final class ReferenceEngine implements Engine {

  private final boolean hasSecondOrder;

  /** With second derivatives, by differences. */
  public ReferenceEngine() {
    this(true);
  }

  /** With second derivatives or without. */
  public ReferenceEngine(boolean hasSecondOrder) {
    this.hasSecondOrder = hasSecondOrder;
  }

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public String description() {
    return "plain loops in double precision, for tests";
  }

  @Override
  public Session open(
      Network network, Map<String, Connectivity> connectivity, SessionOptions options) {
    return new ReferenceSession(network, connectivity, options, hasSecondOrder);
  }

  @Override
  public boolean hasSecondOrder() {
    return hasSecondOrder;
  }

  @Override
  public Optional<KernelBenchmark> kernelBenchmark() {
    return Optional.empty();
  }
}
