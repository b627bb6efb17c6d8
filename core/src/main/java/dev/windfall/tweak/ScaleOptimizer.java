package dev.windfall.tweak;

/**
 * The optimizer of one scale: Adam (Kingma &amp; Ba 2015) for two objectives in turn, each with a
 * first moment and a count of steps of its own; the second moment is common, and corrected by the
 * steps of both.
 */
final class ScaleOptimizer {

  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final double rate;
  private final double least;
  private final double clip;
  private double scale = 1;
  private final Mean ofLoss = new Mean();
  private final Mean ofGradient = new Mean();
  private double variance;

  /** The first moment of one goal. */
  private static final class Mean {
    private double value;
    private int steps;

    double after(double derivative) {
      steps++;
      value = BETA1 * value + (1 - BETA1) * derivative;
      return value / (1 - StrictMath.pow(BETA1, steps));
    }
  }

  /** What a step is for. */
  enum Goal {
    /** A lower loss after a trial step. */
    LOWER_LOSS,
    /** A shorter gradient. */
    SHORTER_GRADIENT
  }

  /**
   * An optimizer of a scale that is 1.
   *
   * @param least what the scale never falls below
   * @param clip what derivatives are limited to
   */
  ScaleOptimizer(double rate, double least, double clip) {
    this.rate = rate;
    this.least = least;
    this.clip = clip;
  }

  double scale() {
    return scale;
  }

  /** Makes a step down a derivative. */
  void step(Goal goal, double derivative) {
    double clipped = Math.clamp(derivative, -clip, clip);
    double mean =
        switch (goal) {
          case LOWER_LOSS -> ofLoss.after(clipped);
          case SHORTER_GRADIENT -> ofGradient.after(clipped);
        };
    variance = BETA2 * variance + (1 - BETA2) * clipped * clipped;
    int all = ofLoss.steps + ofGradient.steps;
    double deviation = Math.sqrt(variance / (1 - StrictMath.pow(BETA2, all)));
    scale = Math.max(least, scale - rate * mean / (deviation + EPSILON));
  }
}
