/**
 * Lotteries: tickets that are drawn from dense networks, round by round, and spent in several ways
 * beside each other. A lottery is a folder of ordinary runs and of the tickets between them; it
 * continues after a stop.
 */
@NullMarked
package dev.windfall.experiment.lottery;

import org.jspecify.annotations.NullMarked;
