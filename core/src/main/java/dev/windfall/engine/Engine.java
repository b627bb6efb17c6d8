package dev.windfall.engine;

import dev.windfall.network.Network;
import dev.windfall.sparsity.Connectivity;
import java.util.Map;
import java.util.Optional;

/**
 * Something that can train a network whose weights have the given connections. Engines are found by
 * {@link java.util.ServiceLoader}; all of them keep the promises of {@link Session}.
 */
public interface Engine {

  /** The name in recipes, such as {@code vector}. */
  String name();

  /** One line for a list of engines: what it computes with, and on this machine by which path. */
  String description();

  /**
   * Opens a session: plans the network's computation, takes all memory that it needs and draws the
   * initial weights.
   *
   * @param network what to compute
   * @param connectivity by tensor name, the connections of every tensor of {@link
   *     Network#prunable()}
   * @param options batch size, threads, seed and initialisation
   * @throws IllegalArgumentException naming node and shapes of a network that this engine cannot
   *     run, or the tensor whose connectivity is missing or does not fit
   */
  Session open(Network network, Map<String, Connectivity> connectivity, SessionOptions options);

  /** This engine's convolution and linear kernels by themselves, where they can be had. */
  Optional<KernelBenchmark> kernelBenchmark();
}
