package dev.windfall.lottery;

import dev.windfall.engine.State;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.RandomConnectivity;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What of a ticket is taken away, so that a comparison shows what it is worth. Every layer keeps
 * its number of connections. What is random is a function of seed and tensor.
 */
public enum TicketControl {
  /** Nothing: the ticket itself. */
  NONE,
  /**
   * The connections are the ticket's, everything else is as before the first step of another seed
   * (Frankle &amp; Carbin 2019, section 2).
   */
  REINITIALISED,
  /** The weights of each layer are moved to other connections of it, all being equally likely. */
  SHUFFLED,
  /** Connections are drawn at random, and have the weights that the dense network has there. */
  RANDOM;

  /** The name in recipes, such as {@code shuffled}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * A ticket's state without what is taken away.
   *
   * @param ticket the state of the ticket
   * @param dense the dense network's state at the same moment of its training
   * @param network that both are of
   * @param initialization of new weights
   * @param seed of the training
   */
  public State of(
      State ticket, State dense, Network network, Initialization initialization, long seed) {
    if (this == NONE) {
      return ticket;
    }
    long own = StatelessRandom.hash(seed, "ticket " + label());
    Map<String, State.Tensor> tensors = new LinkedHashMap<>(ticket.tensors());
    for (Parameter parameter : network.parameters()) {
      State.Tensor tensor =
          Objects.requireNonNull(ticket.tensors().get(parameter.name()), parameter.name());
      @Nullable Connectivity connections = tensor.connectivity();
      if (this == REINITIALISED) {
        tensors.put(parameter.name(), drawn(parameter, tensor, initialization, own));
      } else if (connections != null && !connections.isDense()) {
        Connectivity others = RandomConnectivity.draw(parameter, connections.count(), own);
        if (this == RANDOM) {
          tensors.putAll(
              MagnitudePruning.restricted(
                      new State(0, Map.of(parameter.name(), of(dense, parameter))),
                      Map.of(parameter.name(), others))
                  .tensors());
        } else {
          tensors.put(parameter.name(), moved(parameter, tensor, others, own));
        }
      }
    }
    return new State(this == REINITIALISED ? 0 : ticket.optimizerSteps(), tensors);
  }

  private static State.Tensor of(State dense, Parameter parameter) {
    return Objects.requireNonNull(dense.tensors().get(parameter.name()), parameter.name());
  }

  private static State.Tensor drawn(
      Parameter parameter, State.Tensor tensor, Initialization initialization, long seed) {
    Initialization.Values initial = initialization.values(seed, parameter);
    float[] values = new float[tensor.values().length];
    @Nullable Connectivity connections = tensor.connectivity();
    if (connections == null) {
      for (int i = 0; i < values.length; i++) {
        values[i] = initial.at(i, values.length);
      }
    } else {
      for (int row = 0; row < connections.rows(); row++) {
        long first = connections.rowStart(row);
        long end = connections.rowStart(row + 1);
        for (long i = first; i < end; i++) {
          values[(int) i] =
              initial.at(row * connections.rowLength() + connections.column(i), end - first);
        }
      }
    }
    float @Nullable [] rest = tensor.momentum() == null ? null : new float[values.length];
    return new State.Tensor(connections, values, rest, null);
  }

  /** Every weight takes what the optimizer keeps of it along. */
  private static State.Tensor moved(
      Parameter parameter, State.Tensor tensor, Connectivity others, long seed) {
    int[] order =
        StatelessRandom.of(seed, parameter.name() + " order")
            .nextPermutation(tensor.values().length);
    return new State.Tensor(
        others,
        MagnitudePruning.picked(tensor.values(), order),
        tensor.momentum() == null ? null : MagnitudePruning.picked(tensor.momentum(), order),
        tensor.variance() == null ? null : MagnitudePruning.picked(tensor.variance(), order));
  }
}
