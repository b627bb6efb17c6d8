package dev.windfall.sparsity;

import dev.windfall.network.Parameter;
import dev.windfall.sparsity.LayerDensities.LayerDensity;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a target sparsity is shared out among the layers. The counts are exact integers, the same on
 * every machine, and never below one connection a layer.
 */
public sealed interface Distribution {

  /** The name in recipes, such as {@code erk}. */
  String label();

  /** One line for a list of distributions. */
  String description();

  /**
   * The connections of each tensor.
   *
   * @param prunable the network's prunable tensors, in network order
   * @param sparsity the share of weights that shall not exist, from 0 to below 1
   * @param dense names of tensors that keep every connection; they stand outside of the budget, so
   *     that the others reach the sparsity among themselves
   * @throws IllegalArgumentException for a sparsity out of range, or an unknown name in {@code
   *     dense}
   */
  LayerDensities densities(List<Parameter> prunable, double sparsity, Set<String> dense);

  /** All distributions, as recipes get them by name. */
  static List<Distribution> all() {
    return List.of(new Uniform(true), new ErdosRenyiKernel());
  }

  /**
   * The distribution with the given {@link #label()}.
   *
   * @throws IllegalArgumentException naming the known ones when there is none of that name
   */
  static Distribution named(String label) {
    return all().stream()
        .filter(known -> known.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown distribution '%s'; known: %s"
                        .formatted(
                            label,
                            all().stream()
                                .map(Distribution::label)
                                .collect(Collectors.joining(" ")))));
  }

  /**
   * The same sparsity in every layer: ⌊sparsity · weights⌋ of a layer's weights do not exist.
   *
   * @param firstDense whether the first layer keeps all its weights, as in Evci et al. 2020: it has
   *     few, and every later layer sees the input through them
   */
  record Uniform(boolean firstDense) implements Distribution {
    @Override
    public String label() {
      return "uniform";
    }

    @Override
    public String description() {
      return "the same sparsity in every layer" + (firstDense ? "; the first layer is dense" : "");
    }

    @Override
    public LayerDensities densities(List<Parameter> prunable, double sparsity, Set<String> dense) {
      requireValid(prunable, sparsity, dense);
      Set<String> full = new HashSet<>(dense);
      if (firstDense && !prunable.isEmpty()) {
        full.add(prunable.getFirst().name());
      }
      List<LayerDensity> layers = new ArrayList<>();
      for (Parameter weight : prunable) {
        long missing = full.contains(weight.name()) ? 0 : absent(weight, sparsity);
        layers.add(new LayerDensity(weight, weight.elements() - missing));
      }
      return new LayerDensities(layers);
    }
  }

  /**
   * Erdős–Rényi-Kernel (Evci et al. 2020, section 3, after Mocanu et al. 2018): a layer's density
   * is proportional to the sum of its tensor's extents over their product, so that small layers
   * stay denser. A layer that would get more connections than it has weights becomes dense, and the
   * others share what is left of the budget.
   *
   * <p>With N weights and extents of sum S in a layer, and a budget of B connections for the layers
   * that are not dense, a layer's density is d = B / ΣS · S / N and its count N − ⌊(1 − d) · N⌋ =
   * ⌈B · S / ΣS⌉. All of this is computed in integers.
   */
  record ErdosRenyiKernel() implements Distribution {

    /** Compares S / N of two tensors without a division. */
    private static final Comparator<Parameter> BY_DENSITY =
        (one, other) ->
            product(extents(one), other.elements())
                .compareTo(product(extents(other), one.elements()));

    @Override
    public String label() {
      return "erk";
    }

    @Override
    public String description() {
      return "Erdős–Rényi-Kernel: density by the sum of a tensor's extents over their product";
    }

    @Override
    public LayerDensities densities(List<Parameter> prunable, double sparsity, Set<String> dense) {
      requireValid(prunable, sparsity, dense);
      Set<Parameter> sparse = new LinkedHashSet<>(prunable);
      sparse.removeIf(weight -> dense.contains(weight.name()));
      long budget =
          sparse.stream().mapToLong(weight -> weight.elements() - absent(weight, sparsity)).sum();
      while (!sparse.isEmpty()) {
        Parameter densest = sparse.stream().max(BY_DENSITY).orElseThrow();
        if (product(budget, extents(densest))
                .compareTo(product(densest.elements(), totalExtents(sparse)))
            <= 0) {
          break;
        }
        // Layers of equal density reach the cap together.
        List<Parameter> capped =
            sparse.stream().filter(weight -> BY_DENSITY.compare(weight, densest) == 0).toList();
        capped.forEach(sparse::remove);
        budget -= capped.stream().mapToLong(Parameter::elements).sum();
      }
      return shared(prunable, sparse, budget);
    }

    private static LayerDensities shared(
        List<Parameter> prunable, Set<Parameter> sparse, long budget) {
      long total = totalExtents(sparse);
      List<LayerDensity> layers = new ArrayList<>();
      for (Parameter weight : prunable) {
        long connections = weight.elements();
        if (sparse.contains(weight)) {
          BigInteger[] quotient =
              product(budget, extents(weight)).divideAndRemainder(BigInteger.valueOf(total));
          connections = quotient[0].longValueExact() + quotient[1].signum();
        }
        layers.add(new LayerDensity(weight, connections));
      }
      return new LayerDensities(layers);
    }

    private static long totalExtents(Set<Parameter> weights) {
      return weights.stream().mapToLong(ErdosRenyiKernel::extents).sum();
    }

    /** Output and input channels plus kernel rows and columns; outputs plus inputs if linear. */
    private static long extents(Parameter weight) {
      return weight.shape().stream().mapToLong(Integer::longValue).sum();
    }

    private static BigInteger product(long one, long other) {
      return BigInteger.valueOf(one).multiply(BigInteger.valueOf(other));
    }
  }

  /** The weights that a layer of this sparsity lacks: ⌊sparsity · weights⌋, but never all. */
  private static long absent(Parameter weight, double sparsity) {
    long floor = DecimalFraction.of(sparsity).floorOf(weight.elements());
    return Math.min(floor, weight.elements() - 1);
  }

  private static void requireValid(List<Parameter> prunable, double sparsity, Set<String> dense) {
    if (!(sparsity >= 0 && sparsity < 1)) {
      throw new IllegalArgumentException(
          "sparsity must be at least 0 and below 1, not " + sparsity);
    }
    List<String> known = prunable.stream().map(Parameter::name).toList();
    for (String name : dense) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "the dense layers name an unknown tensor '%s'; known: %s"
                .formatted(name, String.join(" ", known)));
      }
    }
  }
}
