package dev.windfall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.cost.Counter;
import dev.windfall.cost.NetworkCost;
import dev.windfall.data.BatchOptions;
import dev.windfall.data.DataLoader;
import dev.windfall.engine.ReferenceEngine;
import dev.windfall.engine.SessionOptions;
import dev.windfall.network.Initialization;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.LayerDensities.LayerDensity;
import dev.windfall.sparsity.PruningGoal;
import dev.windfall.sparsity.SparseTrainingMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PruningAtInitializationTest {

  private static final TinyDataset DATA = new TinyDataset(200, 10);

  private static final DataLoader SAMPLES =
      DataLoader.training(DATA, DATA.train(), new BatchOptions(40, false, List.of(), 1));

  private static SessionOptions options(long seed) {
    return new SessionOptions(40, 1, seed, Initialization.HE_FAN_IN);
  }

  private static Network perceptron(int... widths) {
    NetworkBuilder builder = new NetworkBuilder("perceptron", new Shape(1, 2, 3));
    builder.flatten("flatten");
    for (int i = 0; i < widths.length; i++) {
      builder.linear("linear" + i, widths[i]).relu("relu" + i);
    }
    return builder.linear("classifier", 3).build();
  }

  private static PruningGoal goal(Network network, boolean together, long... counts) {
    List<LayerDensity> layers = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    for (int i = 0; i < counts.length; i++) {
      Parameter weight = network.prunable().get(i);
      layers.add(new LayerDensity(weight, counts[i]));
      if (together) {
        names.add(weight.name());
      }
    }
    return new PruningGoal(new LayerDensities(layers), names);
  }

  private static PruningAtInitialization.Chosen choose(
      Network network, String method, PruningGoal goal, int count, int rounds, long seed) {
    return new PruningAtInitialization(
            network, SparseTrainingMethod.named(method), goal, SAMPLES, count, rounds)
        .choose(new ReferenceEngine(false), options(seed));
  }

  private static List<Long> counts(Network network, PruningAtInitialization.Chosen chosen) {
    return LayerDensities.of(network.prunable(), chosen.connections()).layers().stream()
        .map(LayerDensity::connections)
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"snip", "synflow"})
  void countsAreThoseOfTheGoal(String method) {
    Network network = perceptron(8, 7, 1);
    assertThat(
            counts(network, choose(network, method, goal(network, false, 9, 56, 3, 2), 90, 7, 1)))
        .containsExactly(9L, 56L, 3L, 2L);
    List<Long> together =
        counts(network, choose(network, method, goal(network, true, 9, 12, 3, 2), 90, 7, 1));
    assertThat(together.stream().mapToLong(Long::longValue).sum()).isEqualTo(26);
    // As few as there are layers: each keeps its best.
    assertThat(counts(network, choose(network, method, goal(network, true, 1, 1, 1, 1), 90, 7, 1)))
        .containsExactly(1L, 1L, 1L, 1L);
  }

  @Test
  void theChoiceIsAFunctionOfTheSeed() {
    Network network = perceptron(8, 7);
    PruningGoal goal = goal(network, true, 9, 12, 4);
    for (String method : List.of("snip", "synflow")) {
      PruningAtInitialization.Chosen chosen = choose(network, method, goal, 40, 10, 1);
      assertThat(choose(network, method, goal, 40, 10, 1)).isEqualTo(chosen);
      assertThat(choose(network, method, goal, 40, 10, 2).connections())
          .isNotEqualTo(chosen.connections());
    }
    // Without data, whatever the samples are.
    assertThat(choose(network, "synflow", goal, 0, 10, 1))
        .isEqualTo(choose(network, "synflow", goal, 90, 10, 1));
    assertThat(choose(network, "snip", goal, 3, 10, 1).connections())
        .isNotEqualTo(choose(network, "snip", goal, 40, 10, 1).connections());
  }

  @Test
  void operationsAreCounted() {
    Network network = perceptron(8, 7);
    PruningGoal goal = goal(network, false, 12, 14, 6);
    LayerDensities dense = LayerDensities.dense(network.prunable());
    NetworkCost cost = NetworkCost.of(network, goal.layers(), Counter.REPORT);
    long forward = NetworkCost.of(network, dense, Counter.REPORT).inferenceFlops();
    PruningAtInitialization.Chosen snip = choose(network, "snip", goal, 90, 1, 1);
    assertThat(snip.operations()).isEqualTo(3 * forward * 90);
    SparseTrainingMethod method = SparseTrainingMethod.named("snip");
    assertThat(PruningAtInitialization.forecast(method, cost, 90, 1))
        .isEqualTo((double) snip.operations());
    // One pass more, which finds the scale of the numbers.
    assertThat(choose(network, "synflow", goal, 0, 1, 1).operations()).isEqualTo(4 * forward);
    double forecast =
        PruningAtInitialization.forecast(SparseTrainingMethod.named("synflow"), cost, 0, 20);
    assertThat((double) choose(network, "synflow", goal, 0, 20, 1).operations())
        .isBetween(0.95 * forecast + forward, 1.05 * forecast + forward);
    assertThat(snip.peakBytes()).isPositive();
  }

  /** Products of absolute matrices, in double precision. */
  private static Map<String, double[][]> absolute(Network network, long seed) {
    Map<String, double[][]> matrices = new LinkedHashMap<>();
    for (Parameter weight : network.prunable()) {
      Initialization.Values initial = Initialization.HE_FAN_IN.values(seed, weight);
      int columns = (int) weight.rowLength();
      double[][] matrix = new double[weight.rows()][columns];
      for (int row = 0; row < matrix.length; row++) {
        for (int column = 0; column < columns; column++) {
          matrix[row][column] = Math.abs(initial.at((long) row * columns + column, columns));
        }
      }
      matrices.put(weight.name(), matrix);
    }
    return matrices;
  }

  /** What flows through each position, by the paper's product of matrices; row by row. */
  private static Map<String, double[]> flows(Map<String, double[][]> matrices) {
    List<String> names = List.copyOf(matrices.keySet());
    Map<String, double[]> in = new LinkedHashMap<>();
    double[] forward = new double[6];
    Arrays.fill(forward, 1);
    for (String name : names) {
      in.put(name, forward);
      double[][] matrix = Objects.requireNonNull(matrices.get(name));
      double[] next = new double[matrix.length];
      for (int row = 0; row < next.length; row++) {
        for (int column = 0; column < forward.length; column++) {
          next[row] += matrix[row][column] * forward[column];
        }
      }
      forward = next;
    }
    double[] back = new double[forward.length];
    Arrays.fill(back, 1);
    Map<String, double[]> flows = new LinkedHashMap<>();
    for (String name : names.reversed()) {
      double[][] matrix = Objects.requireNonNull(matrices.get(name));
      double[] from = Objects.requireNonNull(in.get(name));
      double[] own = new double[matrix.length * from.length];
      double[] before = new double[from.length];
      for (int row = 0; row < matrix.length; row++) {
        for (int column = 0; column < from.length; column++) {
          own[row * from.length + column] = back[row] * matrix[row][column] * from[column];
          before[column] += back[row] * matrix[row][column];
        }
      }
      flows.put(name, own);
      back = before;
    }
    return flows;
  }

  private record Position(String tensor, int index, double score) {}

  /** The algorithm of the paper: the density falls by the same factor in every round. */
  @ParameterizedTest
  @CsvSource({"1", "3", "100"})
  void synapticFlowIsThatOfThePaper(int rounds) {
    Network network = perceptron(8, 7);
    long weights = 6 * 8 + 8 * 7 + 7 * 3;
    PruningGoal goal = goal(network, true, 5, 6, 2);
    Map<String, double[][]> matrices = absolute(network, 1);
    for (int round = 1; round <= rounds; round++) {
      List<Position> existing = new ArrayList<>();
      Map<String, double[]> flows = flows(matrices);
      matrices.forEach(
          (tensor, matrix) -> {
            double[] scores = Objects.requireNonNull(flows.get(tensor));
            for (int i = 0; i < scores.length; i++) {
              if (matrix[i / matrix[0].length][i % matrix[0].length] > 0) {
                existing.add(new Position(tensor, i, scores[i]));
              }
            }
          });
      double density = Math.pow(13.0 / weights, (double) round / rounds);
      long left = round == rounds ? 13 : weights - (long) Math.floor((1 - density) * weights);
      existing.sort(Comparator.comparingDouble(Position::score));
      for (Position gone : existing.subList(0, (int) (existing.size() - left))) {
        double[][] matrix = Objects.requireNonNull(matrices.get(gone.tensor()));
        matrix[gone.index() / matrix[0].length][gone.index() % matrix[0].length] = 0;
      }
    }
    Map<String, Connectivity> chosen = choose(network, "synflow", goal, 0, rounds, 1).connections();
    matrices.forEach(
        (tensor, matrix) -> {
          Connectivity connections = Objects.requireNonNull(chosen.get(tensor));
          for (int i = 0; i < matrix.length * matrix[0].length; i++) {
            assertThat(connections.contains(i))
                .as("%s[%d]", tensor, i)
                .isEqualTo(matrix[i / matrix[0].length][i % matrix[0].length] > 0);
          }
        });
  }

  @Test
  void synapticFlowDoesNotSeeTheScalesOfBatchNorms() {
    PruningGoal goal = goal(normed(Layer.BatchNorm.standard()), true, 9, 6);
    assertThat(choose(normed(Layer.BatchNorm.zero()), "synflow", goal, 0, 5, 1))
        .isEqualTo(choose(normed(Layer.BatchNorm.standard()), "synflow", goal, 0, 5, 1));
  }

  private static Network normed(Layer norm) {
    return new NetworkBuilder("normed", new Shape(1, 2, 3))
        .flatten("flatten")
        .linear("linear", 8)
        .append("norm", norm)
        .relu("relu")
        .linear("classifier", 3)
        .build();
  }

  /** The sum of outputs is about 1e60: beyond single precision, as are many gradients. */
  @Test
  void synapticFlowOfADeepNetworkStaysInSinglePrecision() {
    int[] widths = new int[60];
    Arrays.fill(widths, 60);
    Network network = perceptron(widths);
    long[] tenths =
        network.prunable().stream().mapToLong(weight -> weight.elements() / 10).toArray();
    PruningAtInitialization.Chosen chosen =
        choose(network, "synflow", goal(network, true, tenths), 0, 5, 1);
    List<Long> counts = counts(network, chosen);
    assertThat(counts.stream().mapToLong(Long::longValue).sum())
        .isEqualTo(Arrays.stream(tenths).sum());
    // The flow through every layer is the same, so equal layers keep about as much.
    assertThat(counts.subList(2, 59)).allMatch(count -> count > 180 && count < 720);
  }

  @Test
  void whatAnEngineCannotDoIsSaid() {
    Network network = perceptron(8);
    PruningGoal goal = goal(network, true, 9, 4);
    assertThatThrownBy(() -> choose(network, "grasp", goal, 20, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("second derivatives");
    assertThatThrownBy(() -> choose(network, "set", goal, 20, 1, 1))
        .hasMessageContaining("set does not score before the training");
  }
}
