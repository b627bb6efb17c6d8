/** Tests of reports. */
@NullMarked
package dev.windfall.report;

import org.jspecify.annotations.NullMarked;
