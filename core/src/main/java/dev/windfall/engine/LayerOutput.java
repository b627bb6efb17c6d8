package dev.windfall.engine;

/**
 * What a layer computed for a batch, in numbers.
 *
 * @param layer the node's name
 * @param values how many numbers it computed: live samples · elements of its output
 * @param nearlyZero how many of them are at most as large as was asked
 * @param nonFinite how many of them are NaN or infinite
 */
public record LayerOutput(String layer, long values, long nearlyZero, long nonFinite) {}
