package dev.windfall.training;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.SecondOrder;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.sparsity.LayerDensities.LayerDensity;
import dev.windfall.sparsity.PruningGoal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * GraSP (Wang et al. 2020): w · (H g), by which the squared length of the gradient g would fall if
 * the connection went, with the Hessian H, for the cross entropy of logits that are divided by 200.
 * g is the sum of the parts' gradients, and H g that of the parts' own Hessians times g, each of a
 * part's mean loss. What is negative hinders the flow, and goes first.
 *
 * @param parts of the samples
 */
record GradientFlow(List<Batch> parts) implements Scores {

  /** So that the softmax of untrained logits is nearly even. */
  private static final double TEMPERATURE = 200;

  private static final Objective LOSS =
      new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL, TEMPERATURE);

  /** Recorded operations of a sample, in forward passes: a gradient, and it differentiated. */
  private static final long GRADIENT = 3;

  private static final long HESSIAN_PRODUCT = GRADIENT + 2 * GRADIENT;

  /** Of a sample. */
  static final long PASSES = GRADIENT + HESSIAN_PRODUCT;

  @Override
  public int batchSize() {
    return ScoringSamples.largest(parts);
  }

  @Override
  public Round of(Session session, PruningGoal goal) {
    SecondOrder derivatives =
        session
            .capability(SecondOrder.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "grasp scores by second derivatives, which this engine does not have"));
    Map<String, double[]> slope = new LinkedHashMap<>();
    for (Batch part : parts) {
      Map<String, double[]> own = derivatives.gradient(problem(part));
      for (LayerDensity layer : goal.layers().layers()) {
        add(slope, layer.weight().name(), own);
      }
    }
    Map<String, double[]> product = new LinkedHashMap<>();
    for (Batch part : parts) {
      Map<String, double[]> own = derivatives.hessianVector(problem(part), slope);
      for (LayerDensity layer : goal.pruned()) {
        add(product, layer.weight().name(), own);
      }
    }
    product.forEach((tensor, sums) -> multiply(sums, session.read(tensor, Slot.VALUE)));
    double largest = largest(product);
    return new Round(
        Scores.each(goal, tensor -> relative(of(product, tensor), largest)),
        PASSES * ScoringSamples.count(parts));
  }

  /** In double precision, so that what is chosen does not depend on the order of sums. */
  private static SecondOrder.Problem problem(Batch part) {
    return new SecondOrder.Problem(
        part, LOSS, Mode.SCORE, 1.0 / part.count(), SecondOrder.Precision.DOUBLE);
  }

  private static double[] of(Map<String, double[]> vectors, String tensor) {
    double[] found = vectors.get(tensor);
    if (found == null) {
      throw new IllegalStateException("there are no derivatives by " + tensor);
    }
    return found;
  }

  private static void add(
      Map<String, double[]> sums, String tensor, Map<String, double[]> addends) {
    double[] addend = of(addends, tensor);
    sums.merge(
        tensor,
        addend,
        (sum, more) -> {
          for (int i = 0; i < sum.length; i++) {
            sum[i] += more[i];
          }
          return sum;
        });
  }

  private static void multiply(double[] sums, float[] values) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] *= values[i];
    }
  }

  private static double largest(Map<String, double[]> vectors) {
    double largest = 0;
    for (double[] vector : vectors.values()) {
      for (double value : vector) {
        largest = Math.max(largest, Math.abs(value));
      }
    }
    return largest;
  }

  /** As shares of the largest, which fit into single precision. */
  private static float[] relative(double[] scores, double largest) {
    float[] result = new float[scores.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) (largest == 0 ? 0 : scores[i] / largest);
    }
    return result;
  }
}
