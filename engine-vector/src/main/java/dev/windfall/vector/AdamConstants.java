package dev.windfall.vector;

import dev.windfall.engine.OptimizerStep;

/**
 * The numbers of one step of Adam, as single precision has them. The corrections of bias need not
 * touch every value: m̂ / (√v̂ + ε) with the rate is rate · m / (√v · rootCorrection + ε).
 *
 * @param rate η / (1 − β₁ᵗ)
 * @param beta1 β₁
 * @param rest1 1 − β₁
 * @param beta2 β₂
 * @param rest2 1 − β₂
 * @param rootCorrection 1 / √(1 − β₂ᵗ)
 * @param epsilon ε
 * @param decay λ, 0 for tensors that do not decay
 */
record AdamConstants(
    float rate,
    float beta1,
    float rest1,
    float beta2,
    float rest2,
    float rootCorrection,
    float epsilon,
    float decay) {

  /** Variances below this become 0: they are squares, so small ones count as long as they can. */
  static final float SMALLEST_VARIANCE = Float.MIN_NORMAL;

  /**
   * The constants for a tensor.
   *
   * @param number t, of the step among all of the optimizer's, from 1
   */
  static AdamConstants of(OptimizerStep.Adam adam, long number, boolean matrix) {
    boolean decays = matrix || adam.decayOneDimensional();
    return new AdamConstants(
        (float) (adam.rate() / (1 - StrictMath.pow(adam.beta1(), (double) number))),
        (float) adam.beta1(),
        (float) (1 - adam.beta1()),
        (float) adam.beta2(),
        (float) (1 - adam.beta2()),
        (float) (1 / Math.sqrt(1 - StrictMath.pow(adam.beta2(), (double) number))),
        (float) adam.epsilon(),
        decays ? (float) adam.weightDecay() : 0);
  }
}
