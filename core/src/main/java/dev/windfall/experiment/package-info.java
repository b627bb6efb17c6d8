/**
 * Experiments: recipes and run folders.
 *
 * <p>Everything that a run needs and produces stands in one folder: the resolved recipe, its
 * provenance, metrics by line, checkpoints and a summary. This package sits on top of all others in
 * this module.
 */
@NullMarked
package dev.windfall.experiment;

import org.jspecify.annotations.NullMarked;
