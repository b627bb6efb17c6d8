/**
 * Tests of the vector engine, against two references: the scalar kernels, whose bits the vector
 * kernels must have, and a network of plain loops over dense tensors in double precision, whose
 * numbers the engine must come close to.
 */
@NullMarked
package dev.windfall.vector;

import org.jspecify.annotations.NullMarked;
