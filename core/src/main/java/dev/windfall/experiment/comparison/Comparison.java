package dev.windfall.experiment.comparison;

import dev.windfall.experiment.RecipeDraft;
import dev.windfall.sparsity.SparseTrainingMethod;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is compared, as data: the fields of a comparison file. Dense rows are not among the methods:
 * every comparison has them.
 *
 * @param name of the comparison, and of its folder
 * @param base the recipe that all rows begin with
 * @param variants what a method, or a method with a distribution, begins with instead, by the label
 *     that comparison files have for it
 * @param models networks by name
 * @param data data sets by name
 * @param methods each with its distribution
 * @param after the methods that begin with what another row's runs ended with, by name
 * @param sparsities above 0 and below 1
 * @param seeds of the runs of every row
 * @param budget what all rows have in common
 * @param multipliers for {@link Budget#MULTIPLIER}: lengths of every row; otherwise 1 alone
 * @param denseMultipliers lengths of the dense rows
 * @param reference whose runs all others are paired with, seed by seed: those of the same network,
 *     data set, sparsity and, where there are such, length
 */
public record Comparison(
    String name,
    RecipeDraft base,
    Map<String, RecipeDraft> variants,
    List<String> models,
    List<String> data,
    List<Choice> methods,
    Map<String, After> after,
    List<Double> sparsities,
    List<Long> seeds,
    Budget budget,
    List<Double> multipliers,
    List<Double> denseMultipliers,
    Choice reference) {

  /** The dense network at its full width. */
  public static final String DENSE = "dense";

  /** A dense network, as narrow as the sparse ones are sparse. */
  public static final String SMALL_DENSE = "small-dense";

  /**
   * A sparse network, so wide that it has what the dense one has; trained by the recipe's method.
   */
  public static final String BIG_SPARSE = "big-sparse";

  /** The longest of single methods' lengths that the dense network gets without being asked. */
  private static final double LONGEST_DENSE = 5;

  /** Copies the lists. */
  public Comparison {
    variants = Map.copyOf(variants);
    models = List.copyOf(models);
    data = List.copyOf(data);
    methods = List.copyOf(methods);
    after = Map.copyOf(after);
    sparsities = List.copyOf(sparsities);
    seeds = List.copyOf(seeds);
    multipliers = List.copyOf(multipliers);
    denseMultipliers = List.copyOf(denseMultipliers);
  }

  /**
   * A method with a distribution.
   *
   * @param method of {@link dev.windfall.sparsity.SparseTrainingMethod}, {@link #SMALL_DENSE},
   *     {@link #BIG_SPARSE} or a name of {@link Comparison#after}
   * @param distribution of the method; null for those that have none
   * @param length how many times as long as the recipe says it trains; null for all lengths that
   *     the comparison has
   */
  public record Choice(String method, @Nullable String distribution, @Nullable Double length) {

    /** The dense network. */
    public static final Choice DENSE = new Choice(Comparison.DENSE, null, null);

    /** As comparison files name it but for its length: {@code METHOD[/DISTRIBUTION]}. */
    public String label() {
      return distribution == null ? method : method + "/" + distribution;
    }

    /** By label, and by method alone the first of each. */
    static Map<String, Choice> byLabel(Collection<Choice> choices) {
      Map<String, Choice> byLabel = new LinkedHashMap<>();
      for (Choice choice : choices) {
        byLabel.putIfAbsent(choice.method(), choice);
        byLabel.put(choice.label(), choice);
      }
      return byLabel;
    }
  }

  /**
   * A method whose runs begin with what another row's runs of the same network, data set, sparsity,
   * length and seed ended with.
   *
   * @param method by which the runs are trained
   * @param inherits what they begin with
   * @param source the other row; its length is that of the run
   */
  public record After(String method, Inheritance inherits, Choice source) {}

  /** The same comparison by another name. */
  public Comparison withName(String other) {
    return new Comparison(
        other,
        base,
        variants,
        models,
        data,
        methods,
        after,
        sparsities,
        seeds,
        budget,
        multipliers,
        denseMultipliers,
        reference);
  }

  /** What the rows of a method with a distribution begin with. */
  RecipeDraft base(String method, @Nullable String distribution) {
    RecipeDraft ofMethod = variants.getOrDefault(method, base);
    return variants.getOrDefault(new Choice(method, distribution, null).label(), ofMethod);
  }

  /** The lengths of a choice's rows. */
  public Set<Double> lengths(Choice choice) {
    return choice.length() == null ? new TreeSet<>(multipliers) : Set.of(choice.length());
  }

  /** The methods of networks that have all connections: those without a sparsity. */
  List<String> denseMethods() {
    Set<String> dense = new LinkedHashSet<>(List.of(DENSE));
    methods.stream()
        .map(Choice::method)
        .filter(Comparison::keepsAllConnections)
        .forEach(dense::add);
    return List.copyOf(dense);
  }

  /** Whether networks of a method have all connections at their full width. */
  static boolean keepsAllConnections(String method) {
    return !method.equals(SMALL_DENSE)
        && !method.equals(BIG_SPARSE)
        && SparseTrainingMethod.all().stream()
            .anyMatch(known -> known.name().equals(method) && !known.sparse());
  }

  /**
   * The lengths of the dense rows: those asked for, and those of all other rows. A length that a
   * single method has for itself counts up to 5: a dense training that is much longer may take more
   * than all else together, and has to be asked for.
   */
  public Set<Double> denseLengths() {
    Set<Double> lengths = new TreeSet<>(denseMultipliers);
    lengths.addAll(multipliers);
    for (Choice method : methods) {
      if (method.length() != null && method.length() <= LONGEST_DENSE) {
        lengths.add(method.length());
      }
    }
    return lengths;
  }
}
