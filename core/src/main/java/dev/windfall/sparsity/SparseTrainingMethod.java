package dev.windfall.sparsity;

import dev.windfall.network.Parameter;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A sparse-training method as data: a composition of criteria, to which a recipe adds distribution
 * and update schedule.
 *
 * @param name in recipes, such as {@code rigl}
 * @param description one line
 * @param sparse whether connections are left out at all; without, the distribution is not asked
 * @param drop which connections an update drops
 * @param grow which connections an update grows
 * @param timing how the update stands to the optimizer's step
 */
public record SparseTrainingMethod(
    String name,
    String description,
    boolean sparse,
    DropCriterion drop,
    GrowCriterion grow,
    UpdateTiming timing) {

  private static final List<SparseTrainingMethod> ALL =
      List.of(
          new SparseTrainingMethod(
              "dense",
              "every connection exists; the baseline",
              false,
              DropCriterion.NONE,
              GrowCriterion.NONE,
              UpdateTiming.NEVER),
          new SparseTrainingMethod(
              "static",
              "random connections that never change",
              true,
              DropCriterion.NONE,
              GrowCriterion.NONE,
              UpdateTiming.NEVER),
          new SparseTrainingMethod(
              "set",
              "drops the smallest weights, grows at random (Mocanu et al. 2018)",
              true,
              DropCriterion.MAGNITUDE,
              GrowCriterion.RANDOM,
              UpdateTiming.AFTER_STEP),
          new SparseTrainingMethod(
              "rigl",
              "drops the smallest weights, grows by the largest gradients (Evci et al. 2020)",
              true,
              DropCriterion.MAGNITUDE,
              GrowCriterion.GRADIENT,
              UpdateTiming.INSTEAD_OF_STEP));

  /** Checks that a method drops, grows and updates, or does none of these. */
  public SparseTrainingMethod {
    boolean never = timing == UpdateTiming.NEVER;
    if ((drop == DropCriterion.NONE) != never || (grow == GrowCriterion.NONE) != never) {
      throw new IllegalArgumentException(
          "method %s: drop %s, grow %s, update %s: all of them or none"
              .formatted(name, drop, grow, timing));
    }
    if (!sparse && !never) {
      throw new IllegalArgumentException(
          "method %s: a dense network has no connections to grow".formatted(name));
    }
  }

  /** All methods there are. */
  public static List<SparseTrainingMethod> all() {
    return ALL;
  }

  /**
   * The method of the given name.
   *
   * @throws IllegalArgumentException naming the known ones when there is none of that name
   */
  public static SparseTrainingMethod named(String name) {
    return ALL.stream()
        .filter(method -> method.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown method '%s'; known: %s"
                        .formatted(
                            name,
                            ALL.stream()
                                .map(SparseTrainingMethod::name)
                                .collect(Collectors.joining(" ")))));
  }

  /** Whether connections change during training. */
  public boolean updatesConnections() {
    return timing != UpdateTiming.NEVER;
  }

  /**
   * The connections that each tensor has from the first step on.
   *
   * @param distribution how the sparsity is shared out
   * @param prunable the network's prunable tensors, in network order
   * @param budget what is shared out
   * @throws IllegalArgumentException as {@link Distribution#densities}
   */
  public LayerDensities densities(
      Distribution distribution, List<Parameter> prunable, SparsityBudget budget) {
    return sparse ? distribution.densities(prunable, budget) : LayerDensities.dense(prunable);
  }
}
