/**
 * What a network costs: floating-point operations of its layers, dense and sparse, for inference
 * and for training by method.
 *
 * <p>Published figures count differently, so every figure here comes with the name of its counter.
 * Nothing here measures; what a device loses to irregular sparsity is a matter of benchmarks.
 */
@NullMarked
package dev.windfall.cost;

import org.jspecify.annotations.NullMarked;
