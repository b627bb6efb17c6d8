package dev.windfall.experiment.comparison;

import dev.windfall.cost.NetworkCost;
import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of a comparison: what its runs have in common, but for the seed.
 *
 * @param model the network's name
 * @param data the data set's name
 * @param method of {@link dev.windfall.sparsity.SparseTrainingMethod}, {@link
 *     Comparison#SMALL_DENSE} or {@link Comparison#BIG_SPARSE}
 * @param distribution how layers share the sparsity; null for dense and small dense networks
 * @param sparsity asked for, which names the row; 0 where all connections exist at full width
 * @param multiplier asked for, which names the row; 1 unless the comparison multiplies
 * @param draft the recipe but for name and seed, with sparsity, width and length as solved for
 * @param cost of the network when it has come to its sparsity, by {@link ComparisonGrid#COUNTER}
 * @param baseline the dense network
 * @param spending how the row keeps to the budget
 */
public record ComparisonRow(
    String model,
    String data,
    String method,
    @Nullable String distribution,
    double sparsity,
    double multiplier,
    RecipeDraft draft,
    NetworkCost cost,
    Baseline baseline,
    Spending spending) {

  /** Names the row within its comparison, and its runs' folders. */
  public String key() {
    String connections =
        isDense()
            ? method
            : distribution == null
                ? "%s-%s".formatted(method, plain(sparsity))
                : "%s-%s-%s".formatted(method, distribution, plain(sparsity));
    return "%s-%s-%s-%sx".formatted(model, data, connections, plain(multiplier));
  }

  /** Whether the network has all of its connections at its full width. */
  public boolean isDense() {
    return sparsity == 0;
  }

  /** The recipe of one run, not yet resolved. */
  public Recipe recipe(long seed, int threads) {
    return draft
        .withText(List.of("name"), runName(seed), key())
        .with(List.of("run", "seed"), Long.toString(seed), key())
        .with(List.of("run", "threads"), Integer.toString(threads), key())
        .recipe();
  }

  /** The name of one run, and of its folder. */
  String runName(long seed) {
    return "%s-seed-%d".formatted(key(), seed);
  }

  private static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }
}
