/**
 * Tweaks: what makes a sparse network train better than the protocol of its dense one does
 * ("Spending Your Winning Lottery Better After Drawing It"). Rewrites of networks take a network
 * and give another; the names of the tensors that were there stay as they are, so that masks,
 * tickets and checkpoints fit both.
 */
@NullMarked
package dev.windfall.tweak;

import org.jspecify.annotations.NullMarked;
