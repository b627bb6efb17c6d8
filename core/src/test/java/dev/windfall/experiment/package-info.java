/** Tests of recipes, runs and run folders, on an engine of plain loops. */
@NullMarked
package dev.windfall.experiment;

import org.jspecify.annotations.NullMarked;
