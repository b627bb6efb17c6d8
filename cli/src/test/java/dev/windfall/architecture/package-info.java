/**
 * Tests that hold the arrows of {@code docs/architecture.md}: which module and package may depend
 * on which, and which operations of the platform are banned. They stand in the command line's
 * module because it alone sees all others.
 */
@NullMarked
package dev.windfall.architecture;

import org.jspecify.annotations.NullMarked;
