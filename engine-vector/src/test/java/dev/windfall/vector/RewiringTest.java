package dev.windfall.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.engine.Session;
import dev.windfall.engine.contract.Sessions;
import dev.windfall.engine.contract.TestData;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.Rewiring;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RewiringTest {

  /**
   * A layer with its input.
   *
   * @param groups of its channels
   */
  private record Case(Layer layer, Shape input, int groups) {
    static Case of(Layer.Conv2d conv, Shape input) {
      return new Case(conv, input, conv.groups());
    }

    Parameter weight() {
      return layer.parameters("c", input).getFirst();
    }
  }

  static List<Case> cases() {
    return List.of(
        Case.of(new Layer.Conv2d(7, 3, 2, 1, false), new Shape(3, 2, 9)),
        Case.of(new Layer.Conv2d(5, 5, 1, 2, false), new Shape(1, 4, 3)),
        Case.of(new Layer.Conv2d(2, 1, 1, 0, false), new Shape(17, 1, 2)),
        Case.of(new Layer.Conv2d(6, 3, 1, 1, 3, false), new Shape(6, 4, 3)),
        Case.of(new Layer.Conv2d(8, 3, 1, 1, 8, false), new Shape(8, 4, 3)),
        new Case(new Layer.Linear(10, false), Shape.features(9), 1));
  }

  /** Hundreds of random changes, beside a map from position to value. */
  @ParameterizedTest
  @MethodSource("cases")
  void connectionsAreThoseOfAMapOfPositions(Case layer) {
    Parameter weight = layer.weight();
    Geometry geometry =
        weight.shape().size() == 4
            ? new Geometry(layer.input().channels(), 4, 9, 2, false)
            : Geometry.of(layer.input(), 0);
    int kernel = weight.shape().size() == 4 ? weight.shape().get(2) : 1;
    InputWindow window = new InputWindow(geometry, kernel, 1, 0, layer.groups());
    SparseWeights sparse =
        new SparseWeights(
            weight, window, geometry, TestData.connections(weight, 0.4, weight.elements()));
    TreeMap<Long, Float> expected = new TreeMap<>();
    for (long position : sparse.connectivity().toPositions()) {
      expected.put(position, 0f);
    }
    StatelessRandom random = StatelessRandom.of(weight.elements(), "changes");
    for (int round = 0; round < 200; round++) {
      sparse.rewire(randomChange(weight, expected, random, 1 + random.nextInt(6)));
      assertThat(sparse.connectivity().toPositions())
          .containsExactly(expected.keySet().stream().mapToLong(Long::longValue).toArray());
      List<Float> values = new ArrayList<>();
      for (float value : sparse.values()) {
        values.add(value);
      }
      assertThat(values).containsExactlyElementsOf(expected.values());
    }
  }

  private static Rewiring randomChange(
      Parameter weight, Map<Long, Float> expected, StatelessRandom random, int oneOf) {
    long[] dropped =
        expected.keySet().stream()
            .filter(position -> random.nextInt(oneOf) == 0)
            .mapToLong(Long::longValue)
            .toArray();
    long[] grown =
        LongStream.range(0, weight.elements())
            .filter(position -> !expected.containsKey(position) && random.nextInt(oneOf) == 0)
            .toArray();
    float[] values = new float[grown.length];
    for (long position : dropped) {
      expected.remove(position);
    }
    for (int i = 0; i < grown.length; i++) {
      values[i] = (float) random.nextGaussian();
      expected.put(grown[i], values[i]);
    }
    return new Rewiring(weight.name(), dropped, grown, values);
  }

  @Test
  void memoryGoesWithTheConnections() {
    Network network = new NetworkBuilder("wide", Shape.features(500)).linear("hidden", 400).build();
    try (Session sparse = Sessions.open(new VectorEngine(), network, 0.02, 4, 1);
        Session dense = Sessions.open(new VectorEngine(), network, 1, 4, 1)) {
      long ofSparse = sparse.memory().weightsAndState();
      long ofDense = dense.memory().weightsAndState();
      assertThat(ofSparse).isLessThan(ofDense / 20);
      assertThat(ofDense).isLessThanOrEqualTo(28L * 500 * 400);
    }
  }
}
