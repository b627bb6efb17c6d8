/**
 * The port's own tests, and an engine of plain loops by which everything above the port is tested.
 */
@NullMarked
package dev.windfall.engine;

import org.jspecify.annotations.NullMarked;
