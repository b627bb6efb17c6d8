package dev.windfall.engine.contract;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.Network;
import dev.windfall.network.Node;
import dev.windfall.network.Parameter;
import dev.windfall.network.Parameter.Role;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The reference of the engine: a network computed node by node with plain loops over dense tensors
 * in double precision. Connections that do not exist are zeros here.
 */
public final class DenseNetwork {

  private final Network network;
  private final Map<String, double[]> tensors;
  private final long seed;

  /**
   * A network with the given values.
   *
   * @param tensors every tensor, dense, by name
   * @param seed of dropout
   */
  DenseNetwork(Network network, Map<String, double[]> tensors, long seed) {
    this.network = network;
    this.tensors = tensors;
    this.seed = seed;
  }

  /** The network with the values that a session has now. */
  public static DenseNetwork of(Network network, Session session, long seed) {
    Map<String, double[]> tensors = new LinkedHashMap<>();
    for (Parameter parameter : network.parameters()) {
      tensors.put(parameter.name(), dense(parameter, session, Slot.VALUE));
    }
    return new DenseNetwork(network, tensors, seed);
  }

  /** A session's tensor as a dense one. */
  public static double[] dense(Parameter parameter, Session session, Slot slot) {
    float[] values = session.read(parameter.name(), slot);
    double[] result = new double[Math.toIntExact(parameter.elements())];
    if (!parameter.isPrunable()) {
      Arrays.setAll(result, i -> values[i]);
      return result;
    }
    long[] positions = session.connectivity(parameter.name()).toPositions();
    for (int i = 0; i < positions.length; i++) {
      result[(int) positions[i]] = values[i];
    }
    return result;
  }

  public Network network() {
    return network;
  }

  /** A tensor's values themselves. */
  public double[] tensor(String name) {
    double[] found = tensors.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no tensor " + name);
    }
    return found;
  }

  /**
   * What a batch gives.
   *
   * @param loss sum over the samples
   * @param logits in (sample, class) order
   * @param gradients of all trained tensors, dense; empty where there is no way back
   * @param statistics the running statistics after the batch
   */
  public record Outcome(
      double loss,
      int correct,
      double[] logits,
      Map<String, double[]> gradients,
      Map<String, double[]> statistics) {}

  /** Computes a batch forward and back. */
  public Outcome run(Batch batch, Objective objective, Mode mode, double scale) {
    DensePass pass = new DensePass(this, batch, mode, seed);
    DenseMaps logits = pass.forward();
    DenseMaps gradient = DenseMaps.like(logits);
    int classes = logits.shape().channels();
    double loss = 0;
    int correct = 0;
    for (int sample = 0; sample < batch.count(); sample++) {
      int label = batch.labels()[sample];
      double[] row = Arrays.copyOfRange(logits.values(), sample * classes, (sample + 1) * classes);
      int best = 0;
      for (int c = 0; c < classes; c++) {
        best = row[c] > row[best] ? c : best;
      }
      double[] slopes = new double[classes];
      loss +=
          switch (objective) {
            case Objective.CrossEntropy entropy -> crossEntropy(row, label, entropy, slopes);
            case Objective.SumOfOutputs _ -> sumOfOutputs(row, slopes);
          };
      for (int c = 0; c < classes; c++) {
        gradient.values()[sample * classes + c] = scale * slopes[c];
      }
      correct += best == label ? 1 : 0;
    }
    Map<String, double[]> gradients = mode == Mode.EVALUATE ? Map.of() : pass.backward(gradient);
    return new Outcome(loss, correct, logits.values(), gradients, pass.statistics());
  }

  /** How far a batch in training is from a kink of any ReLU or max pool. */
  public double margin(Batch batch) {
    DensePass pass = new DensePass(this, batch, Mode.TRAIN, seed);
    pass.forward();
    return pass.margin();
  }

  private static double crossEntropy(
      double[] row, int label, Objective.CrossEntropy objective, double[] slopes) {
    double temperature = objective.temperature();
    double sum = Arrays.stream(row).map(logit -> StrictMath.exp(logit / temperature)).sum();
    double loss = 0;
    for (int c = 0; c < row.length; c++) {
      double target = c == label ? objective.onLabel(row.length) : objective.offLabel(row.length);
      double logit = row[c] / temperature;
      loss -= target * (logit - StrictMath.log(sum));
      slopes[c] = (StrictMath.exp(logit) / sum - target) / temperature;
    }
    return loss;
  }

  private static double sumOfOutputs(double[] row, double[] slopes) {
    Arrays.fill(slopes, 1);
    return Arrays.stream(row).sum();
  }

  public double[] tensor(Node node, Role role) {
    return tensor(node.name() + "." + role.suffix());
  }
}
