package dev.windfall.engine;

import java.util.Map;

/**
 * Where a session's time went.
 *
 * @param nanosecondsByKind by kind of operation ({@code conv forward}, {@code norm}, …), the
 *     elapsed nanoseconds, in the order in which the engine names its kinds
 */
public record TimeShares(Map<String, Long> nanosecondsByKind) {}
