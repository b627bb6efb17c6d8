/**
 * The vector engine: pure Java on the Vector API, which stores and computes existing connections
 * only.
 *
 * <p>A planner turns a network into a list of operations, forward and backward, with a static
 * memory plan. Kernels exist twice, as plain scalar loops and in vector form, and both give the
 * same bits, for any number of threads. Memory grows with the connections, not with the dense shape
 * around them.
 */
@NullMarked
package dev.windfall.vector;

import org.jspecify.annotations.NullMarked;
