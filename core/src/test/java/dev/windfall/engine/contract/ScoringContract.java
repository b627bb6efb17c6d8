package dev.windfall.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.data.BatchOptions;
import dev.windfall.data.Batches;
import dev.windfall.data.DataLoader;
import dev.windfall.data.ImageBatch;
import dev.windfall.engine.Batch;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.LayerDensities.LayerDensity;
import dev.windfall.sparsity.PruningGoal;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.training.PruningAtInitialization;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is chosen by scores of the initial weights is what the reference's scores choose. */
public abstract class ScoringContract extends EngineContract {

  private static final int SAMPLES = 30;
  private static final SessionOptions OPTIONS =
      new SessionOptions(SAMPLES, 2, 1, Initialization.HE_FAN_IN);
  private static final Network NETWORK = Sessions.NETWORK;

  private static DataLoader samples() {
    NoiseImages images = new NoiseImages(NETWORK, 100);
    return DataLoader.training(
        images, images.train(), new BatchOptions(SAMPLES, false, List.of(), 1));
  }

  /** A share of all connections, whichever layers they are in. */
  private static PruningGoal goal(double density) {
    Set<String> all = new TreeSet<>();
    NETWORK.prunable().forEach(weight -> all.add(weight.name()));
    return new PruningGoal(
        new LayerDensities(
            NETWORK.prunable().stream()
                .map(
                    weight ->
                        new LayerDensity(weight, Math.round(density * (double) weight.elements())))
                .toList()),
        all);
  }

  private PruningAtInitialization.Chosen choose(String method, PruningGoal goal, int rounds) {
    return new PruningAtInitialization(
            NETWORK, SparseTrainingMethod.named(method), goal, samples(), SAMPLES, rounds)
        .choose(engine(), OPTIONS);
  }

  private DenseNetwork initial(Network network) {
    Map<String, Connectivity> dense = new LinkedHashMap<>();
    for (Parameter weight : network.prunable()) {
      dense.put(weight.name(), Connectivity.dense(weight.rows(), weight.rowLength()));
    }
    try (Session session = engine().open(network, dense, OPTIONS)) {
      return DenseNetwork.of(network, session, OPTIONS.seed());
    }
  }

  /** Whatever scores clearly above the threshold is there, and nothing that is clearly below. */
  private static void requireBest(
      Map<String, Connectivity> chosen, Map<String, double[]> scores, long count) {
    double[] sorted = scores.values().stream().flatMapToDouble(Arrays::stream).sorted().toArray();
    double threshold = sorted[(int) (sorted.length - count)];
    double gap = 1e-4 * sorted[sorted.length - 1];
    long found = 0;
    for (Map.Entry<String, double[]> tensor : scores.entrySet()) {
      Connectivity connections = Objects.requireNonNull(chosen.get(tensor.getKey()));
      found += connections.count();
      for (int i = 0; i < tensor.getValue().length; i++) {
        double score = tensor.getValue()[i];
        if (Math.abs(score - threshold) > gap) {
          assertThat(connections.contains(i))
              .as("%s[%d] of score %s, threshold %s", tensor.getKey(), i, score, threshold)
              .isEqualTo(score > threshold);
        }
      }
    }
    assertThat(found).isEqualTo(count);
    assertThat(DoubleStream.of(sorted).distinct().count()).isGreaterThan(sorted.length / 2);
  }

  private static Map<String, double[]> sensitivities(
      DenseNetwork network, DenseNetwork.Outcome outcome) {
    Map<String, double[]> scores = new LinkedHashMap<>();
    for (Parameter weight : network.network().prunable()) {
      double[] values = network.tensor(weight.name());
      double[] slopes = Objects.requireNonNull(outcome.gradients().get(weight.name()));
      double[] own = new double[values.length];
      Arrays.setAll(own, i -> Math.abs(values[i] * slopes[i]));
      scores.put(weight.name(), own);
    }
    return scores;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.1})
  void snipKeepsWhatTheLossDependsOnMost(double density) {
    PruningGoal goal = goal(density);
    Batch batch;
    try (Batches batches = samples().epoch(0)) {
      ImageBatch first = Objects.requireNonNull(batches.next());
      batch = new Batch(first.pixels(), first.labels(), first.sampleIds(), first.count(), 0);
    }
    DenseNetwork network = initial(NETWORK);
    DenseNetwork.Outcome outcome =
        network.run(
            batch,
            new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL),
            Mode.SCORE,
            1.0 / SAMPLES);
    requireBest(
        choose("snip", goal, 1).connections(),
        sensitivities(network, outcome),
        goal.layers().connections());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.1})
  void synflowKeepsWhatCarriesMostThroughTheLinearNetwork(double density) {
    PruningGoal goal = goal(density);
    Network linear =
        new NetworkBuilder("linear", NETWORK.input())
            .conv("conv1", 5, 3, 1)
            .conv("conv2", 4, 3, 2)
            .flatten("flatten")
            .linear("classifier", 3)
            .build();
    DenseNetwork network = initial(linear);
    for (Parameter parameter : linear.parameters()) {
      double[] values = network.tensor(parameter.name());
      Arrays.setAll(values, i -> Math.abs(values[i]));
    }
    float[] ones = new float[(int) NETWORK.input().elements()];
    Arrays.fill(ones, 1);
    Batch batch = new Batch(ones, new int[1], new long[1], 1, 0);
    DenseNetwork.Outcome outcome = network.run(batch, new Objective.SumOfOutputs(), Mode.SCORE, 1);
    requireBest(
        choose("synflow", goal, 1).connections(),
        sensitivities(network, outcome),
        goal.layers().connections());
  }

  @Test
  void manyRoundsEndWithTheSameNumberAndNotTheSameChoice() {
    PruningGoal goal = goal(0.05);
    PruningAtInitialization.Chosen one = choose("synflow", goal, 1);
    PruningAtInitialization.Chosen many = choose("synflow", goal, 50);
    for (PruningAtInitialization.Chosen chosen : List.of(one, many)) {
      LayerDensities found = LayerDensities.of(NETWORK.prunable(), chosen.connections());
      assertThat(found.connections()).isEqualTo(goal.layers().connections());
      assertThat(found.layers()).allMatch(layer -> layer.connections() >= 1);
    }
    assertThat(many.connections()).isNotEqualTo(one.connections());
    assertThat(many.operations()).isGreaterThan(10 * one.operations());
    assertThat(choose("synflow", goal, 50)).isEqualTo(many);
  }
}
