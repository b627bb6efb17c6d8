/**
 * Randomness without state that is shared: every random number is a pure function of a seed, the
 * name of what it is for, and counters such as epoch, step or sample. Two threads, two processes or
 * a resumed run that ask for the same number get the same bits, in whatever order they ask.
 */
@NullMarked
package dev.windfall.random;

import org.jspecify.annotations.NullMarked;
