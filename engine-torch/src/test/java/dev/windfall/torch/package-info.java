/** Tests of the torch engine: beside the vector engine, and of what it alone can do. */
@NullMarked
package dev.windfall.torch;

import org.jspecify.annotations.NullMarked;
