package dev.windfall.experiment;

import dev.windfall.cost.Counter;
import dev.windfall.cost.NetworkCost;
import dev.windfall.engine.Engine;
import dev.windfall.engine.Session;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.training.TrainingEvent;
import dev.windfall.tweak.InitialRescaling;
import dev.windfall.tweak.Rescaling;
import dev.windfall.tweak.RescalingSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** What a recipe's block {@code tweak.rescaled-init} means. */
final class RecipeRescaling {

  private static final String FIELD = "tweak.rescaled-init";

  private static final List<String> LEARNED_ON = List.of("none", "sparse", "dense");

  /** Derivatives by scales are cut to this (Zhu et al. 2021). */
  private static final double CLIP = 1;

  private RecipeRescaling() {}

  /** The block with its algorithm. */
  static Recipe.RescaledInit resolved(Recipe recipe) {
    Recipe.RescaledInit asked = recipe.tweak().rescaledInit();
    return new Recipe.RescaledInit(
        asked.learnedOn(),
        asked.algorithm() == null ? recipe.training().optimizer().name() : asked.algorithm(),
        asked.iterations(),
        asked.lr(),
        asked.stepLength(),
        asked.longestGradient(),
        asked.leastScale());
  }

  /** Says which name is unknown, or what is missing to compute. */
  static void requireComputable(Recipe recipe) {
    Recipe.RescaledInit asked = recipe.tweak().rescaledInit();
    if (!LEARNED_ON.contains(asked.learnedOn())) {
      throw new IllegalArgumentException(
          "%s.learned-on: unknown '%s'; known: %s"
              .formatted(FIELD, asked.learnedOn(), String.join(" ", LEARNED_ON)));
    }
    if (asked.algorithm() != null) {
      RescalingSettings.Algorithm.named(asked.algorithm());
    }
    if (asked.learnedOn().equals("dense") && recipe.sparsity().ticket() != null) {
      throw new IllegalArgumentException(
          FIELD
              + ".learned-on: a ticket has weights of its own for its connections alone; learn on"
              + " sparse, not on dense");
    }
    if (asked.learns()) {
      engine(Engines.named(recipe.run().engine()));
    }
  }

  /** The engine that learns: the one that trains, where it has second derivatives. */
  private static Engine engine(Engine training) {
    return Engines.withSecondOrder(training, FIELD + " takes", "sets learned-on");
  }

  /**
   * Gives a session the rescaled initial weights that its plan asks for.
   *
   * @param session with the initial weights
   * @param isStopping asked before every iteration: yes ends the learning
   * @return what was learned; empty where it was ended before, and the weights are as they were
   * @throws dev.windfall.training.NonFiniteLossException where a gradient is no number
   */
  static Optional<Rescaling> rescale(
      RunPlan plan, Session session, Consumer<TrainingEvent> listener, BooleanSupplier isStopping) {
    Recipe.RescaledInit asked = plan.recipe().tweak().rescaledInit();
    Engine engine = engine(plan.engine());
    boolean isSparse = asked.learnedOn().equals("sparse");
    try (Session learner =
        engine.open(
            plan.network(),
            isSparse ? connections(plan.network(), session) : dense(plan.network()),
            plan.sessionOptions())) {
      if (isSparse) {
        learner.restore(session.snapshot());
      }
      Optional<Rescaling> learned =
          InitialRescaling.learn(
              plan.network(),
              learner,
              plan.training().samples(),
              plan.training().epochs(),
              RecipeTraining.objective(plan.recipe().training().loss()),
              settings(plan.recipe()),
              (iteration, least, greatest) ->
                  listener.accept(
                      new TrainingEvent.ScalesImproved(
                          iteration, asked.iterations(), least, greatest)),
              isStopping);
      learned.ifPresent(scales -> scales.applyTo(session));
      return learned;
    }
  }

  private static Map<String, Connectivity> connections(Network network, Session session) {
    Map<String, Connectivity> connections = new LinkedHashMap<>();
    for (Parameter weight : network.prunable()) {
      connections.put(weight.name(), session.connectivity(weight.name()));
    }
    return connections;
  }

  private static Map<String, Connectivity> dense(Network network) {
    Map<String, Connectivity> connections = new LinkedHashMap<>();
    for (Parameter weight : network.prunable()) {
      connections.put(weight.name(), Connectivity.dense(weight.rows(), weight.rowLength()));
    }
    return connections;
  }

  private static RescalingSettings settings(Recipe recipe) {
    Recipe.RescaledInit asked = resolved(recipe);
    return new RescalingSettings(
        RescalingSettings.Algorithm.named(
            asked.algorithm() == null ? recipe.training().optimizer().name() : asked.algorithm()),
        asked.iterations(),
        asked.lr(),
        asked.stepLength(),
        asked.longestGradient() == null ? Double.POSITIVE_INFINITY : asked.longestGradient(),
        asked.leastScale(),
        CLIP);
  }

  /**
   * Operations of the learning, of all samples together, by the report's counter.
   *
   * @param sparse how many connections each layer has in the training
   */
  static long flops(RunPlan plan, Rescaling learned, LayerDensities sparse) {
    boolean isDense = plan.recipe().tweak().rescaledInit().learnedOn().equals("dense");
    LayerDensities densities = isDense ? LayerDensities.dense(plan.network().prunable()) : sparse;
    return Math.multiplyExact(
        learned.forwardPasses(),
        NetworkCost.of(plan.network(), densities, Counter.REPORT).inferenceFlops());
  }
}
