/**
 * The command line: reads options and recipes, runs the matching part of the core and reports to
 * people and to programs.
 *
 * <p>Engines are found at run time by {@link java.util.ServiceLoader}; no class here names one.
 */
@NullMarked
package dev.windfall.cli;

import org.jspecify.annotations.NullMarked;
