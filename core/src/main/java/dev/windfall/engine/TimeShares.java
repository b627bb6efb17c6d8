package dev.windfall.engine;

import java.util.Map;

/**
 * Where a session's time went.
 *
 * @param nanosecondsByKind by kind of operation ({@code conv forward}, {@code norm}, …), the
 *     elapsed nanoseconds, in the order in which the engine names its kinds
 * @param nanosecondsByLayer by name of a convolution or linear layer, the elapsed nanoseconds of
 *     its way forward and of both its gradients, with what the engine does in the same go; empty
 *     where the engine cannot tell
 */
public record TimeShares(
    Map<String, Long> nanosecondsByKind, Map<String, Long> nanosecondsByLayer) {}
