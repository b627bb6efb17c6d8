package dev.windfall.engine;

/**
 * Bytes that a session holds now, as it counted them when it took them.
 *
 * @param weightsAndState values, gradients, optimizer state and indices of all tensors
 * @param activations activations, their gradients and work space for the largest batch
 * @param peak the most that both together have been, updates of the connections included
 */
public record MemoryUse(long weightsAndState, long activations, long peak) {}
