/**
 * Comparisons: a grid of methods, sparsities and seeds under a budget that is named, in which the
 * dense network gets the same budget and the same schedule. A comparison is a folder of ordinary
 * runs; it continues after a stop, and a run that fails is one row with a note.
 */
@NullMarked
package dev.windfall.experiment.comparison;

import org.jspecify.annotations.NullMarked;
