/** Tests of comparisons. */
@NullMarked
package dev.windfall.experiment.comparison;

import org.jspecify.annotations.NullMarked;
