/**
 * The torch engine: networks computed densely by a tensor library, with masks where they are
 * sparse.
 *
 * <p>It is the dense baseline that the vector engine's speed is divided by, the oracle of its
 * numbers, and the place of second derivatives. Only the facade in {@link
 * dev.windfall.torch.tensor} is known here.
 */
@NullMarked
package dev.windfall.torch;

import org.jspecify.annotations.NullMarked;
