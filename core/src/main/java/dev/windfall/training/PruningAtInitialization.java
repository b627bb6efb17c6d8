package dev.windfall.training;

import dev.windfall.cost.Counter;
import dev.windfall.cost.NetworkCost;
import dev.windfall.data.DataLoader;
import dev.windfall.engine.Engine;
import dev.windfall.engine.MemoryUse;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.PruningGoal;
import dev.windfall.sparsity.Rewiring;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.sparsity.TopologyUpdate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Chooses connections once, before a training: the dense network is scored at its initial weights,
 * and what scores lowest never exists. Nothing is trained on the way, and no statistic of a batch
 * norm moves. A pure function of network, samples and seed.
 *
 * @param network that shall be trained
 * @param method that {@linkplain SparseTrainingMethod#scores() scores}
 * @param goal how many connections are left, of each layer or of several together
 * @param samples in whose order of the first epoch those are taken that are scored by; not
 *     augmented
 * @param count how many samples, at least 2; a method that needs none takes none
 * @param rounds of {@link dev.windfall.sparsity.DropCriterion#SYNAPTIC_FLOW}, at least 1
 */
public record PruningAtInitialization(
    Network network,
    SparseTrainingMethod method,
    PruningGoal goal,
    DataLoader samples,
    int count,
    int rounds) {

  /**
   * What was chosen.
   *
   * @param connections of each prunable tensor, by name
   * @param operations that the scores took, by the report's counter, a backward pass being two
   *     forward ones
   * @param peakBytes the most that the engine held on the way
   */
  public record Chosen(Map<String, Connectivity> connections, long operations, long peakBytes) {}

  /** The scores of a round. */
  private Scores scores() {
    return switch (method.drop()) {
      case CONNECTION_SENSITIVITY ->
          new ConnectionSensitivity(ScoringSamples.unsorted(samples, count));
      case GRADIENT_FLOW ->
          new GradientFlow(
              ScoringSamples.balanced(samples, count, network.output().output().channels()));
      case SYNAPTIC_FLOW -> new SynapticFlow(network, rounds);
      case NONE, MAGNITUDE ->
          throw new IllegalArgumentException(method.name() + " does not score before the training");
    };
  }

  /**
   * Scores and chooses.
   *
   * @param engine that computes the scores
   * @param options of the training's session; the batch size is that of the scored batches
   * @throws NonFiniteLossException where a score is no number
   * @throws IllegalArgumentException where the engine cannot compute the scores
   */
  public Chosen choose(Engine engine, SessionOptions options) {
    Scores scores = scores();
    SessionOptions forScores =
        new SessionOptions(
            scores.batchSize(), options.threads(), options.seed(), options.initialization());
    try (Session session = engine.open(scores.network(network), dense(), forScores)) {
      scores.prepare(session);
      double density = 1 - new LayerDensities(goal.pruned()).sparsity();
      long operations = 0;
      for (int round = 1; round <= scores.rounds(); round++) {
        LayerDensities densities = ConnectionUpdates.densities(network, session);
        Scores.Round scored = scores.of(session, goal);
        requireNumbers(scored.scores());
        operations =
            Math.addExact(
                operations,
                Math.multiplyExact(
                    scored.forwardPasses(),
                    NetworkCost.of(network, densities, Counter.REPORT).inferenceFlops()));
        drop(session, goal.lowest(scored.scores(), share(density, round, scores.rounds())));
      }
      MemoryUse memory = session.memory();
      return new Chosen(connections(session), operations, memory.peak());
    }
  }

  /**
   * How many training samples a method scores by where nobody says it: a batch of a hundred (Lee et
   * al. 2019), or ten of each class (Wang et al. 2020).
   *
   * @param classes of the data
   * @return 0 for a method that scores by none
   */
  public static int usualSamples(SparseTrainingMethod method, int classes) {
    return switch (method.drop()) {
      case CONNECTION_SENSITIVITY -> 100;
      case GRADIENT_FLOW -> 10 * classes;
      case SYNAPTIC_FLOW, MAGNITUDE, NONE -> 0;
    };
  }

  /**
   * What a method's scores take, before they are computed: as {@link Chosen#operations} counts it,
   * but that with rounds the operations are taken to fall as the connections do.
   *
   * @param cost of the network when the connections are chosen
   * @param samples to score by
   * @param rounds of {@link dev.windfall.sparsity.DropCriterion#SYNAPTIC_FLOW}
   */
  public static double forecast(
      SparseTrainingMethod method, NetworkCost cost, int samples, int rounds) {
    double dense = cost.denseFlops();
    return switch (method.drop()) {
      case CONNECTION_SENSITIVITY -> ConnectionSensitivity.PASSES * dense * samples;
      case GRADIENT_FLOW -> GradientFlow.PASSES * dense * samples;
      case SYNAPTIC_FLOW -> {
        double density = (double) cost.activeWeights() / cost.totalWeights();
        double sum = 0;
        for (int round = 0; round < rounds; round++) {
          sum += dense - share(density, round, rounds) * (dense - cost.inferenceFlops());
        }
        yield SynapticFlow.PASSES * sum;
      }
      case MAGNITUDE, NONE -> 0;
    };
  }

  private Map<String, Connectivity> dense() {
    Map<String, Connectivity> dense = new LinkedHashMap<>();
    for (Parameter weight : network.prunable()) {
      dense.put(weight.name(), Connectivity.dense(weight.rows(), weight.rowLength()));
    }
    return dense;
  }

  /**
   * The share of the way from dense to sparse after a round: the density falls by the same factor
   * in each (Tanaka et al. 2020, algorithm 1).
   */
  private static double share(double density, int round, int of) {
    return round == of || density == 1
        ? 1
        : (1 - StrictMath.pow(density, (double) round / of)) / (1 - density);
  }

  private void requireNumbers(Map<String, float[]> scores) {
    scores.forEach(
        (tensor, own) -> {
          for (float score : own) {
            if (!Float.isFinite(score)) {
              throw new NonFiniteLossException(
                  "method %s: a score of %s is %s at the initial weights; another model.init may help"
                      .formatted(method.name(), tensor, score));
            }
          }
        });
  }

  private static void drop(Session session, Map<String, int[]> dropped) {
    List<Rewiring> changes = new ArrayList<>();
    dropped.forEach(
        (tensor, indices) ->
            changes.add(
                TopologyUpdate.prune(tensor, session.connectivity(tensor), indices)
                    .with(new float[0])));
    session.rewire(changes);
  }

  private Map<String, Connectivity> connections(Session session) {
    Map<String, Connectivity> connections = new LinkedHashMap<>();
    for (Parameter weight : network.prunable()) {
      connections.put(weight.name(), session.connectivity(weight.name()));
    }
    return Collections.unmodifiableMap(connections);
  }
}
