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
 * @param sparsification how the network comes to its sparsity; without any, the distribution is not
 *     asked
 * @param drop which connections an update drops
 * @param grow which connections an update grows
 * @param timing how the update stands to the optimizer's step
 * @param redistribution whether connections wander between layers
 */
public record SparseTrainingMethod(
    String name,
    String description,
    Sparsification sparsification,
    DropCriterion drop,
    GrowCriterion grow,
    UpdateTiming timing,
    Redistribution redistribution) {

  private static final List<SparseTrainingMethod> ALL =
      List.of(
          unchanging("dense", "every connection exists; the baseline", Sparsification.NEVER),
          unchanging(
              "static", "random connections that never change", Sparsification.FROM_THE_START),
          dynamic(
              "set",
              "drops the smallest weights, grows at random (Mocanu et al. 2018)",
              GrowCriterion.RANDOM,
              UpdateTiming.AFTER_STEP,
              Redistribution.NONE),
          dynamic(
              "snfs",
              "drops the smallest weights, grows by averaged gradients (Dettmers & Zettlemoyer 2019)",
              GrowCriterion.MOMENTUM,
              UpdateTiming.AFTER_STEP,
              Redistribution.MOMENTUM),
          dynamic(
              "rigl",
              "drops the smallest weights, grows by the largest gradients (Evci et al. 2020)",
              GrowCriterion.GRADIENT,
              UpdateTiming.INSTEAD_OF_STEP,
              Redistribution.NONE),
          dynamic(
              "rigl-sm",
              "RigL; connections wander to layers of large velocity (Sundar & Dwaraknath 2021)",
              GrowCriterion.GRADIENT,
              UpdateTiming.INSTEAD_OF_STEP,
              Redistribution.MOMENTUM),
          dynamic(
              "rigl-sg",
              "RigL; connections wander to layers of large gradient (Sundar & Dwaraknath 2021)",
              GrowCriterion.GRADIENT,
              UpdateTiming.INSTEAD_OF_STEP,
              Redistribution.GRADIENT),
          scoring(
              "snip",
              "keeps what the loss at the initial weights depends on most (Lee et al. 2019)",
              DropCriterion.CONNECTION_SENSITIVITY),
          scoring(
              "grasp",
              "keeps what the gradient's length at the initial weights depends on (Wang et al. 2020)",
              DropCriterion.GRADIENT_FLOW),
          scoring(
              "synflow",
              "keeps what carries most from inputs to outputs, without data (Tanaka et al. 2020)",
              DropCriterion.SYNAPTIC_FLOW),
          pruning(
              "gmp",
              "starts dense, drops the smallest weights bit by bit (Zhu & Gupta 2017)",
              Sparsification.GRADUALLY),
          pruning(
              "one-shot",
              "starts dense, drops the smallest weights at once where updates end",
              Sparsification.AT_ONCE),
          new SparseTrainingMethod(
              "retraining",
              "dense, but that the smallest weights start anew when RigL would replace them",
              Sparsification.NEVER,
              DropCriterion.MAGNITUDE,
              GrowCriterion.DROPPED,
              UpdateTiming.INSTEAD_OF_STEP,
              Redistribution.NONE));

  private static SparseTrainingMethod unchanging(
      String name, String description, Sparsification sparsification) {
    return new SparseTrainingMethod(
        name,
        description,
        sparsification,
        DropCriterion.NONE,
        GrowCriterion.NONE,
        UpdateTiming.NEVER,
        Redistribution.NONE);
  }

  private static SparseTrainingMethod dynamic(
      String name,
      String description,
      GrowCriterion grow,
      UpdateTiming timing,
      Redistribution redistribution) {
    return new SparseTrainingMethod(
        name,
        description,
        Sparsification.FROM_THE_START,
        DropCriterion.MAGNITUDE,
        grow,
        timing,
        redistribution);
  }

  private static SparseTrainingMethod pruning(
      String name, String description, Sparsification sparsification) {
    return new SparseTrainingMethod(
        name,
        description,
        sparsification,
        DropCriterion.MAGNITUDE,
        GrowCriterion.NONE,
        UpdateTiming.AFTER_STEP,
        Redistribution.NONE);
  }

  /** Scores the dense network once, before the training. */
  private static SparseTrainingMethod scoring(String name, String description, DropCriterion drop) {
    return new SparseTrainingMethod(
        name,
        description,
        Sparsification.BEFORE_TRAINING,
        drop,
        GrowCriterion.NONE,
        UpdateTiming.NEVER,
        Redistribution.NONE);
  }

  /** Checks that the parts fit each other. */
  public SparseTrainingMethod {
    boolean never = timing == UpdateTiming.NEVER;
    boolean prunes = sparsification.prunes();
    boolean scores = sparsification == Sparsification.BEFORE_TRAINING;
    if ((drop == DropCriterion.NONE) != (never && !scores)
        || (grow == GrowCriterion.NONE) != (never || prunes)) {
      throw new IllegalArgumentException(
          "method %s: drop %s, grow %s, update %s: all of them or none, and pruning grows nothing"
              .formatted(name, drop, grow, timing));
    }
    if (scores && !never) {
      throw new IllegalArgumentException(
          "method %s chooses its connections before the training: it never updates them"
              .formatted(name));
    }
    if (sparsification == Sparsification.NEVER && !never && grow != GrowCriterion.DROPPED) {
      throw new IllegalArgumentException(
          "method %s: a dense network has no connections to grow but those just dropped"
              .formatted(name));
    }
    if (redistribution != Redistribution.NONE
        && (grow == GrowCriterion.NONE || grow == GrowCriterion.DROPPED)) {
      throw new IllegalArgumentException(
          "method %s grows nothing that could wander by %s"
              .formatted(name, redistribution.label()));
    }
  }

  /**
   * The method as a rule carries it out.
   *
   * @param rule that of the report makes every update instead of the optimizer's step
   */
  public SparseTrainingMethod by(UpdateRule rule) {
    return rule == UpdateRule.REPORT && updatesConnections()
        ? timed(UpdateTiming.INSTEAD_OF_STEP)
        : this;
  }

  /** The same method with another timing of its updates. */
  public SparseTrainingMethod timed(UpdateTiming other) {
    return new SparseTrainingMethod(
        name, description, sparsification, drop, grow, other, redistribution);
  }

  /**
   * The same method with another redistribution.
   *
   * @throws IllegalArgumentException where the method's name stands for one, or it grows nothing
   */
  public SparseTrainingMethod redistributing(Redistribution other) {
    boolean isNamedAfterIt =
        grow == GrowCriterion.GRADIENT && redistribution != Redistribution.NONE;
    if (isNamedAfterIt && other != redistribution) {
      throw new IllegalArgumentException(
          "method %s redistributes by %s; for %s use rigl with sparsity.redistribution"
              .formatted(name, redistribution.label(), other.label()));
    }
    return new SparseTrainingMethod(name, description, sparsification, drop, grow, timing, other);
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

  /** Whether connections are chosen once, before the training, by scores of the dense network. */
  public boolean scores() {
    return sparsification == Sparsification.BEFORE_TRAINING;
  }

  /**
   * The distribution that is meant where none is named: one threshold for all layers where scores
   * choose, as in the papers of these methods, else Erdős–Rényi-Kernel.
   */
  public Distribution usualDistribution() {
    return scores() ? new Distribution.Global() : new Distribution.ErdosRenyiKernel();
  }

  /** Whether connections are left out at all. */
  public boolean sparse() {
    return sparsification != Sparsification.NEVER;
  }

  /** Whether connections change during training. */
  public boolean updatesConnections() {
    return timing != UpdateTiming.NEVER;
  }

  /** Whether the number of connections that a layer has changes during training. */
  public boolean changesDensities() {
    return sparsification.prunes() || redistribution != Redistribution.NONE;
  }

  /**
   * How many connections each tensor has at the first step; where scores choose by one threshold
   * for several layers, only the sum is certain.
   *
   * @param distribution how the sparsity is shared out
   * @param prunable the network's prunable tensors, in network order
   * @param budget what is shared out
   * @throws IllegalArgumentException as {@link Distribution#densities}
   */
  public LayerDensities densities(
      Distribution distribution, List<Parameter> prunable, SparsityBudget budget) {
    return sparsification == Sparsification.FROM_THE_START || scores()
        ? distribution.densities(prunable, budget)
        : LayerDensities.dense(prunable);
  }
}
