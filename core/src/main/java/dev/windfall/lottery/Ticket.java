package dev.windfall.lottery;

import dev.windfall.engine.State;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.training.OptimizerSettings;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A lottery ticket: the connections of a pruned network with the weights that it is trained again
 * with, and the moment of the training at which it begins.
 *
 * @param origin where it came from
 * @param state connections, weights, batch-norm statistics and optimizer state
 */
public record Ticket(Origin origin, State state) {

  /**
   * Where a ticket came from. Texts are for people; only the two step numbers decide anything.
   *
   * @param model name of the network
   * @param data name of the data set that it was drawn on
   * @param seed of the training that it was drawn from
   * @param drawing such as {@code iterative} or {@code one-shot}
   * @param round of the drawing, from 1
   * @param sparsity asked for in this round
   * @param start a label of {@link TicketStart}
   * @param control a label of {@link TicketControl}
   * @param step the first step that is trained with it
   * @param steps of the whole training that it was drawn from
   * @param pruned SHA-256 of the tensors whose weights were ranked
   * @param weights SHA-256 of the tensors that its weights are from
   */
  public record Origin(
      String model,
      String data,
      long seed,
      String drawing,
      int round,
      double sparsity,
      String start,
      String control,
      long step,
      long steps,
      String pruned,
      String weights) {
    /** Checks the ranges. */
    public Origin {
      if (steps < 1 || step < 0 || step >= steps) {
        throw new IllegalArgumentException(
            "a ticket that begins after step %d of %d".formatted(step, steps));
      }
      if (round < 0 || !(sparsity >= 0 && sparsity < 1)) {
        throw new IllegalArgumentException(
            "a ticket of round %d at sparsity %s".formatted(round, sparsity));
      }
    }
  }

  /**
   * Makes sure that a network has the tensors of this ticket, and no others.
   *
   * @param network without rewrites
   * @throws IllegalArgumentException naming the tensor that does not fit
   */
  public void requireFits(Network network) {
    List<String> own = network.parameters().stream().map(Parameter::name).toList();
    TreeSet<String> missing = new TreeSet<>(own);
    missing.removeAll(state.tensors().keySet());
    TreeSet<String> others = new TreeSet<>(state.tensors().keySet());
    others.removeAll(own);
    if (!missing.isEmpty() || !others.isEmpty()) {
      throw wrong(
          network,
          missing.isEmpty() ? "it has a tensor " + others.first() : "it lacks " + missing.first());
    }
    network.parameters().forEach(parameter -> requireFits(network, parameter));
  }

  private void requireFits(Network network, Parameter parameter) {
    State.Tensor tensor = tensor(parameter);
    long expected = parameter.elements();
    if (parameter.isPrunable()) {
      @Nullable Connectivity connections = tensor.connectivity();
      if (connections == null
          || connections.rows() != parameter.rows()
          || connections.rowLength() != parameter.rowLength()) {
        throw wrong(
            network,
            "its connections of %s are %s, not of %d×%d"
                .formatted(parameter.name(), connections, parameter.rows(), parameter.rowLength()));
      }
      if (connections.count() == 0) {
        throw wrong(network, parameter.name() + " has no connection; a layer needs at least one");
      }
      expected = connections.count();
    }
    if (tensor.values().length != expected) {
      throw wrong(
          network,
          "it has %d values of %s, not %d"
              .formatted(tensor.values().length, parameter.name(), expected));
    }
    for (float value : tensor.values()) {
      if (!Float.isFinite(value)) {
        throw wrong(network, "a value of %s is %s".formatted(parameter.name(), value));
      }
    }
  }

  private IllegalArgumentException wrong(Network network, String what) {
    return new IllegalArgumentException(
        "this ticket of %s does not fit %s: %s".formatted(origin.model(), network.name(), what));
  }

  private State.Tensor tensor(Parameter parameter) {
    State.Tensor found = state.tensors().get(parameter.name());
    if (found == null) {
      throw new IllegalArgumentException("the ticket has no tensor " + parameter.name());
    }
    return found;
  }

  /**
   * The connections with which a network begins; a tensor that is none of the ticket's, of a layer
   * that was added to the network, is dense.
   *
   * @param network that fits, perhaps with added layers
   * @return by tensor name, in network order
   */
  public Map<String, Connectivity> connections(Network network) {
    Map<String, Connectivity> connections = new LinkedHashMap<>();
    for (Parameter weight : network.prunable()) {
      State.@Nullable Tensor own = state.tensors().get(weight.name());
      @Nullable Connectivity found = own == null ? null : own.connectivity();
      connections.put(
          weight.name(),
          found == null ? Connectivity.dense(weight.rows(), weight.rowLength()) : found);
    }
    return Collections.unmodifiableMap(connections);
  }

  /**
   * The first step that a training does: the ticket's, or the same share of a training of another
   * length.
   *
   * @param length of the whole training in steps
   */
  public long firstStep(long length) {
    return length == origin.steps()
        ? origin.step()
        : BigInteger.valueOf(origin.step())
            .multiply(BigInteger.valueOf(length))
            .divide(BigInteger.valueOf(origin.steps()))
            .longValueExact();
  }

  /**
   * The state with which a training begins. Velocities and second moments are the ticket's where
   * the training has the kind of optimizer that they are from; else they begin at 0.
   *
   * @param fresh state of the network before its first step, with the ticket's {@link
   *     #connections}; tensors that are none of the ticket's keep it
   * @param optimizer of the training
   */
  public State start(State fresh, OptimizerSettings optimizer) {
    boolean isAdam = optimizer instanceof OptimizerSettings.Adam;
    boolean hasVariances =
        state.tensors().values().stream().anyMatch(tensor -> tensor.variance() != null);
    boolean keeps = origin.step() > 0 && isAdam == hasVariances;
    Map<String, State.Tensor> tensors = new LinkedHashMap<>(fresh.tensors());
    for (Map.Entry<String, State.Tensor> own : state.tensors().entrySet()) {
      tensors.put(own.getKey(), keeps ? own.getValue() : resting(own.getValue()));
    }
    return new State(keeps ? state.optimizerSteps() : fresh.optimizerSteps(), tensors);
  }

  private static State.Tensor resting(State.Tensor tensor) {
    return new State.Tensor(
        tensor.connectivity(),
        tensor.values(),
        tensor.momentum() == null ? null : new float[tensor.values().length],
        null);
  }

  /** Connections of all prunable tensors. */
  public long connectionCount() {
    return sparse().stream().mapToLong(Connectivity::count).sum();
  }

  /** The share of the prunable weights that do not exist. */
  public double sparsity() {
    long positions = sparse().stream().mapToLong(Connectivity::positions).sum();
    return positions == 0 ? 0 : 1 - (double) connectionCount() / positions;
  }

  private List<Connectivity> sparse() {
    List<Connectivity> found = new ArrayList<>();
    for (State.Tensor tensor : state.tensors().values()) {
      if (tensor.connectivity() != null) {
        found.add(tensor.connectivity());
      }
    }
    return found;
  }
}
