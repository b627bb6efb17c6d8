package dev.windfall.vector;

import dev.windfall.engine.OptimizerStep;

/**
 * The numbers of one step of gradient descent, as single precision has them.
 *
 * @param rate η
 * @param momentum μ
 * @param nesterov whether the step looks ahead
 * @param decay λ, 0 for tensors that do not decay
 */
record SgdConstants(float rate, float momentum, boolean nesterov, float decay) {

  /** Values and velocities below this become 0. */
  static final float SMALLEST = 1e-30f;

  /** The constants for a tensor. */
  static SgdConstants of(OptimizerStep.Sgd sgd, boolean matrix) {
    boolean decays = matrix || sgd.decayOneDimensional();
    return new SgdConstants(
        (float) sgd.rate(),
        (float) sgd.momentum(),
        sgd.nesterov(),
        decays ? (float) sgd.weightDecay() : 0);
  }
}
