package dev.windfall.training;

import dev.windfall.engine.Batch;
import dev.windfall.engine.BatchResult;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Node;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.PruningGoal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * SynFlow (Tanaka et al. 2020): |w · ∂R/∂w|, with R the sum of the outputs for an input of ones and
 * for the absolute values of all weights and biases. At initial statistics batch norms, and on
 * positive numbers ReLUs, change nothing: they are left out, as are all other element-wise layers.
 *
 * <p>In a deep network R is beyond single precision. R is proportional to the input, and every
 * score to the factor of the loss, so both are multiplied by the same power of two, about the root
 * of 1 / R: then numbers on the way forward and back lie between it and its inverse, and the order
 * of the scores is the same.
 */
final class SynapticFlow implements Scores {

  /** Forward and backward, in each round. */
  static final long PASSES = 3;

  private static final Objective SUM = new Objective.SumOfOutputs();

  /** Powers of two by which the input is made smaller until the sum of outputs is finite. */
  private static final int[] EXPONENTS = {0, 60, 120};

  private final Network network;
  private final int rounds;
  private int exponent;
  private long searches;

  SynapticFlow(Network network, int rounds) {
    this.network = network;
    this.rounds = rounds;
  }

  @Override
  public int rounds() {
    return rounds;
  }

  @Override
  public int batchSize() {
    return 1;
  }

  /** The same layers with the same weights, linear. */
  @Override
  public Network network(Network trained) {
    NetworkBuilder builder = new NetworkBuilder(trained.name(), trained.input());
    for (Node node : trained.nodes()) {
      List<String> inputs = node.inputs();
      builder.from(inputs.getFirst());
      switch (node.layer()) {
        case Layer.BatchNorm _, Layer.Activation _, Layer.Dropout _ ->
            builder.activation(node.name(), ActivationFunction.IDENTITY);
        case Layer.Add _ -> builder.add(node.name(), inputs.getLast());
        default -> builder.append(node.name(), node.layer());
      }
    }
    return builder.build();
  }

  @Override
  public void prepare(Session session) {
    for (Parameter parameter : network(network).parameters()) {
      float[] values = session.read(parameter.name(), Slot.VALUE);
      for (int i = 0; i < values.length; i++) {
        values[i] = Math.abs(values[i]);
      }
      session.write(parameter.name(), Slot.VALUE, values);
    }
    for (int smaller : EXPONENTS) {
      searches++;
      double sum = 0;
      for (float output : session.logits(ones(smaller), Mode.SCORE)) {
        sum += output;
      }
      if (sum > 0 && Double.isFinite(sum)) {
        setExponent(sum, smaller);
        return;
      }
    }
    throw new IllegalArgumentException(
        "method synflow: the sum of outputs of network %s is beyond single precision, however small its input is"
            .formatted(network.name()));
  }

  /** An input of ones, times 2^-smaller. */
  private Batch ones(int smaller) {
    float[] input = new float[Math.toIntExact(network.input().elements())];
    Arrays.fill(input, Math.scalb(1f, -smaller));
    return new Batch(input, new int[1], new long[1], 1, 0);
  }

  /** Half of the logarithm of R, of which a sum was found with an input of 2^-smaller. */
  private void setExponent(double sum, int smaller) {
    exponent = Math.round((Math.getExponent(sum) + smaller) / 2f);
  }

  @Override
  public Round of(Session session, PruningGoal goal) {
    BatchResult result =
        session.accumulate(
            ones(exponent), SUM, Mode.SCORE, Math.scalb(1.0, -exponent), Growth.NONE);
    Map<String, float[]> scores =
        Scores.each(goal, tensor -> Scores.sensitivities(session, tensor));
    session.clearGradient();
    if (result.loss() > 0 && Double.isFinite(result.loss())) {
      setExponent(result.loss(), exponent);
    }
    long passes = searches + PASSES;
    searches = 0;
    return new Round(scores, passes);
  }
}
