package dev.windfall.engine.contract;

import dev.windfall.engine.Objective;
import java.util.Arrays;

/**
 * An objective by its definition, of one sample.
 *
 * @param gradient by the logits
 */
public record DenseLoss(double loss, double[] gradient) {

  /**
   * Computes it.
   *
   * @param logits of the sample
   * @param teacher logits of another network; empty where the objective has none
   */
  public static DenseLoss of(Objective objective, double[] logits, double[] teacher, int label) {
    return switch (objective) {
      case Objective.CrossEntropy entropy -> {
        double[] targets = new double[logits.length];
        Arrays.fill(targets, entropy.offLabel(logits.length));
        targets[label] = entropy.onLabel(logits.length);
        yield crossEntropy(targets, logits, entropy.temperature());
      }
      case Objective.SumOfOutputs _ -> {
        double[] ones = new double[logits.length];
        Arrays.fill(ones, 1);
        yield new DenseLoss(Arrays.stream(logits).sum(), ones);
      }
      case Objective.Distillation distillation -> {
        double temperature = distillation.temperature();
        double[] soft = softmax(teacher, temperature);
        double entropy = Arrays.stream(soft).map(p -> p == 0 ? 0 : p * StrictMath.log(p)).sum();
        DenseLoss hard = of(distillation.labels(), logits, teacher, label);
        DenseLoss taught = crossEntropy(soft, logits, temperature);
        double alpha = distillation.weight();
        double square = temperature * temperature;
        double[] gradient = new double[logits.length];
        Arrays.setAll(
            gradient, c -> (1 - alpha) * hard.gradient[c] + alpha * square * taught.gradient[c]);
        yield new DenseLoss(
            (1 - alpha) * hard.loss + alpha * square * (taught.loss + entropy), gradient);
      }
    };
  }

  private static double[] softmax(double[] logits, double temperature) {
    double largest = Arrays.stream(logits).max().orElseThrow();
    double[] result =
        Arrays.stream(logits)
            .map(logit -> StrictMath.exp((logit - largest) / temperature))
            .toArray();
    double sum = Arrays.stream(result).sum();
    return Arrays.stream(result).map(value -> value / sum).toArray();
  }

  /** −Σ target · log softmax(logits / T), and its slopes (softmax − target) / T. */
  private static DenseLoss crossEntropy(double[] targets, double[] logits, double temperature) {
    double largest = Arrays.stream(logits).max().orElseThrow();
    double[] probabilities = softmax(logits, temperature);
    double logSum =
        StrictMath.log(
            Arrays.stream(logits)
                .map(logit -> StrictMath.exp((logit - largest) / temperature))
                .sum());
    double loss = 0;
    double[] gradient = new double[logits.length];
    for (int c = 0; c < logits.length; c++) {
      double logProbability = (logits[c] - largest) / temperature - logSum;
      loss -= targets[c] == 0 ? 0 : targets[c] * logProbability;
      gradient[c] = (probabilities[c] - targets[c]) / temperature;
    }
    return new DenseLoss(loss, gradient);
  }
}
