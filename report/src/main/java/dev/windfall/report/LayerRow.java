package dev.windfall.report;

import org.jspecify.annotations.Nullable;

/**
 * One layer of one row of a comparison, beside the same layer of the dense network.
 *
 * @param model the network
 * @param data the data set
 * @param method of sparse training
 * @param distribution how layers share the sparsity; null where there is none
 * @param sparsity asked for
 * @param multiplier of the epochs, asked for
 * @param layer its name
 * @param flopsRatio operations of its way forward, as a share of the dense layer's
 * @param milliseconds that it takes of a training step, measured alone
 * @param denseMilliseconds that the dense layer takes
 * @param measuredSlowdown what an operation takes in measured time, as a multiple of the dense
 *     layer's
 * @param breakEvenSlowdown how large that may be before the layer takes longer than the dense one:
 *     1 / {@code flopsRatio}
 */
public record LayerRow(
    String model,
    String data,
    String method,
    @Nullable String distribution,
    double sparsity,
    double multiplier,
    String layer,
    double flopsRatio,
    double milliseconds,
    double denseMilliseconds,
    double measuredSlowdown,
    double breakEvenSlowdown) {}
