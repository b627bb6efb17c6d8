package dev.windfall.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.engine.Batch;
import dev.windfall.engine.DenseTrace;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.engine.Slot;
import dev.windfall.engine.contract.Agreement;
import dev.windfall.engine.contract.TestData;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Initialization;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.network.Zoo;
import dev.windfall.sparsity.Candidates;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Replacement;
import dev.windfall.sparsity.Rewiring;
import dev.windfall.sparsity.TopologyUpdate;
import dev.windfall.sparsity.UpdateRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ten training steps with two updates of the connections give the same bits with any number of
 * threads and any kernels. The scalar kernels are computed beside the vector ones in one JVM; so
 * where this passes with 8 and with 16 lanes, these give the same bits as each other.
 */
final class SameBitsTest {

  private static final int STEPS = 10;

  static Stream<Named<Network>> networks() {
    Shape tiny = new Shape(2, 5, 5);
    return Stream.of(
            Zoo.build("mlp-150-30", Zoo.Options.of(new Shape(1, 9, 9), 4)),
            Zoo.build("wrn-10-1", new Zoo.Options(tiny, 4, 0.3, ActivationFunction.MISH, 1)),
            residual(),
            separable())
        .map(network -> Named.of(network.name(), network));
  }

  private static Network residual() {
    return new NetworkBuilder("residual", new Shape(2, 9, 9))
        .conv("conv1", 6, 3, 1)
        .batchNorm("norm1")
        .relu("relu1")
        .conv("conv2", 6, 3, 2)
        .batchNorm("norm2")
        .from("relu1")
        .append("pool1", new Layer.MaxPool(3, 2, 1))
        .add("sum", "norm2")
        .activation("swish", ActivationFunction.SWISH)
        .flatten("flatten")
        .linear("hidden", 70)
        .activation("tanh", ActivationFunction.TANH)
        .dropout("dropout", 0.1)
        .linear("classifier", 4)
        .build();
  }

