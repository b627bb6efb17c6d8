/**
 * The port between a trainer and whatever computes: what an engine promises, and the plain records
 * that pass through it.
 *
 * <p>A session owns weights, optimizer state and batch statistics in a layout of its own and shows
 * them to the outside only as values of connections, in connection order. Nothing here computes.
 */
@NullMarked
package dev.windfall.engine;

import org.jspecify.annotations.NullMarked;
