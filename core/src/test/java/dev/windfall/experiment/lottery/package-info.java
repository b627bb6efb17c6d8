@NullMarked
package dev.windfall.experiment.lottery;

import org.jspecify.annotations.NullMarked;
