/**
 * Labelled images, and how they reach a network: data sets, validation splits, augmentation and
 * batches of standardised pixels.
 *
 * <p>A {@link dev.windfall.data.Dataset} holds 8-bit pixels, {@link dev.windfall.data.Datasets}
 * opens those that are known by name (from a folder, or from a {@link
 * dev.windfall.data.DatasetCache} that downloads them), and a {@link dev.windfall.data.DataLoader}
 * turns one into {@link dev.windfall.data.Batches}. Everything is a pure function of the seed, the
 * epoch and the sample's index, so that a run can be repeated, and stopped and continued, to the
 * same bits. Files are not trusted: their lengths, dimensions and magic numbers are checked before
 * memory is taken, unpacking stops at the expected length, and nothing from an archive is written
 * to disk. This package knows no other package of Windfall but that of random numbers.
 */
@NullMarked
package dev.windfall.data;

import org.jspecify.annotations.NullMarked;
