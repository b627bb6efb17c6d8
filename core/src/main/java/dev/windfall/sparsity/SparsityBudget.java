package dev.windfall.sparsity;

import dev.windfall.network.Parameter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a distribution shares out, and which layers it leaves alone.
 *
 * @param sparsity the share of weights that shall not exist, from 0 to below 1
 * @param dense names of tensors that keep every connection
 * @param includesDense whether the dense tensors' connections count in the budget, so that the
 *     other layers become sparser and the sparsity holds over all of them; otherwise the others
 *     reach it among themselves
 * @param custom tensors with a sparsity of their own, from 0 to below 1, by name; they stand
 *     outside of the budget (left out of both sums of Erdős–Rényi-Kernel)
 */
public record SparsityBudget(
    double sparsity, Set<String> dense, boolean includesDense, Map<String, Double> custom) {

  /** Checks the ranges, and that no tensor is both dense and of a sparsity of its own. */
  public SparsityBudget {
    requireSparsity("sparsity", sparsity);
    custom.forEach((tensor, own) -> requireSparsity("sparsity of " + tensor, own));
    for (String tensor : dense) {
      if (custom.containsKey(tensor)) {
        throw new IllegalArgumentException(
            "%s shall be dense and has a sparsity of its own, %s: say one of them"
                .formatted(tensor, custom.get(tensor)));
      }
    }
    dense = Collections.unmodifiableSet(new TreeSet<>(dense));
    custom = Collections.unmodifiableMap(new LinkedHashMap<>(custom));
  }

  /** A budget of the layers that are not dense. */
  static SparsityBudget outside(double sparsity, Set<String> dense) {
    return new SparsityBudget(sparsity, dense, false, Map.of());
  }

  private static void requireSparsity(String what, double sparsity) {
    if (!(sparsity >= 0 && sparsity < 1)) {
      throw new IllegalArgumentException(
          "%s must be at least 0 and below 1, not %s".formatted(what, sparsity));
    }
  }

  /** The sparsity that a tensor has of its own, or the budget's. */
  double sparsityOf(Parameter weight) {
    return custom.getOrDefault(weight.name(), sparsity);
  }

  /**
   * The tensors that share the budget, in network order.
   *
   * @throws IllegalArgumentException naming the known tensors where this names another one
   */
  List<Parameter> sharing(List<Parameter> prunable) {
    List<String> known = prunable.stream().map(Parameter::name).toList();
    requireKnown("the dense layers name", dense, known);
    requireKnown("the layers' own sparsities name", custom.keySet(), known);
    return prunable.stream()
        .filter(weight -> !dense.contains(weight.name()) && !custom.containsKey(weight.name()))
        .toList();
  }

  private static void requireKnown(String what, Set<String> names, List<String> known) {
    for (String name : names) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "%s an unknown tensor '%s'; known: %s".formatted(what, name, String.join(" ", known)));
      }
    }
  }

  /**
   * The connections that the sharing tensors have together: those that the sparsity leaves each of
   * them, less what dense tensors inside of the budget have beyond their share.
   *
   * @throws IllegalArgumentException where less than a connection each is left
   */
  long connections(List<Parameter> prunable) {
    List<Parameter> sharing = sharing(prunable);
    long left = 0;
    long densest = 0;
    for (Parameter weight : prunable) {
      long absent = absent(weight, sparsity);
      if (dense.contains(weight.name()) && includesDense) {
        left -= absent;
        densest += weight.elements();
      } else if (sharing.contains(weight)) {
        left += weight.elements() - absent;
      }
    }
    // At a sparsity of 0 dense layers take nothing from the others.
    if (includesDense && densest > 0 && left < sharing.size()) {
      throw new IllegalArgumentException(
          ("sparsity %s leaves %d connections, of which the dense layers take %d and the other %d"
                  + " layers need one each: lower the sparsity, keep fewer layers dense or leave"
                  + " them out of the budget")
              .formatted(sparsity, left + densest, densest, sharing.size()));
    }
    return left;
  }

  /** The weights that a layer of a sparsity lacks: ⌊sparsity · weights⌋, but never all. */
  static long absent(Parameter weight, double sparsity) {
    long floor = DecimalFraction.of(sparsity).floorOf(weight.elements());
    return Math.min(floor, weight.elements() - 1);
  }
}