  /** Depthwise and grouped convolutions, average pools and gelu. */
  private static Network separable() {
    return new NetworkBuilder("separable", new Shape(2, 11, 9))
        .conv("conv1", 6, 3, 1)
        .batchNorm("norm1")
        .relu("relu1")
        .depthwiseConv("depthwise1", 6, 3, 2)
        .batchNorm("norm2")
        .activation("gelu1", ActivationFunction.GELU)
        .append("grouped", new Layer.Conv2d(9, 3, 1, 1, 3, true))
        .append("pool", new Layer.AveragePool(3, 2, 1, false))
        .depthwiseConv("depthwise2", 9, 3, 1)
        .batchNorm("norm3")
        .activation("gelu2", ActivationFunction.GELU)
        .globalAveragePool("average")
        .linear("classifier", 4)
        .build();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void threadsAndKernelsMakeNoDifference(Network network) {
    Trace expected = train(network, ScalarKernels::new, 1);
    assertThat(expected.candidates()).hasSizeGreaterThan(20);
    for (int threads = 1; threads <= 3; threads++) {
      Trace trace = train(network, VectorKernels::new, threads);
      assertThat(trace.losses()).isEqualTo(expected.losses());
      assertThat(trace.candidates()).isEqualTo(expected.candidates());
      assertThat(trace.bits().keySet()).isEqualTo(expected.bits().keySet());
      trace
          .bits()
          .forEach(
              (name, bits) ->
                  assertThat(bits)
                      .as("%s with %d threads", name, trace.threads())
                      .isEqualTo(expected.bits().get(name)));
    }
  }

  @Test
  void scalarKernelsShareTheirWorkToo() {
    Trace alone = train(residual(), ScalarKernels::new, 1);
    assertThat(train(residual(), ScalarKernels::new, 3).losses()).isEqualTo(alone.losses());
  }

  /**
   * What a training left behind.
   *
   * @param losses and lengths of the gradient of all steps
   * @param candidates positions and scores of all growth candidates
   * @param bits of values, velocities, variances, connections and averaged gradients
   */
  private record Trace(
      int threads, List<Double> losses, List<Number> candidates, Map<String, long[]> bits) {}

  private static Trace train(Network network, Supplier<Kernels> kernels, int threads) {
    SessionOptions options = new SessionOptions(21, threads, 5, Initialization.HE_FAN_OUT);
    Map<String, Connectivity> connectivity = TestData.connections(network, 0.3, 5);
    List<Double> losses = new ArrayList<>();
    List<Number> candidates = new ArrayList<>();
    try (Session session = VectorSession.open(network, connectivity, options, kernels.get())) {
      session.capability(DenseTrace.class).orElseThrow().keep(0.9);
      for (int step = 0; step < STEPS; step++) {
        boolean updates = step % 4 == 3;
        Batch batch = TestData.batch(network, 17 + step % 5, step);
        double scale = 1.0 / batch.count();
        losses.add(
            session
                .accumulate(
                    batch,
                    Agreement.OBJECTIVE,
                    Mode.TRAIN,
                    scale,
                    updates ? growth(network, session) : Growth.NONE)
                .loss());
        if (updates) {
          rewire(network, session, candidates);
          session.clearGradient();
        } else {
          losses.add(session.gradientNorm());
          session.scaleGradient(0.7);
          session.apply(optimizer(step));
        }
      }
      return new Trace(threads, losses, candidates, bits(network, session));
    }
  }

  private static OptimizerStep optimizer(int step) {
    return step < STEPS / 2
        ? new OptimizerStep.Sgd(0.05, 0.9, step % 2 == 0, 5e-4, false)
        : new OptimizerStep.Adam(1e-3, 0.9, 0.99, 1e-8, 5e-4, step % 2 == 0);
  }

  private static int dropped(Connectivity connectivity) {
    return TopologyUpdate.dropCount(0.3, connectivity, UpdateRule.AUTHORS);
  }

  private static Growth growth(Network network, Session session) {
    Map<String, Integer> wanted = new LinkedHashMap<>();
    for (Parameter weight : network.prunable()) {
      wanted.put(weight.name(), dropped(session.connectivity(weight.name())));
    }
    return new Growth(wanted);
  }

  /** RigL's update (Evci et al. 2020, Algorithm 1). */
  private static void rewire(Network network, Session session, List<Number> seen) {
    List<Rewiring> changes = new ArrayList<>();
    for (Parameter weight : network.prunable()) {
      String name = weight.name();
      Connectivity connectivity = session.connectivity(name);
      float[] gradients = session.read(name, Slot.GRADIENT);
      int[] weakest = TopologyUpdate.weakest(session.read(name, Slot.VALUE), dropped(connectivity));
      float[] ofWeakest = new float[weakest.length];
      for (int i = 0; i < weakest.length; i++) {
        ofWeakest[i] = gradients[weakest[i]];
      }
      Candidates found = session.candidates(name);
      Arrays.stream(found.positions()).forEach(seen::add);
      for (float score : found.scores()) {
        seen.add(score);
      }
      Replacement grown =
          TopologyUpdate.growByGradient(
              name, connectivity, weakest, ofWeakest, found, weakest.length);
      changes.add(grown.with(new float[grown.grown().length]));
    }
    session.rewire(changes);
  }

  private static Map<String, long[]> bits(Network network, Session session) {
    Map<String, long[]> result = new LinkedHashMap<>();
    for (Parameter parameter : network.parameters()) {
      String name = parameter.name();
      result.put(name, bits(session.read(name, Slot.VALUE)));
      if (parameter.role().isTrained()) {
        result.put(name + " velocity", bits(session.read(name, Slot.MOMENTUM)));
        result.put(name + " variance", bits(session.read(name, Slot.VARIANCE)));
      }
      if (parameter.isPrunable()) {
        result.put(name + " connections", session.connectivity(name).toPositions());
      }
    }
    session
        .snapshot()
        .traces()
        .forEach((name, averages) -> result.put(name + " averaged gradients", bits(averages)));
    return result;
  }

  private static long[] bits(float[] values) {
    long[] result = new long[values.length];
    Arrays.setAll(result, i -> Float.floatToRawIntBits(values[i]));
    return result;
  }
}
