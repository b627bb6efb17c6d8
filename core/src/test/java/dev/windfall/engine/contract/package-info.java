/**
 * What every engine promises, as abstract tests that each engine's own module runs, and a reference
 * of plain loops in double precision that they compare with.
 */
@NullMarked
package dev.windfall.engine.contract;

import org.jspecify.annotations.NullMarked;
