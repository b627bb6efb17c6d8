/** Tests of the training package, on an engine of plain loops. */
@NullMarked
package dev.windfall.training;

import org.jspecify.annotations.NullMarked;
