/**
 * Reports of comparisons: statistics over seeds, tables as text, Markdown, CSV and JSON, and
 * charts. Every figure names its budget and its counter.
 */
@NullMarked
package dev.windfall.report;

import org.jspecify.annotations.NullMarked;
