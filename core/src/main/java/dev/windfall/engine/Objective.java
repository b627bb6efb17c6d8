package dev.windfall.engine;

/** What training minimises. */
public sealed interface Objective {

  /**
   * Softmax cross entropy against smoothed labels: the target is 1 − ε on the label plus ε spread
   * over the classes (Szegedy et al. 2016).
   *
   * @param smoothing ε, from 0 to below 1
   * @param over which classes share ε
   */
  record CrossEntropy(double smoothing, SmoothingOver over) implements Objective {
    /** Checks the range. */
    public CrossEntropy {
      if (!(smoothing >= 0 && smoothing < 1)) {
        throw new IllegalArgumentException(
            "label smoothing must be at least 0 and below 1, not " + smoothing);
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

  /** Which classes share the smoothed part of a label. */
  enum SmoothingOver {
    /** All of them: 1 − ε + ε/C on the label, ε/C elsewhere (a mixture with the uniform). */
    ALL,
    /** All but the label: 1 − ε on the label, ε/(C − 1) elsewhere. */
    OTHERS
  }
}
