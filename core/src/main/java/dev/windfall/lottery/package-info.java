/**
 * Lottery tickets (Frankle &amp; Carbin 2019): sparse networks found by magnitude pruning of
 * trained ones, with the weights that they are trained again with, as files; the ladder of
 * sparsities down which they are drawn; the points to which training is rewound; and the controls
 * that show what a ticket owes to its connections and what to its weights.
 */
@NullMarked
package dev.windfall.lottery;

import org.jspecify.annotations.NullMarked;
