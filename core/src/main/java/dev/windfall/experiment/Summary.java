package dev.windfall.experiment;

import org.jspecify.annotations.Nullable;

/**
 * The result of a run, as in {@code summary.json}. Shares, accuracies and ratios are fractions.
 *
 * @param model name of the network
 * @param data name of the data set
 * @param method name of the sparse-training method
 * @param distribution name of the rule that gave each layer its sparsity
 * @param engine name of the engine
 * @param seed of the run
 * @param epochs done
 * @param steps done
 * @param firstStep of the training that was done: 0 but for a ticket of a later moment
 * @param targetSparsity what the recipe asked for
 * @param sparsity realised, over the prunable weights
 * @param activeWeights prunable weights that exist
 * @param totalWeights prunable weights of the dense network
 * @param testAccuracy of the last weights
 * @param testLoss of the last weights
 * @param validationAccuracy of the last weights; null without validation samples
 * @param bestValidationAccuracy the highest of all evaluations; null without validation samples
 * @param bestTestAccuracy test accuracy where the validation accuracy was highest; null without
 *     validation samples
 * @param expectedCalibrationError of the last weights on the test samples
 * @param inferenceFlops of one sample, by the counter of the reproducibility report
 * @param inferenceFlopsRatio to the dense network
 * @param overheadFlops of all that was computed before the training, such as scores of connections;
 *     of all samples together
 * @param trainingFlopsRatio to the dense network trained on as many samples, with the overhead
 * @param seconds of the whole training with its evaluations; for a resumed run what it took up to
 *     the checkpoints that it was resumed from, and after
 * @param imagesPerSecond training samples by the time of the training steps alone
 * @param peakBytes the most that the engine held, since the run was last resumed
 * @param processPeakBytes the most that the process held, since then; null where the system does
 *     not say
 * @param topologyUpdates updates of the connections
 * @param connectionsReplaced connections replaced, in all updates
 * @param everActiveFraction share of the prunable positions that have ever been connections (Liu et
 *     al. 2021); null unless {@code run.layer-metrics} has {@code ever-active}
 */
public record Summary(
    String model,
    String data,
    String method,
    String distribution,
    String engine,
    long seed,
    int epochs,
    long steps,
    long firstStep,
    double targetSparsity,
    double sparsity,
    long activeWeights,
    long totalWeights,
    double testAccuracy,
    double testLoss,
    @Nullable Double validationAccuracy,
    @Nullable Double bestValidationAccuracy,
    @Nullable Double bestTestAccuracy,
    double expectedCalibrationError,
    long inferenceFlops,
    double inferenceFlopsRatio,
    long overheadFlops,
    double trainingFlopsRatio,
    double seconds,
    double imagesPerSecond,
    long peakBytes,
    @Nullable Long processPeakBytes,
    long topologyUpdates,
    long connectionsReplaced,
    @Nullable Double everActiveFraction) {}
