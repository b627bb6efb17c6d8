@NullMarked
package dev.windfall.lottery;

import org.jspecify.annotations.NullMarked;
