/** Tests of the command line as its users see it: exit codes, messages, files. */
@NullMarked
package dev.windfall.cli;

import org.jspecify.annotations.NullMarked;
