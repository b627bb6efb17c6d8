package dev.windfall.report;

import org.jspecify.annotations.Nullable;

/**
 * One row of a comparison's table. What needs finished runs, or a timing, is null without.
 *
 * @param model the network
 * @param data the data set
 * @param method of sparse training, {@code dense}, {@code small-dense}, {@code big-sparse} or a
 *     name of the comparison's {@code after}
 * @param distribution how layers share the sparsity; null where there is none
 * @param sparsity asked for
 * @param multiplier of the epochs, asked for
 * @param width factor on the channels, as solved for
 * @param trainedBy the method in the recipe; another one for {@code small-dense}, {@code
 *     big-sparse} and rows that begin after others
 * @param begunWith in words, what the runs inherited of another row's; null where they began by
 *     themselves
 * @param targetSparsity in the recipe, as solved for
 * @param epochs that a run trains
 * @param activeWeights prunable weights that exist
 * @param totalWeights prunable weights of the dense network at its full width
 * @param runsFinished how many
 * @param runsFailed how many
 * @param testAccuracyMean of the last epoch's weights, from 0 to 1
 * @param testAccuracySd sample standard deviation over the seeds
 * @param validationAccuracyMean of the last epoch's weights
 * @param differenceMean of test accuracy to the reference's, paired by seed
 * @param differenceLow end of its confidence interval
 * @param differenceHigh end of its confidence interval
 * @param differencePairs seeds that both have
 * @param inferenceFlopsRatio to the dense network
 * @param trainingFlopsRatio to the dense training of the recipe's length, with what the training of
 *     the row took that this one began after
 * @param modelBytes of the network in a file: 32 bits a connection, and a bit for each weight of
 *     sparse layers
 * @param peakBytes the most that the engine held, of all runs
 * @param budgetUnit what the budget counts
 * @param budgetAllowed by the budget
 * @param budgetSpent by the row
 * @param budgetCertain whether that was known before the training; otherwise it is what the
 *     finished runs spent in the mean, and null without
 * @param stepMilliseconds of a training step, measured alone; where layers lose or win connections
 *     on the way, in the mean over the training
 * @param imagesPerSecond of training steps, measured alone
 * @param seconds of all steps of a training, from steps measured alone, with those of the row that
 *     this one began after
 * @param breakEvenSlowdown how much slower than the dense network's an operation may be before the
 *     training takes longer than the dense one: 1 / {@code trainingFlopsRatio}
 * @param measuredSlowdown how much slower than the dense network's an operation is
 * @param note on what went wrong; empty where nothing did
 */
public record ReportRow(
    String model,
    String data,
    String method,
    @Nullable String distribution,
    double sparsity,
    double multiplier,
    double width,
    String trainedBy,
    @Nullable String begunWith,
    double targetSparsity,
    int epochs,
    long activeWeights,
    long totalWeights,
    int runsFinished,
    int runsFailed,
    @Nullable Double testAccuracyMean,
    @Nullable Double testAccuracySd,
    @Nullable Double validationAccuracyMean,
    @Nullable Double differenceMean,
    @Nullable Double differenceLow,
    @Nullable Double differenceHigh,
    int differencePairs,
    double inferenceFlopsRatio,
    @Nullable Double trainingFlopsRatio,
    long modelBytes,
    @Nullable Long peakBytes,
    String budgetUnit,
    double budgetAllowed,
    @Nullable Double budgetSpent,
    boolean budgetCertain,
    @Nullable Double stepMilliseconds,
    @Nullable Double imagesPerSecond,
    @Nullable Double seconds,
    @Nullable Double breakEvenSlowdown,
    @Nullable Double measuredSlowdown,
    String note) {}
