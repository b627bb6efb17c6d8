package dev.windfall.experiment.comparison;

import dev.windfall.experiment.RecipeDraft;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is compared, as data: the fields of a comparison file. Dense rows are not among the methods:
 * every comparison has them.
 *
 * @param name of the comparison, and of its folder
 * @param base the recipe that all rows begin with
 * @param models networks by name
 * @param data data sets by name
 * @param methods of {@link dev.windfall.sparsity.SparseTrainingMethod}, or {@link #SMALL_DENSE}
 * @param sparsities above 0 and below 1
 * @param distributions by name
 * @param seeds of the runs of every row
 * @param budget what all rows have in common
 * @param multipliers for {@link Budget#MULTIPLIER}: lengths of every row; otherwise 1 alone
 * @param denseMultipliers lengths of the dense rows
 * @param reference whose runs all others are paired with
 */
public record Comparison(
    String name,
    RecipeDraft base,
    List<String> models,
    List<String> data,
    List<String> methods,
    List<Double> sparsities,
    List<String> distributions,
    List<Long> seeds,
    Budget budget,
    List<Double> multipliers,
    List<Double> denseMultipliers,
    Reference reference) {

  /** The dense network at its full width. */
  public static final String DENSE = "dense";

  /** A dense network, as narrow as the sparse ones are sparse. */
  public static final String SMALL_DENSE = "small-dense";

  /** Copies the lists. */
  public Comparison {
    models = List.copyOf(models);
    data = List.copyOf(data);
    methods = List.copyOf(methods);
    sparsities = List.copyOf(sparsities);
    distributions = List.copyOf(distributions);
    seeds = List.copyOf(seeds);
    multipliers = List.copyOf(multipliers);
    denseMultipliers = List.copyOf(denseMultipliers);
  }

  /**
   * Whose runs all others are paired with, seed by seed: those of the same network, data set,
   * sparsity and, where there are such, length.
   *
   * @param method {@link #DENSE} or one of the methods
   * @param distribution of the method; null for those that have none
   */
  public record Reference(String method, @Nullable String distribution) {

    /** As comparison files name it: {@code METHOD} or {@code METHOD/DISTRIBUTION}. */
    public String label() {
      return distribution == null ? method : method + "/" + distribution;
    }
  }

  /** The lengths of the dense rows: those asked for, and those of all other rows. */
  Set<Double> denseLengths() {
    Set<Double> lengths = new TreeSet<>(denseMultipliers);
    lengths.addAll(multipliers);
    return lengths;
  }
}
