package dev.windfall.vector;

/**
 * What a tensor's step reads and writes, one number per value.
 *
 * @param values the values
 * @param gradients their gradients
 * @param momenta velocities, or first moments
 * @param variances second moments; empty for an optimizer without them
 */
record OptimizerSlots(float[] values, float[] gradients, float[] momenta, float[] variances) {}
