package dev.windfall.sparsity;

import dev.windfall.network.Parameter;
import dev.windfall.sparsity.LayerDensities.LayerDensity;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
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
   * @param budget what is shared out, and which tensors stand aside
   * @throws IllegalArgumentException for an unknown name in the budget, or a budget that cannot
   *     hold
   */
  LayerDensities densities(List<Parameter> prunable, SparsityBudget budget);

  /**
   * The tensors that this distribution keeps dense where nobody says otherwise.
   *
   * @param prunable the network's prunable tensors, in network order
   * @return their names
   */
  default Set<String> usuallyDense(List<Parameter> prunable) {
    return Set.of();
  }

  /**
   * The connections of each tensor, where dense tensors stand outside of the budget, so that the
   * others reach the sparsity among themselves.
   *
   * @param prunable the network's prunable tensors, in network order
   * @param sparsity the share of weights that shall not exist, from 0 to below 1
   * @param dense names of tensors that keep every connection, besides {@link #usuallyDense}
   * @throws IllegalArgumentException for a sparsity out of range, or an unknown name in {@code
   *     dense}
   */
  default LayerDensities densities(List<Parameter> prunable, double sparsity, Set<String> dense) {
    Set<String> full = new HashSet<>(dense);
    full.addAll(usuallyDense(prunable));
    return densities(prunable, SparsityBudget.outside(sparsity, full));
  }

  /** All distributions, as recipes get them by name. */
  static List<Distribution> all() {
    return List.of(
        new Uniform(true), new ErdosRenyi(), new ErdosRenyiKernel(), new Custom(), new Global());
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
   * The same sparsity in every layer: ⌊sparsity · weights⌋ of a layer's weights do not exist. Where
   * dense layers count in the budget, the others share what is left in proportion to their weights.
   *
   * @param firstDense whether the first layer usually keeps all its weights, as in Evci et al.
   *     2020: it has few, and every later layer sees the input through them
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
    public Set<String> usuallyDense(List<Parameter> prunable) {
      return firstDense && !prunable.isEmpty() ? Set.of(prunable.getFirst().name()) : Set.of();
    }

    @Override
    public LayerDensities densities(List<Parameter> prunable, SparsityBudget budget) {
      List<Parameter> sharing = budget.sharing(prunable);
      if (!budget.includesDense() || budget.dense().isEmpty()) {
        return together(prunable, budget, ownSparsity(sharing, budget));
      }
      long connections = budget.connections(prunable);
      return together(prunable, budget, shared(sharing, Parameter::elements, connections));
    }
  }

  /**
   * Erdős–Rényi (Mocanu et al. 2018): a layer's density is proportional to (inputs + outputs) /
   * (inputs · outputs), whatever the size of its kernels. Capped as {@link ErdosRenyiKernel}.
   */
  record ErdosRenyi() implements Distribution {
    @Override
    public String label() {
      return "er";
    }

    @Override
    public String description() {
      return "Erdős–Rényi: density by inputs + outputs over inputs · outputs";
    }

    @Override
    public LayerDensities densities(List<Parameter> prunable, SparsityBudget budget) {
      return capped(
          prunable,
          budget,
          weight ->
              Math.multiplyExact(
                  (long) weight.shape().get(0) + weight.shape().get(1),
                  (long) weight.kernelElements()));
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
    @Override
    public String label() {
      return "erk";
    }

    @Override
    public String description() {
      return "Erdős–Rényi-Kernel: density by the sum of a tensor's extents over their product";
    }

    @Override
    public LayerDensities densities(List<Parameter> prunable, SparsityBudget budget) {
      return capped(
          prunable, budget, weight -> weight.shape().stream().mapToLong(Integer::longValue).sum());
    }
  }

  /** Every layer has the sparsity that was given for it, or else the target, each by its floor. */
  record Custom() implements Distribution {
    @Override
    public String label() {
      return "custom";
    }

    @Override
    public String description() {
      return "the sparsities of sparsity.layers; the target in every layer without one";
    }

    @Override
    public LayerDensities densities(List<Parameter> prunable, SparsityBudget budget) {
      if (budget.custom().isEmpty()) {
        throw new IllegalArgumentException(
            "distribution custom: sparsity.layers must say which layer has which sparsity");
      }
      return new Uniform(false).densities(prunable, budget);
    }
  }

  /**
   * One sparsity for all layers together, N − ⌊sparsity · N⌋ of their N weights: a pruning method
   * ranks them by one threshold, so that only the sum of these counts holds, but for layers with a
   * sparsity of their own.
   */
  record Global() implements Distribution {
    @Override
    public String label() {
      return "global";
    }

    @Override
    public String description() {
      return "one threshold over all layers; for pruning (gmp, one-shot)";
    }

    @Override
    public LayerDensities densities(List<Parameter> prunable, SparsityBudget budget) {
      List<Parameter> sharing = budget.sharing(prunable);
      long weights = sharing.stream().mapToLong(Parameter::elements).sum();
      long left =
          budget.includesDense() && !budget.dense().isEmpty()
              ? budget.connections(prunable)
              : weights - DecimalFraction.of(budget.sparsity()).floorOf(weights);
      Map<Parameter, Long> counts = new LinkedHashMap<>();
      long before = 0;
      long counted = 0;
      for (Parameter weight : sharing) {
        before += weight.elements();
        long upTo = share(left, before, BigInteger.valueOf(weights));
        counts.put(weight, upTo - counted);
        counted = upTo;
      }
      return together(prunable, budget, counts);
    }
  }

  /**
   * Shares the budget in proportion to a measure of each layer; a layer that would get more than
   * all its weights becomes dense, with every layer of the same density, and the others share what
   * is left.
   */
  private static LayerDensities capped(
      List<Parameter> prunable, SparsityBudget budget, ToLongFunction<Parameter> measure) {
    // Compares measure / weights of two tensors without a division.
    Comparator<Parameter> byDensity =
        (one, other) ->
            product(measure.applyAsLong(one), other.elements())
                .compareTo(product(measure.applyAsLong(other), one.elements()));
    Set<Parameter> sparse = new LinkedHashSet<>(budget.sharing(prunable));
    Map<Parameter, Long> full = new LinkedHashMap<>();
    long left = budget.connections(prunable);
    while (!sparse.isEmpty()) {
      Parameter densest = sparse.stream().max(byDensity).orElseThrow();
      long total = sparse.stream().mapToLong(measure).sum();
      if (product(left, measure.applyAsLong(densest)).compareTo(product(densest.elements(), total))
          <= 0) {
        break;
      }
      // Layers of equal density reach the cap together.
      for (Parameter weight : List.copyOf(sparse)) {
        if (byDensity.compare(weight, densest) == 0) {
          sparse.remove(weight);
          full.put(weight, weight.elements());
          left -= weight.elements();
        }
      }
    }
    full.putAll(shared(List.copyOf(sparse), measure, left));
    return together(prunable, budget, full);
  }

  /** ⌈connections · measure / Σ measure⌉ for each tensor. */
  private static Map<Parameter, Long> shared(
      List<Parameter> weights, ToLongFunction<Parameter> measure, long connections) {
    BigInteger total = BigInteger.valueOf(weights.stream().mapToLong(measure).sum());
    Map<Parameter, Long> counts = new LinkedHashMap<>();
    for (Parameter weight : weights) {
      counts.put(weight, share(connections, measure.applyAsLong(weight), total));
    }
    return counts;
  }

  /** ⌈connections · measure / total⌉. */
  private static long share(long connections, long measure, BigInteger total) {
    BigInteger[] quotient = product(connections, measure).divideAndRemainder(total);
    return quotient[0].longValueExact() + quotient[1].signum();
  }

  private static Map<Parameter, Long> ownSparsity(List<Parameter> weights, SparsityBudget budget) {
    Map<Parameter, Long> counts = new LinkedHashMap<>();
    weights.forEach(
        weight ->
            counts.put(
                weight,
                weight.elements() - SparsityBudget.absent(weight, budget.sparsityOf(weight))));
    return counts;
  }

  /** The layers that shared the budget and those that stood aside, in network order. */
  private static LayerDensities together(
      List<Parameter> prunable, SparsityBudget budget, Map<Parameter, Long> shared) {
    List<LayerDensity> layers = new ArrayList<>();
    for (Parameter weight : prunable) {
      Long connections = shared.get(weight);
      if (connections == null) {
        connections =
            budget.dense().contains(weight.name())
                ? weight.elements()
                : weight.elements() - SparsityBudget.absent(weight, budget.sparsityOf(weight));
      }
      layers.add(new LayerDensity(weight, connections));
    }
    return new LayerDensities(layers);
  }

  private static BigInteger product(long one, long other) {
    return BigInteger.valueOf(one).multiply(BigInteger.valueOf(other));
  }
}
