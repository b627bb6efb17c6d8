package dev.windfall.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.data.BatchOptions;
import dev.windfall.data.Batches;
import dev.windfall.data.DataLoader;
import dev.windfall.data.ImageBatch;
import dev.windfall.engine.Batch;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.SecondOrder;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.engine.Slot;
import dev.windfall.engine.contract.NoiseImages;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.LayerDensities.LayerDensity;
import dev.windfall.sparsity.PruningGoal;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.training.PruningAtInitialization;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** GraSP's choice, against differences of the gradient's squared length. */
final class GradientFlowTest {

  private static final int SAMPLES = 20;
  private static final int CLASSES = 3;
  private static final SessionOptions OPTIONS =
      new SessionOptions(SAMPLES, 1, 1, Initialization.GLOROT);

  private static final Network NETWORK =
      new NetworkBuilder("smooth", new Shape(2, 3, 3))
          .conv("conv", 4, 3, 2)
          .activation("tanh", ActivationFunction.TANH)
          .flatten("flatten")
          .linear("classifier", CLASSES)
          .build();

  private static final NoiseImages IMAGES = new NoiseImages(NETWORK, 60);

  private static DataLoader samples() {
    return DataLoader.training(
        IMAGES, IMAGES.train(), new BatchOptions(SAMPLES, false, List.of(), 1));
  }

  /** The first samples of the epoch, at most seven of a class, in one batch. */
  private static Batch chosenSamples() {
    int size = (int) NETWORK.input().elements();
    float[] pixels = new float[SAMPLES * size];
    int[] labels = new int[SAMPLES];
    int[] ofClass = new int[CLASSES];
    int taken = 0;
    try (Batches batches = samples().epoch(0)) {
      for (ImageBatch batch = batches.next(); batch != null; batch = batches.next()) {
        for (int i = 0; i < batch.count() && taken < SAMPLES; i++) {
          if (ofClass[batch.labels()[i]]++ < 7) {
            System.arraycopy(batch.pixels(), i * size, pixels, taken * size, size);
            labels[taken++] = batch.labels()[i];
          }
        }
      }
    }
    assertThat(taken).isEqualTo(SAMPLES);
    return new Batch(pixels, labels, new long[SAMPLES], SAMPLES, 0);
  }

  /** The sum over two equal halves of their mean losses. */
  private static double squaredLength(Session session, Batch batch) {
    SecondOrder derivatives = session.capability(SecondOrder.class).orElseThrow();
    Map<String, double[]> gradient =
        derivatives.gradient(
            new SecondOrder.Problem(
                batch,
                new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL, 200),
                Mode.SCORE,
                2.0 / SAMPLES,
                SecondOrder.Precision.DOUBLE));
    double sum = 0;
    for (Parameter weight : NETWORK.prunable()) {
      for (double slope : Objects.requireNonNull(gradient.get(weight.name()))) {
        sum += slope * slope;
      }
    }
    return sum;
  }

  private record Scored(String tensor, int position, double score) {}

  /** w · ∂(‖g‖² / 2)/∂w, which is w · (H g), by differences. */
  private static List<Scored> byDifferences() {
    Batch batch = chosenSamples();
    Map<String, Connectivity> dense = new LinkedHashMap<>();
    for (Parameter weight : NETWORK.prunable()) {
      dense.put(weight.name(), Connectivity.dense(weight.rows(), weight.rowLength()));
    }
    List<Scored> scores = new ArrayList<>();
    try (Session session = new TorchEngine().open(NETWORK, dense, OPTIONS)) {
      for (Parameter weight : NETWORK.prunable()) {
        float[] values = session.read(weight.name(), Slot.VALUE);
        for (int i = 0; i < values.length; i++) {
          float[] up = values.clone();
          float[] down = values.clone();
          up[i] += 0x1p-9f;
          down[i] -= 0x1p-9f;
          session.write(weight.name(), Slot.VALUE, up);
          double above = squaredLength(session, batch);
          session.write(weight.name(), Slot.VALUE, down);
          double below = squaredLength(session, batch);
          session.write(weight.name(), Slot.VALUE, values);
          double slope = (above - below) / 2 / ((double) up[i] - down[i]);
          scores.add(new Scored(weight.name(), i, values[i] * slope));
        }
      }
    }
    scores.sort(Comparator.comparingDouble(Scored::score).reversed());
    return scores;
  }

  @Test
  void whatIsKeptIsWhatTheGradientsLengthDependsOn() {
    List<Scored> scores = byDifferences();
    assertThat(scores.getFirst().score()).isPositive();
    assertThat(scores.getLast().score()).isNegative();
    double gap = 1e-4 * scores.getFirst().score();
    List<LayerDensity> third =
        NETWORK.prunable().stream()
            .map(weight -> new LayerDensity(weight, weight.elements() / 3))
            .toList();
    long count = third.stream().mapToLong(LayerDensity::connections).sum();
    PruningAtInitialization.Chosen chosen =
        new PruningAtInitialization(
                NETWORK,
                SparseTrainingMethod.named("grasp"),
                new PruningGoal(
                    new LayerDensities(third), Set.of("conv.weight", "classifier.weight")),
                samples(),
                SAMPLES,
                1)
            .choose(new TorchEngine(), OPTIONS);
    double threshold = scores.get((int) count - 1).score();
    for (Scored scored : scores) {
      if (Math.abs(scored.score() - threshold) > gap) {
        Connectivity connections =
            Objects.requireNonNull(chosen.connections().get(scored.tensor()));
        assertThat(connections.contains(scored.position()))
            .as(scored.toString())
            .isEqualTo(scored.score() > threshold);
      }
    }
    assertThat(chosen.connections().values().stream().mapToLong(Connectivity::count).sum())
        .isEqualTo(count);
  }
}
