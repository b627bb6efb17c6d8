/**
 * Connectivity as data: for each prunable weight tensor, the exact sorted set of connections that
 * exist.
 *
 * <p>Rows are output channels, columns the position in (input channel, kernel row, kernel column)
 * order; the canonical position {@code row * rowLength + column} is a long and breaks all ties.
 * Distributions create a connectivity, drop and grow criteria under an update schedule change it. A
 * sparse-training method is a composition of these parts, not a class with a loop of its own.
 */
@NullMarked
package dev.windfall.sparsity;

import org.jspecify.annotations.NullMarked;
