package dev.windfall.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.cost.Counter;
import dev.windfall.cost.NetworkCost;
import dev.windfall.data.Batches;
import dev.windfall.data.ImageBatch;
import dev.windfall.engine.Batch;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.SecondOrder;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.experiment.JsonText;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.Run;
import dev.windfall.experiment.RunFolder;
import dev.windfall.experiment.RunPlan;
import dev.windfall.network.Parameter;
import dev.windfall.training.CheckpointFile;
import dev.windfall.training.TrainingEvent;
import dev.windfall.tweak.InitialRescaling;
import dev.windfall.tweak.Rescaling;
import dev.windfall.tweak.RescalingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scales of initial weights, learned on this engine and trained with on the other. */
final class RescaledInitialisationTest {

  private static final Objective OBJECTIVE =
      new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL);

  private static final double STEP_LENGTH = 0.1;

  @TempDir Path parent;

  private static RecipeDraft recipe(String engine, String learnedOn) {
    return RecipeDraft.defaults()
        .with(
            """
            model: {name: wrn-10-1, width: 0.5}
            tweak:
              skips: learned
              rescaled-init: {learned-on: %s, iterations: 12, lr: 0.03}
            sparsity: {target: 0.8}
            training: {epochs: 1, batch-size: 64}
            run: {engine: %s, threads: 2}
            """
                .formatted(learnedOn, engine),
            "test");
  }

  private static Batch batch(RunPlan plan, int epoch) {
    try (Batches batches = plan.training().samples().epoch(epoch)) {
      ImageBatch images = Objects.requireNonNull(batches.next(), "there are images");
      return new Batch(
          images.pixels().clone(),
          images.labels().clone(),
          images.sampleIds().clone(),
          images.count(),
          0);
    }
  }

  /** The mean loss of a batch after a step against its gradient. */
  private static double lossAfterFirstStep(Session session, Batch batch) {
    SecondOrder derivatives = session.capability(SecondOrder.class).orElseThrow();
    Map<String, double[]> gradient =
        derivatives.gradient(
            new SecondOrder.Problem(
                batch, OBJECTIVE, Mode.SCORE, 1.0 / batch.count(), SecondOrder.Precision.SINGLE));
    double squares = 0;
    for (double[] slopes : gradient.values()) {
      for (double slope : slopes) {
        squares += slope * slope;
      }
    }
    double factor = STEP_LENGTH / Math.sqrt(squares);
    Map<String, float[]> before = new LinkedHashMap<>();
    gradient.forEach(
        (name, slopes) -> {
          float[] values = session.read(name, Slot.VALUE);
          before.put(name, values.clone());
          for (int i = 0; i < values.length; i++) {
            values[i] -= (float) (factor * slopes[i]);
          }
          session.write(name, Slot.VALUE, values);
        });
    double loss = session.accumulate(batch, OBJECTIVE, Mode.SCORE, 0, Growth.NONE).loss();
    session.clearGradient();
    before.forEach((name, values) -> session.write(name, Slot.VALUE, values));
    return loss / batch.count();
  }

  @Test
  void theFirstStepLowersTheLossFurther() {
    RunPlan plan = RunPlan.of(recipe("torch", "sparse").recipe());
    try (Session session =
        new TorchEngine().open(plan.network(), plan.start().connections(), plan.sessionOptions())) {
      double before = 0;
      for (int epoch = 50; epoch < 54; epoch++) {
        before += lossAfterFirstStep(session, batch(plan, epoch));
      }
      Rescaling learned =
          InitialRescaling.learn(
                  plan.network(),
                  session,
                  plan.training().samples(),
                  1,
                  OBJECTIVE,
                  new RescalingSettings(
                      RescalingSettings.Algorithm.SGD, 40, 0.02, STEP_LENGTH, 1, 0.01, 1),
                  (iteration, least, greatest) -> {},
                  () -> false)
              .orElseThrow();
      double after = 0;
      for (int epoch = 50; epoch < 54; epoch++) {
        after += lossAfterFirstStep(session, batch(plan, epoch));
      }
      assertThat(after).isLessThan(0.98 * before);
      assertThat(learned.scales().values()).allMatch(scale -> scale >= 0.01);
      for (Parameter weight : plan.network().prunable()) {
        assertThat(session.connectivity(weight.name()))
            .isEqualTo(plan.start().connections().get(weight.name()));
        assertThat(learned.scales()).containsKey(weight.name());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sparse", "dense"})
  void theVectorEngineTrainsWithScaledWeights(String learnedOn) throws IOException {
    RunPlan plan = RunPlan.of(recipe("vector", learnedOn).recipe());
    List<TrainingEvent.ScalesImproved> heard = new ArrayList<>();
    Run run =
        new Run(
            plan,
            () -> RunFolder.create(parent, learnedOn),
            event -> {
              if (event instanceof TrainingEvent.ScalesImproved improved) {
                heard.add(improved);
              }
            });
    // The first checkpoint is written before the first step.
    Run.Stopped stopped = (Run.Stopped) run.execute(() -> heard.size() == 12);
    assertThat(stopped.progress().step()).isZero();
    assertThat(heard).hasSize(12);
    Path file = stopped.folder().path().resolve("rescaled-init.json");
    Rescaling learned = JsonText.read(Files.readString(file), Rescaling.class);
    assertThat(learned.scales().values()).anyMatch(scale -> Math.abs(scale - 1) > 0.02);
    assertThat(heard.getLast().leastScale())
        .isCloseTo(
            learned.scales().values().stream().mapToDouble(scale -> scale).min().orElseThrow(),
            within(1e-15));
    NetworkCost cost = NetworkCost.of(plan.network(), plan.densities(), Counter.REPORT);
    long forward =
        learnedOn.equals("sparse") ? cost.inferenceFlops() : cost.denseFlops() + cost.addedFlops();
    assertThat(stopped.progress().overheadFlops()).isEqualTo(learned.forwardPasses() * forward);
    assertThat(learned.forwardPasses()).isBetween(12L * 64 * 6, 12L * 64 * 12);
    requireScaled(plan, learned, stopped);
  }

  private static void requireScaled(RunPlan plan, Rescaling learned, Run.Stopped stopped)
      throws IOException {
    Map<String, float[]> saved = new LinkedHashMap<>();
    CheckpointFile.read(Objects.requireNonNull(stopped.checkpoint()))
        .state()
        .tensors()
        .forEach((name, tensor) -> saved.put(name, tensor.values()));
    try (Session initial =
        plan.engine().open(plan.network(), plan.start().connections(), plan.sessionOptions())) {
      learned.applyTo(initial);
      for (Parameter parameter : plan.network().parameters()) {
        assertThat(initial.read(parameter.name(), Slot.VALUE))
            .as(parameter.name())
            .isEqualTo(saved.get(parameter.name()));
      }
    }
  }
}
