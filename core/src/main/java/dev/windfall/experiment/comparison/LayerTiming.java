package dev.windfall.experiment.comparison;

/**
 * How long a convolution or linear layer takes in a training step, with the connections that it has
 * when its network has come to its sparsity.
 *
 * @param layer its name
 * @param milliseconds of its way forward and of both its gradients, for all samples of a step
 * @param flops of its way forward, for one sample, by {@link ComparisonGrid#COUNTER}
 */
public record LayerTiming(String layer, double milliseconds, long flops) {}
