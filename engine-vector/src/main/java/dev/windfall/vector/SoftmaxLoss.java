package dev.windfall.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.windfall.engine.Batch;
import dev.windfall.engine.BatchResult;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import java.util.Arrays;

/**
 * The objective on the logits, in double precision sample by sample, and its gradient: for softmax
 * cross entropy scale · (softmax − target).
 */
final class SoftmaxLoss {

  private final Tensor logits;

  SoftmaxLoss(Tensor logits) {
    this.logits = logits;
  }

  int classes() {
    return logits.data().geometry().channels();
  }

  /** The loss of the batch; unless it is evaluated only, writes the logits' gradient. */
  BatchResult run(Pass pass, Batch batch, Objective objective, double scale) {
    float[] teacher =
        objective instanceof Objective.Distillation
            ? batch.requireTeacher(classes())
            : new float[0];
    int blocks = logits.data().geometry().blocks(pass.samples()) * Geometry.TILE;
    double[] losses = new double[batch.count()];
    boolean[] hits = new boolean[batch.count()];
    pass.machine()
        .crew()
        .run(
            blocks,
            (worker, block) -> {
              double[] row = new double[classes()];
              for (int lane = 0; lane < Geometry.LANES; lane++) {
                int sample = block * Geometry.LANES + lane;
                if (sample < batch.count()) {
                  read(pass, sample, row);
                  hits[sample] = argMax(row) == batch.labels()[sample];
                  int label = batch.labels()[sample];
                  losses[sample] =
                      switch (objective) {
                        case Objective.CrossEntropy entropy ->
                            crossEntropy(row, label, entropy, scale);
                        case Objective.SumOfOutputs _ -> sumOfOutputs(row, scale);
                        case Objective.Distillation distillation ->
                            distillation(row, said(teacher, sample), label, distillation, scale);
                      };
                } else {
                  Arrays.fill(row, 0);
                }
                if (pass.mode() != Mode.EVALUATE) {
                  write(pass, sample, row);
                }
              }
            });
    double loss = 0;
    int correct = 0;
    for (int sample = 0; sample < batch.count(); sample++) {
      loss += losses[sample];
      correct += hits[sample] ? 1 : 0;
    }
    return new BatchResult(loss, correct, batch.count());
  }

  /** Reads one sample's logits. */
  void read(Pass pass, int sample, double[] into) {
    for (int c = 0; c < into.length; c++) {
      into[c] = pass.memory().get(JAVA_FLOAT, place(logits.data(), sample, c));
    }
  }

  private void write(Pass pass, int sample, double[] gradient) {
    for (int c = 0; c < gradient.length; c++) {
      pass.memory().set(JAVA_FLOAT, place(logits.gradient(), sample, c), (float) gradient[c]);
    }
  }

  private static long place(Buffer vectors, int sample, int feature) {
    int perBlock = Geometry.LANES * Geometry.TILE;
    int column = sample % perBlock / Geometry.LANES;
    return vectors.at(sample / perBlock, 0, feature, column) + 4L * (sample % Geometry.LANES);
  }

  private static int argMax(double[] row) {
    int best = 0;
    for (int c = 1; c < row.length; c++) {
      best = row[c] > row[best] ? c : best;
    }
    return best;
  }

  private double[] said(float[] teacher, int sample) {
    double[] said = new double[classes()];
    for (int c = 0; c < said.length; c++) {
      said[c] = teacher[sample * said.length + c];
    }
    return said;
  }

  /**
   * Replaces the logits by their gradient: that of the labels' part and, by the chain rule through
   * the division by T, α · T · (q − p).
   */
  private static double distillation(
      double[] row, double[] said, int label, Objective.Distillation objective, double scale) {
    double temperature = objective.temperature();
    double[] ofTeacher = logSoftmax(said, temperature);
    double[] own = logSoftmax(row, temperature);
    double divergence = 0;
    double[] gradient = new double[row.length];
    for (int c = 0; c < row.length; c++) {
      double probability = StrictMath.exp(ofTeacher[c]);
      divergence += probability * (ofTeacher[c] - own[c]);
      gradient[c] =
          scale * objective.weight() * temperature * (StrictMath.exp(own[c]) - probability);
    }
    double labels = 1 - objective.weight();
    double loss = crossEntropy(row, label, objective.labels(), scale * labels);
    for (int c = 0; c < row.length; c++) {
      row[c] += gradient[c];
    }
    return labels * loss + objective.weight() * temperature * temperature * divergence;
  }

  private static double[] logSoftmax(double[] logits, double temperature) {
    double largest = logits[argMax(logits)] / temperature;
    double sum = 0;
    for (double logit : logits) {
      sum += StrictMath.exp(logit / temperature - largest);
    }
    double[] result = new double[logits.length];
    for (int c = 0; c < result.length; c++) {
      result[c] = logits[c] / temperature - largest - StrictMath.log(sum);
    }
    return result;
  }

  private static double sumOfOutputs(double[] row, double scale) {
    double sum = 0;
    for (double output : row) {
      sum += output;
    }
    Arrays.fill(row, scale);
    return sum;
  }

  /** Replaces the logits by their gradient. StrictMath gives the same bits on every JVM. */
  private static double crossEntropy(
      double[] row, int label, Objective.CrossEntropy objective, double scale) {
    double temperature = objective.temperature();
    for (int c = 0; c < row.length; c++) {
      row[c] /= temperature;
    }
    double largest = row[argMax(row)];
    double sum = 0;
    for (double logit : row) {
      sum += StrictMath.exp(logit - largest);
    }
    double logSum = largest + StrictMath.log(sum);
    double loss = 0;
    for (int c = 0; c < row.length; c++) {
      double target = c == label ? objective.onLabel(row.length) : objective.offLabel(row.length);
      double logProbability = row[c] - logSum;
      loss -= target * logProbability;
      row[c] = scale / temperature * (StrictMath.exp(logProbability) - target);
    }
    return loss;
  }
}
