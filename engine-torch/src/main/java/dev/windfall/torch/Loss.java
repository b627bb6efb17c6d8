package dev.windfall.torch;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Objective;
import dev.windfall.torch.tensor.ElementType;
import dev.windfall.torch.tensor.Tensor;
import dev.windfall.torch.tensor.TensorLibrary;
import java.util.Arrays;

/** Losses of logits, in double precision. */
final class Loss {

  private Loss() {}

  /**
   * The objective, summed over the batch: a scalar.
   *
   * @param logits N×classes, of any floating type
   */
  static Tensor of(TensorLibrary library, Tensor logits, Batch batch, Objective objective) {
    Tensor precise = logits.as(ElementType.FLOAT64);
    return switch (objective) {
      case Objective.CrossEntropy entropy -> crossEntropy(library, precise, batch, entropy);
      case Objective.SumOfOutputs _ -> precise.sum();
    };
  }

  private static Tensor crossEntropy(
      TensorLibrary library, Tensor logits, Batch batch, Objective.CrossEntropy entropy) {
    int classes = (int) logits.shape()[1];
    double[] targets = new double[batch.count() * classes];
    Arrays.fill(targets, -entropy.offLabel(classes));
    for (int sample = 0; sample < batch.count(); sample++) {
      targets[sample * classes + batch.labels()[sample]] = -entropy.onLabel(classes);
    }
    return logits
        .times(1 / entropy.temperature())
        .logSoftmax()
        .times(library.of(targets, batch.count(), classes))
        .sum();
  }

  /** Samples whose largest logit is the label's; the first of equal ones counts. */
  static int correct(float[] logits, Batch batch) {
    int classes = logits.length / batch.count();
    int correct = 0;
    for (int sample = 0; sample < batch.count(); sample++) {
      int best = 0;
      for (int c = 1; c < classes; c++) {
        best = logits[sample * classes + c] > logits[sample * classes + best] ? c : best;
      }
      correct += best == batch.labels()[sample] ? 1 : 0;
    }
    return correct;
  }
}
