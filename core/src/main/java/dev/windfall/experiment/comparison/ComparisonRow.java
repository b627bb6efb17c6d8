package dev.windfall.experiment.comparison;

import dev.windfall.cost.NetworkCost;
import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of a comparison: what its runs have in common, but for the seed.
 *
 * @param model the network's name
 * @param data the data set's name
 * @param method of {@link dev.windfall.sparsity.SparseTrainingMethod}, {@link
 *     Comparison#SMALL_DENSE}, {@link Comparison#BIG_SPARSE} or a name of {@link Comparison#after}
 * @param distribution how layers share the sparsity; null for dense and small dense networks, and
 *     where there is an origin
 * @param sparsity asked for, which names the row; 0 where all connections exist at full width
 * @param multiplier asked for, which names the row; 1 unless the comparison multiplies
 * @param origin with what the runs begin; null where they begin by themselves
 * @param draft the recipe but for name and seed, with sparsity, width and length as solved for;
 *     what an origin gives is stood in for by random connections, in each layer as many as the
 *     origin's row is counted with
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
    @Nullable Origin origin,
    RecipeDraft draft,
    NetworkCost cost,
    Baseline baseline,
    Spending spending) {

  /**
   * What runs begin with: something of what the other row's run of the same seed ended with.
   *
   * @param inherits what it is
   * @param row the other row, which has no origin itself
   */
  public record Origin(Inheritance inherits, ComparisonRow row) {

    /** In words, such as {@code the connections that gmp/global ended with}. */
    public String description() {
      return inherits.description(
          new Comparison.Choice(row.method(), row.distribution(), null).label());
    }
  }

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

  /** The recipe of one run, not yet resolved, which trains as its draft does. */
  public Recipe recipe(long seed, int threads) {
    return recipe(draft, seed, threads);
  }

  /**
   * The recipe of one run, not yet resolved, which begins with what it inherits.
   *
   * @param runs the folder of the runs' folders
   */
  Recipe recipe(long seed, int threads, Path runs) {
    return recipe(
        origin == null
            ? draft
            : origin.inherits().over(draft, runs.resolve(origin.row().runName(seed)), key()),
        seed,
        threads);
  }

  private Recipe recipe(RecipeDraft whole, long seed, int threads) {
    return whole
        .withText(List.of("name"), runName(seed), key())
        .with(List.of("run", "seed"), Long.toString(seed), key())
        .with(List.of("run", "threads"), Integer.toString(threads), key())
        .recipe();
  }

  /** The name of one run, and of its folder. */
  String runName(long seed) {
    return "%s-seed-%d".formatted(key(), seed);
  }

  static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }
}
