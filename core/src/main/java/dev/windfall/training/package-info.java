/**
 * Training: optimizers, learning-rate schedules and losses as data, the training loop, its events
 * and its checkpoints.
 *
 * <p>The trainer asks the engine's session to accumulate a batch, asks the method what this step
 * is, and tells its listeners what happened. It holds no weights and does no arithmetic on them.
 */
@NullMarked
package dev.windfall.training;

import org.jspecify.annotations.NullMarked;
