package dev.windfall.training;

import dev.windfall.engine.OptimizerStep;

/** Which optimizer trains, and with which constants; the learning rate comes step by step. */
public sealed interface OptimizerSettings {

  /**
   * The step to apply at a learning rate.
   *
   * @param rate the learning rate of this moment
   */
  OptimizerStep at(double rate);

  /**
   * Stochastic gradient descent, as {@link OptimizerStep.Sgd} defines it.
   *
   * @param momentum from 0 to below 1
   * @param nesterov whether the step looks ahead
   * @param weightDecay at least 0; acts on existing connections only
   * @param decayOneDimensional whether it also acts on biases and batch-norm parameters
   */
  record Sgd(double momentum, boolean nesterov, double weightDecay, boolean decayOneDimensional)
      implements OptimizerSettings {
    @Override
    public OptimizerStep at(double rate) {
      return new OptimizerStep.Sgd(rate, momentum, nesterov, weightDecay, decayOneDimensional);
    }
  }

  /**
   * Adam, as {@link OptimizerStep.Adam} defines it.
   *
   * @param beta1 decay of the first moment, from 0 to below 1
   * @param beta2 decay of the second moment, from 0 to below 1
   * @param epsilon above 0
   * @param weightDecay at least 0; acts on existing connections only
   * @param decayOneDimensional whether it also acts on biases and batch-norm parameters
   */
  record Adam(
      double beta1, double beta2, double epsilon, double weightDecay, boolean decayOneDimensional)
      implements OptimizerSettings {
    @Override
    public OptimizerStep at(double rate) {
      return new OptimizerStep.Adam(rate, beta1, beta2, epsilon, weightDecay, decayOneDimensional);
    }
  }
}
