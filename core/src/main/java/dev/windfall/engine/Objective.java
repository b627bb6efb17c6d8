package dev.windfall.engine;

/** What training minimises. */
public sealed interface Objective {

  /**
   * Softmax cross entropy against smoothed labels: the target is 1 − ε on the label plus ε spread
   * over the classes (Szegedy et al. 2016).
   *
   * @param smoothing ε, from 0 to below 1
   * @param over which classes share ε
   * @param temperature by which the logits are divided before the softmax, above 0
   */
  record CrossEntropy(double smoothing, SmoothingOver over, double temperature)
      implements Objective {
    /** Cross entropy at a temperature of 1. */
    public CrossEntropy(double smoothing, SmoothingOver over) {
      this(smoothing, over, 1);
    }

    /** Checks the ranges. */
    public CrossEntropy {
      if (!(smoothing >= 0 && smoothing < 1)) {
        throw new IllegalArgumentException(
            "label smoothing must be at least 0 and below 1, not " + smoothing);
      }
      if (!(temperature > 0 && Double.isFinite(temperature))) {
        throw new IllegalArgumentException("temperature must be above 0, not " + temperature);
      }
    }

    /** The target probability of the labelled class among {@code classes}. */
    public double onLabel(int classes) {
      return 1 - smoothing + (over == SmoothingOver.ALL ? smoothing / classes : 0);
    }

    /** The target probability of each other class among {@code classes}. */
    public double offLabel(int classes) {
      return classes == 1 ? 0 : smoothing / (over == SmoothingOver.ALL ? classes : classes - 1);
    }
  }

  /**
   * The sum of all outputs of a sample, whatever its label: by its derivatives synaptic flow scores
   * connections (Tanaka et al. 2020).
   */
  record SumOfOutputs() implements Objective {}

  /** Which classes share the smoothed part of a label. */
  enum SmoothingOver {
    /** All of them: 1 − ε + ε/C on the label, ε/C elsewhere (a mixture with the uniform). */
    ALL,
    /** All but the label: 1 − ε on the label, ε/(C − 1) elsewhere. */
    OTHERS
  }
}
