/**
 * Data sets, augmentation and batches.
 *
 * <p>Everything here is a pure function of the seed, the epoch and the sample's index, so that a
 * run can be repeated, and stopped and continued, to the same bits. This package knows no other
 * package of Windfall.
 */
@NullMarked
package dev.windfall.data;

import org.jspecify.annotations.NullMarked;
