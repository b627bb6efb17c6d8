package dev.windfall.vector;

import dev.windfall.sparsity.Candidates;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The exponential average of a layer's dense gradient over the steps of a training. By its nature
 * as large as the dense tensor: 4 bytes for each position.
 */
final class GradientTrace {

  private final SparseWeights weights;
  private final DenseGradient dense;

  /** Averages by panel; null where none is kept. */
  private float @Nullable [][] averages;

  private double smoothing;
  private boolean isGrowing;

  /** Whether a batch of this step has joined the average already. */
  private boolean isInStep;

  GradientTrace(SparseWeights weights, DenseGradient dense) {
    this.weights = weights;
    this.dense = dense;
  }

  /** Whether batches join the average. */
  boolean isGrowing() {
    return isGrowing;
  }

  /** Batches join from now on; the average begins at 0, unless there is one. */
  void keep(double newSmoothing) {
    smoothing = newSmoothing;
    isGrowing = true;
    if (averages == null) {
      averages = zeros();
    }
  }

  private float[][] zeros() {
    float[][] zeros = new float[dense.panels()][];
    Arrays.setAll(zeros, number -> new float[dense.panel(number).positions()]);
    return zeros;
  }

  /** The next batch begins another step. */
  void endStep() {
    isInStep = false;
  }

  /** Bytes of the average. */
  long bytes() {
    return averages == null
        ? 0
        : Arrays.stream(averages).mapToLong(panel -> 4L * panel.length).sum();
  }

  private float[][] kept() {
    if (averages == null) {
      throw new IllegalStateException(
          "no gradients of %s are averaged".formatted(weights.parameter().name()));
    }
    return averages;
  }

  /** Adds a batch's gradient, the first of a step after the average has decayed. */
  void add(Pass pass, Buffer gradient) {
    float decay = isInStep ? 1 : (float) smoothing;
    float share = (float) (1 - smoothing);
    isInStep = true;
    float[][] kept = kept();
    dense.run(
        pass,
        gradient,
        (worker, panel) -> {
          float[] own = new float[panel.positions()];
          dense.reduce(pass, worker, own, false);
          float[] average = kept[panel.number()];
          for (int i = 0; i < own.length; i++) {
            average[i] = decay * average[i] + share * own[i];
          }
        });
  }

  /** The best inactive positions. */
  Candidates best(Crew crew, int most) {
    float[][] kept = kept();
    return dense.best(crew, most, (worker, panel) -> kept[panel.number()]);
  }

  /** The average at the connections, in their order. */
  float[] atConnections() {
    float[][] kept = kept();
    float[] result = new float[weights.count()];
    int[] starts = weights.starts();
    for (int row = 0; row < weights.rows(); row++) {
      for (int k = starts[row]; k < starts[row + 1]; k++) {
        int column = weights.column(k);
        int number = dense.panelOf(row, column);
        result[k] = kept[number][dense.panel(number).place(row, column)];
      }
    }
    return result;
  }

  /** A copy by canonical position; null where none is kept. */
  float @Nullable [] copy() {
    if (averages == null) {
      return null;
    }
    int rowLength = (int) weights.parameter().rowLength();
    float[] result = new float[weights.rows() * rowLength];
    for (int number = 0; number < averages.length; number++) {
      DenseGradient.Panel panel = dense.panel(number);
      for (int row = panel.fromRow(); row < panel.toRow(); row++) {
        for (int column = panel.fromColumn(); column < panel.toColumn(); column++) {
          result[row * rowLength + column] = averages[number][panel.place(row, column)];
        }
      }
    }
    return result;
  }

  /** Takes over a copy; null: there was no average. */
  void replace(float @Nullable [] saved) {
    isInStep = false;
    if (saved == null) {
      averages = isGrowing ? zeros() : null;
      return;
    }
    int rowLength = (int) weights.parameter().rowLength();
    float[][] kept = zeros();
    averages = kept;
    for (int number = 0; number < kept.length; number++) {
      DenseGradient.Panel panel = dense.panel(number);
      for (int row = panel.fromRow(); row < panel.toRow(); row++) {
        for (int column = panel.fromColumn(); column < panel.toColumn(); column++) {
          kept[number][panel.place(row, column)] = saved[row * rowLength + column];
        }
      }
    }
  }
}
