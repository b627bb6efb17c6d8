package dev.windfall.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.windfall.data.Dataset;
import dev.windfall.data.DatasetException;
import dev.windfall.engine.Objective;
import dev.windfall.engine.ReferenceEngine;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Initialization;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.training.Checkpoint;
import dev.windfall.training.CheckpointFile;
import dev.windfall.training.TinyDataset;
import dev.windfall.training.TrainingEvent;
import dev.windfall.tweak.Addition;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RunTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Dataset TINY = new TinyDataset(1000, 40);

  /** Images of six pixels through a narrow perceptron, on the engine of plain loops. */
  private static final RecipeDraft SMALL =
      RecipeDraft.defaults()
          .with(
              """
              model: {name: mlp-20-10}
              data: {validation: 0.2}
              sparsity: {target: 0.5, update: {every: 5}}
              training: {epochs: 2, batch-size: 80, schedule: {lr: 0.01}}
              run: {engine: reference}
              """,
              "small");

  @TempDir Path parent;

  private Run.Outcome run(RecipeDraft draft, String name) throws IOException {
    RunPlan plan = plan(draft);
    return new Run(plan, () -> RunFolder.create(parent, name), event -> {}).execute(() -> false);
  }

  private static RunPlan plan(RecipeDraft draft) {
    return RunPlan.of(draft.recipe(), TINY);
  }

  private static RecipeDraft set(RecipeDraft draft, String path, String value) {
    return draft.with(List.of(path.split("\\.")), value, "--set " + path);
  }

  @Test
  void aRunLeavesEverythingInItsFolder() throws IOException {
    Run.Finished finished = (Run.Finished) run(SMALL, "one");
    Path folder = parent.resolve("one");
    assertThat(folder)
        .isDirectoryContaining("glob:**/recipe.yaml")
        .isDirectoryContaining("glob:**/provenance.json")
        .isDirectoryContaining("glob:**/metrics.jsonl")
        .isDirectoryContaining("glob:**/summary.json");
    assertThat(finished.checkpoint()).isEqualTo(folder.resolve("checkpoint/step-0000000020.json"));
    Recipe recipe =
        RecipeDraft.defaults()
            .with(Files.readString(folder.resolve("recipe.yaml")), "recipe.yaml")
            .recipe();
    assertThat(recipe.name()).isEqualTo("mlp-20-10-tiny-rigl-0.5-1");
    assertThat(recipe.data().augment()).isEmpty();
    JsonNode provenance = JSON.readTree(folder.resolve("provenance.json").toFile());
    assertThat(provenance.at("/engine/name").asText()).isEqualTo("reference");
    assertThat(provenance.at("/data/sha256").asText()).matches("[0-9a-f]{64}");
    assertThat(provenance.at("/machine/processors").asInt()).isPositive();
    assertThat(provenance.at("/windfall/version").asText()).isNotEmpty();
  }

  @Test
  void metricsHaveALineAsOftenAsTheRecipeSays() throws IOException {
    run(set(SMALL, "run.metrics-every", "3"), "often");
    List<Long> steps = new ArrayList<>();
    for (String line : Files.readAllLines(parent.resolve("often/metrics.jsonl"))) {
      steps.add(JSON.readTree(line).get("step").asLong());
    }
    assertThat(steps).contains(3L, 6L, 9L, 18L).doesNotContain(2L, 4L).doesNotHaveDuplicates();
  }

  @Test
  void theSummaryHasTheFieldsOfTheContract() throws IOException {
    Run.Finished finished = (Run.Finished) run(SMALL, "one");
    JsonNode summary = JSON.readTree(parent.resolve("one/summary.json").toFile());
    List<String> names = new ArrayList<>();
    summary.fieldNames().forEachRemaining(names::add);
    assertThat(names)
        .containsExactly(
            "model",
            "data",
            "method",
            "distribution",
            "engine",
            "seed",
            "epochs",
            "steps",
            "first_step",
            "target_sparsity",
            "sparsity",
            "active_weights",
            "total_weights",
            "test_accuracy",
            "test_loss",
            "validation_accuracy",
            "best_validation_accuracy",
            "best_test_accuracy",
            "expected_calibration_error",
            "inference_flops",
            "inference_flops_ratio",
            "overhead_flops",
            "training_flops_ratio",
            "seconds",
            "images_per_second",
            "peak_bytes",
            "process_peak_bytes",
            "topology_updates",
            "connections_replaced",
            "ever_active_fraction",
            "added_parameters",
            "added_flops");
    assertThat(summary).isEqualTo(JSON.readTree(JsonText.document(finished.summary())));
    assertThat(summary.get("steps").asInt()).isEqualTo(20);
    assertThat(summary.get("total_weights").asInt()).isEqualTo(6 * 20 + 20 * 10 + 10 * 3);
    assertThat(summary.get("active_weights").asInt()).isEqualTo(176);
    assertThat(summary.get("sparsity").asDouble()).isEqualTo(1 - 176 / 350.0);
    assertThat(summary.get("topology_updates").asInt()).isEqualTo(3);
    assertThat(summary.get("connections_replaced").asInt()).isPositive();
    assertThat(summary.get("images_per_second").asDouble()).isPositive();
    assertThat(summary.get("test_accuracy").asDouble()).isBetween(0.5, 1.0);
    assertThat(summary.get("ever_active_fraction").isNull()).isTrue();
  }

  @Test
  void metricsHaveALineForEachLogPoint() throws IOException {
    run(set(SMALL, "training.batch-size", "8"), "one");
    List<JsonNode> lines = metrics("one");
    assertThat(lines)
        .extracting(line -> line.get("step").asInt())
        .containsExactly(50, 100, 100, 150, 200, 200);
    assertThat(lines.getFirst().get("training_loss").asDouble()).isPositive();
    assertThat(lines.getFirst().get("validation_loss").isNull()).isTrue();
    assertThat(lines.get(2).get("training_loss").isNull()).isTrue();
    assertThat(lines.get(2).get("validation_accuracy").asDouble()).isPositive();
    assertThat(lines.get(2).get("epoch").asInt()).isEqualTo(1);
    assertThat(lines.get(5).get("test_accuracy").asDouble()).isPositive();
    assertThat(lines.stream().mapToLong(line -> line.get("connections_replaced").asLong()).sum())
        .isEqualTo(
            JSON.readTree(parent.resolve("one/summary.json").toFile())
                .get("connections_replaced")
                .asLong());
  }

  @Test
  void theSameRecipeMakesTheSameCheckpoint() throws IOException {
    Path one = ((Run.Finished) run(SMALL, "one")).checkpoint();
    Path two = ((Run.Finished) run(set(SMALL, "run.threads", "2"), "two")).checkpoint();
    Path other = ((Run.Finished) run(set(SMALL, "run.seed", "2"), "other")).checkpoint();
    assertThat(Files.readString(two)).isEqualTo(Files.readString(one));
    assertThat(Files.readString(other)).isNotEqualTo(Files.readString(one));
  }

  @Test
  void aStoppedRunLeavesACheckpointAndNoSummary() throws IOException {
    AtomicInteger steps = new AtomicInteger();
    RunPlan plan = plan(SMALL);
    Run run =
        new Run(
            plan,
            () -> RunFolder.create(parent, "stopped"),
            event -> steps.addAndGet(event instanceof TrainingEvent.StepDone ? 1 : 0));
    Run.Stopped stopped = (Run.Stopped) run.execute(() -> steps.get() == 7);
    assertThat(stopped.progress().step()).isEqualTo(7);
    assertThat(stopped.steps()).isEqualTo(20);
    Checkpoint checkpoint = CheckpointFile.read(Objects.requireNonNull(stopped.checkpoint()));
    assertThat(checkpoint.progress()).isEqualTo(stopped.progress());
    assertThat(parent.resolve("stopped/summary.json")).doesNotExist();
  }

  @Test
  void aDenseNetworkHasNoSparsity() throws IOException {
    RecipeDraft dense = set(SMALL, "sparsity.method", "dense");
    Run.Finished finished = (Run.Finished) run(dense, "dense");
    assertThat(finished.summary().targetSparsity()).isZero();
    assertThat(finished.summary().sparsity()).isZero();
    assertThat(finished.summary().trainingFlopsRatio()).isEqualTo(1);
    assertThat(finished.summary().topologyUpdates()).isZero();
    assertThat(plan(dense).recipe().name()).isEqualTo("mlp-20-10-tiny-dense-0-1");
  }

  @Test
  void retrainingStartsTheWeakestWeightsAnewOnTheSchedule() throws IOException {
    RecipeDraft draft = set(SMALL, "sparsity.method", "retraining");
    assertThat(plan(draft).recipe().sparsity().update().grownValues()).isEqualTo("initial");
    assertThat(plan(SMALL).recipe().sparsity().update().grownValues()).isEqualTo("zeros");
    Run.Finished finished = (Run.Finished) run(draft, "retraining");
    assertThat(finished.summary().sparsity()).isZero();
    assertThat(finished.summary().trainingFlopsRatio()).isEqualTo(1);
    // Steps 0, 5, 10 and 15 of 20, of which the last has a fraction of 0.
    assertThat(finished.summary().topologyUpdates()).isEqualTo(3);
    long expected = 0;
    for (int step = 0; step < 15; step += 5) {
      double fraction = 0.15 * (1 + Math.cos(Math.PI * step / 15));
      for (int weights : new int[] {6 * 20, 20 * 10, 10 * 3}) {
        expected += (long) Math.floor(fraction * weights + 1e-9);
      }
    }
    assertThat(finished.summary().connectionsReplaced()).isEqualTo(expected);
    assertThatThrownBy(() -> plan(set(draft, "sparsity.update.grown-values", "gradient")))
        .hasMessageContaining("method retraining does not know the gradients");
  }

  private static List<Long> counts(RunPlan plan) {
    return plan.densities().layers().stream().map(layer -> layer.connections()).toList();
  }

  @Test
  void layersMayHaveTheirOwnSparsityOrStayDense() {
    assertThat(counts(plan(SMALL))).containsExactly(68L, 78L, 30L);
    RecipeDraft uniform = set(SMALL, "sparsity.distribution", "uniform");
    assertThat(counts(plan(uniform))).containsExactly(120L, 100L, 15L);
    assertThat(plan(uniform).recipe().sparsity().dense()).containsExactly("linear1");
    assertThat(counts(plan(set(uniform, "sparsity.dense", "[]")))).containsExactly(60L, 100L, 15L);
    RecipeDraft last = set(uniform, "sparsity.dense", "[last]");
    assertThat(counts(plan(last))).containsExactly(60L, 100L, 30L);
    assertThat(counts(plan(set(last, "sparsity.budget-includes-dense", "true"))))
        .containsExactly(55L, 91L, 30L);
    RecipeDraft custom =
        set(set(SMALL, "sparsity.distribution", "custom"), "sparsity.layers", "{l*: 0.75, l*2: 0}");
    assertThat(counts(plan(custom))).containsExactly(30L, 200L, 15L);
    assertThat(plan(custom).recipe().sparsity().layers().keySet()).containsExactly("l*", "l*2");
    assertThatThrownBy(() -> plan(set(set(custom, "sparsity.dense", "[first]"), "name", "x")))
        .hasMessage(
            "linear1.weight shall be dense and has a sparsity of its own, 0.75: say one of them");
    Recipe resolved = plan(custom).recipe();
    RecipeDraft again = RecipeDraft.defaults().with(RecipeDraft.toYaml(resolved), "again");
    assertThat(plan(again).recipe()).isEqualTo(resolved);
  }

  @Test
  void aRunMayStartFromTheConnectionsOfACheckpoint() throws IOException {
    Path checkpoint = ((Run.Finished) run(SMALL, "one")).checkpoint();
    Path mask =
        checkpoint.resolveSibling(
            checkpoint.getFileName().toString().replace(".json", ".safetensors"));
    RunPlan plan = plan(set(SMALL, "sparsity.mask", mask.toString()));
    Checkpoint from = CheckpointFile.read(checkpoint);
    assertThat(plan.start().connections()).hasSize(3);
    from.state()
        .tensors()
        .forEach(
            (name, tensor) ->
                assertThat(plan.start().connections().get(name)).isEqualTo(tensor.connectivity()));
    assertThat(plan.recipe().sparsity().distribution()).isEqualTo("custom");
    assertThat(plan.recipe().sparsity().target()).isEqualTo(1 - 176 / 350.0);
    assertThat(plan(RecipeDraft.defaults().with(RecipeDraft.toYaml(plan.recipe()), "a")).recipe())
        .isEqualTo(plan.recipe());
    Path folder = parent.resolve("one");
    assertThat(plan(set(SMALL, "sparsity.mask", folder.toString())).recipe())
        .isEqualTo(plan.recipe());
    assertThatThrownBy(() -> plan(set(SMALL, "sparsity.mask", parent.toString())))
        .hasMessage(
            "sparsity.mask: %s is no run's folder: it holds no recipe.yaml".formatted(parent));
    RecipeDraft both = set(SMALL, "sparsity.mask", mask.toString());
    assertThatThrownBy(() -> plan(set(both, "sparsity.dense", "[first]")))
        .hasMessageContaining("leave out sparsity.layers and sparsity.dense");
    Files.writeString(mask, "no tensors");
    assertThatThrownBy(() -> plan(both))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("sparsity.mask: " + mask + " is damaged: ");
  }

  @Test
  void aRunMayTakeOverTheDensitiesOfAnother() throws IOException {
    RecipeDraft wandering =
        set(set(SMALL, "sparsity.method", "rigl-sm"), "sparsity.update.every", "2");
    Run.Finished learned = (Run.Finished) run(wandering, "learned");
    Map<String, Connectivity> end =
        CheckpointFile.read(learned.checkpoint()).state().connectivity();
    List<Long> counts =
        plan(SMALL).network().prunable().stream()
            .map(weight -> Objects.requireNonNull(end.get(weight.name())).count())
            .toList();
    assertThat(counts).isNotEqualTo(counts(plan(SMALL)));
    Path folder = learned.folder().path();
    RecipeDraft draft = set(SMALL, "sparsity.densities-from", folder.toString());
    RunPlan plan = plan(draft);
    assertThat(counts(plan)).isEqualTo(counts);
    assertThat(plan.recipe().sparsity().distribution()).isEqualTo("custom");
    assertThat(plan.recipe().sparsity().densitiesFrom()).isNull();
    assertThat(plan.recipe().sparsity().dense()).isEmpty();
    assertThat(plan.recipe().sparsity().target()).isEqualTo(learned.summary().sparsity());
    // The recipe stands on its own: connections are drawn anew, by the run's own seed.
    RecipeDraft again = RecipeDraft.defaults().with(RecipeDraft.toYaml(plan.recipe()), "again");
    assertThat(plan(again).recipe()).isEqualTo(plan.recipe());
    assertThat(plan(again).start().connections()).isEqualTo(plan.start().connections());
    assertThat(plan(set(again, "run.seed", "2")).start().connections())
        .isNotEqualTo(plan.start().connections());
    RecipeDraft pruned = set(draft, "sparsity.method", "gmp");
    assertThat(counts(plan(pruned))).containsExactly(120L, 200L, 30L);
    Run.Finished finished = (Run.Finished) run(pruned, "pruned to learned");
    assertThat(finished.summary().activeWeights()).isEqualTo(learned.summary().activeWeights());
    Path file =
        learned
            .checkpoint()
            .resolveSibling(
                learned.checkpoint().getFileName().toString().replace(".json", ".safetensors"));
    assertThat(plan(set(draft, "sparsity.densities-from", file.toString())).recipe())
        .isEqualTo(plan.recipe());
  }

  @Test
  void densitiesThatCannotBeTakenOverAreRefused() throws IOException {
    Path folder = run(SMALL, "one").folder().path();
    RecipeDraft draft = set(SMALL, "sparsity.densities-from", folder.toString());
    for (RecipeDraft both :
        List.of(
            set(draft, "sparsity.dense", "[first]"),
            set(draft, "sparsity.layers", "{linear1: 0.5}"),
            set(draft, "sparsity.method", "dense"))) {
      assertThatThrownBy(() -> plan(both))
          .hasMessageContaining("sparsity.densities-from says how many connections each layer has");
    }
    assertThatThrownBy(() -> plan(set(draft, "model.name", "mlp-20-11")))
        .hasMessageStartingWith("sparsity.densities-from: " + folder)
        .hasMessageEndingWith(
            "is no mask of mlp-20-11: linear2.weight has the shape 10,20 in the file, and 11,20 in"
                + " the network");
    assertThatThrownBy(() -> plan(set(draft, "sparsity.densities-from", "nowhere")))
        .hasMessage("sparsity.densities-from: there is neither a run's folder nor a file nowhere");
    assertThatThrownBy(() -> plan(set(draft, "sparsity.densities-from", parent.toString())))
        .hasMessage(
            "sparsity.densities-from: %s is no run's folder: it holds no recipe.yaml"
                .formatted(parent));
  }

  @Test
  void densitiesAreLoggedWhereTheyChangeAndOperationsEverywhere() throws IOException {
    RecipeDraft often = set(SMALL, "training.batch-size", "8");
    for (String method : List.of("rigl-sm", "gmp", "rigl")) {
      Run.Finished finished =
          (Run.Finished) run(set(often, "sparsity.method", method), "logged " + method);
      List<JsonNode> lines = metrics("logged " + method);
      JsonNode last = lines.getLast();
      Summary summary = finished.summary();
      assertThat(last.get("inference_flops").asLong()).isEqualTo(summary.inferenceFlops());
      assertThat(last.get("training_flops_ratio").asDouble())
          .isEqualTo(summary.trainingFlopsRatio());
      double dense = 3.0 * (2 * (6 * 20 + 20 * 10 + 10 * 3) - 20 - 10 - 3);
      assertThat(last.get("training_flops").asDouble())
          .isCloseTo(summary.trainingFlopsRatio() * dense * 2 * 800, within(1e-3));
      assertThat(lines.stream().map(line -> line.get("training_flops").asDouble()).toList())
          .isSorted();
      JsonNode first = lines.getFirst();
      assertThat(first.get("training_flops").asDouble())
          .isCloseTo(first.get("training_flops_ratio").asDouble() * dense * 50 * 8, within(1e-3));
      if (method.equals("rigl")) {
        assertThat(last.get("layers").isNull()).isTrue();
      } else {
        assertThat(last.at("/layers/linear1/density").asDouble()).isBetween(0.1, 1.0);
        assertThat(lines.stream().map(line -> line.at("/layers/linear1/density")).distinct())
            .hasSizeGreaterThan(1);
      }
    }
  }

  private List<JsonNode> metrics(String name) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(parent.resolve(name + "/metrics.jsonl"))) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  @ParameterizedTest
  @CsvSource({"gmp, erk", "gmp, global", "one-shot, uniform", "one-shot, global"})
  void pruningReachesItsSparsityAndLogsTheWay(String method, String distribution)
      throws IOException {
    RecipeDraft draft =
        set(
            set(set(SMALL, "sparsity.method", method), "sparsity.distribution", distribution),
            "training.batch-size",
            "8");
    Run.Finished finished = (Run.Finished) run(draft, "pruned");
    Summary summary = finished.summary();
    RunPlan plan = plan(draft);
    assertThat(plan.densities().sparsity()).isZero();
    LayerDensities goal = Objects.requireNonNull(plan.training().connections().goal()).layers();
    assertThat(summary.sparsity()).isEqualTo(goal.sparsity()).isBetween(0.3, 0.5);
    assertThat(summary.activeWeights()).isEqualTo(goal.connections());
    List<Double> sparsities =
        metrics("pruned").stream().map(line -> line.get("sparsity").asDouble()).toList();
    assertThat(sparsities).hasSize(6).isSorted();
    List<Double> operations =
        metrics("pruned").stream()
            .map(line -> line.get("training_flops_ratio").asDouble())
            .toList();
    assertThat(operations).isSortedAccordingTo(Comparator.reverseOrder());
    assertThat(operations.getFirst()).isLessThanOrEqualTo(1);
    assertThat(operations.getLast()).isEqualTo(summary.trainingFlopsRatio());
    assertThat(sparsities.getLast()).isEqualTo(summary.sparsity());
    if (method.equals("gmp")) {
      assertThat(sparsities.getFirst()).isBetween(0.2, 0.45);
    } else {
      assertThat(sparsities.getFirst()).isZero();
      // Dense for the first 151 of 200 steps.
      double sparse = summary.inferenceFlopsRatio();
      assertThat(summary.trainingFlopsRatio()).isCloseTo((151 + 49 * sparse) / 200, within(1e-12));
    }
    assertThat(summary.trainingFlopsRatio()).isBetween(summary.inferenceFlopsRatio(), 1.0);
    assertThat(summary.connectionsReplaced()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "snip, global, 300",
    "snip, erk, 300",
    "synflow, , 300.5",
    "synflow, uniform, 300.5",
  })
  void scoresChooseConnectionsOnceBeforeTheTraining(
      String method, @Nullable String distribution, double passes) throws IOException {
    RecipeDraft draft = set(SMALL, "sparsity.method", method);
    if (distribution != null) {
      draft = set(draft, "sparsity.distribution", distribution);
    }
    Run.Finished finished = (Run.Finished) run(draft, "scored");
    Summary summary = finished.summary();
    RunPlan plan = plan(draft);
    RunPlan.Start start = plan.start();
    Checkpoint end = CheckpointFile.read(finished.checkpoint());
    assertThat(end.state().connectivity()).isEqualTo(start.connections());
    assertThat(summary.activeWeights()).isEqualTo(plan.densities().connections());
    assertThat(summary.topologyUpdates()).isZero();
    assertThat(summary.distribution()).isEqualTo(distribution == null ? "global" : distribution);
    if (distribution != null && !distribution.equals("global")) {
      assertThat(LayerDensities.of(plan.network().prunable(), start.connections()))
          .isEqualTo(plan.densities());
    }
    // By a hundred samples, or by one in a hundred rounds with ever fewer connections.
    double dense = summary.inferenceFlops() / summary.inferenceFlopsRatio();
    assertThat(summary.overheadFlops()).isEqualTo(start.overheadFlops());
    if (method.equals("snip")) {
      assertThat((double) summary.overheadFlops()).isCloseTo(passes * dense, within(1e-6 * dense));
    } else {
      assertThat((double) summary.overheadFlops()).isBetween(0.7 * passes * dense, passes * dense);
    }
    assertThat(summary.trainingFlopsRatio())
        .isCloseTo(
            summary.inferenceFlopsRatio() + summary.overheadFlops() / (3 * dense * 2 * 800),
            within(1e-12));
  }

  @Test
  void scoresThatCannotBeComputedAreRefused() {
    RecipeDraft snip = set(SMALL, "sparsity.method", "snip");
    assertThat(plan(snip).recipe().sparsity().scoring().samples()).isEqualTo(100);
    assertThat(plan(SMALL).recipe().sparsity().scoring().samples()).isNull();
    RunPlan many = plan(set(snip, "sparsity.scoring.samples", "801"));
    assertThatThrownBy(many::start)
        .hasMessage("sparsity.scoring.samples: 801, but there are only 800 training images");
    assertThatThrownBy(() -> plan(set(snip, "model.zero-init-residual", "true")))
        .hasMessageContaining("all weights of the residual branches score 0");
    RecipeDraft residual = set(set(snip, "model.name", "resnet-18"), "sparsity.method", "synflow");
    assertThat(plan(set(residual, "model.zero-init-residual", "true")).method().scores()).isTrue();
    assertThat(plan(set(SMALL, "sparsity.method", "grasp")).scoringEngine().name())
        .isEqualTo("reference");
    assertThatThrownBy(
            () ->
                RecipeScoring.engine(
                    SparseTrainingMethod.named("grasp"), new ReferenceEngine(false)))
        .hasMessageContaining("add windfall-engine-torch to the class path");
    assertThatThrownBy(() -> set(snip, "sparsity.scoring.samples", "1").recipe())
        .hasMessageContaining("samples must be at least 2 or null, not 1");
  }

  @ParameterizedTest
  @CsvSource({"rigl-sm, report", "rigl-sg, authors"})
  void connectionsMayWanderBetweenLayers(String method, String rule) throws IOException {
    RecipeDraft draft =
        set(
            set(set(SMALL, "sparsity.method", method), "sparsity.update.rule", rule),
            "sparsity.update.fraction",
            "0.5");
    Run.Finished finished = (Run.Finished) run(draft, "wandering");
    assertThat(finished.summary().activeWeights()).isEqualTo(176);
    Checkpoint end = CheckpointFile.read(finished.checkpoint());
    List<Long> counts = new ArrayList<>();
    for (String layer : List.of("linear1", "linear2")) {
      Connectivity connections =
          Objects.requireNonNull(end.state().tensors().get(layer + ".weight")).connectivity();
      counts.add(Objects.requireNonNull(connections).count());
    }
    assertThat(counts).isNotEqualTo(List.of(68L, 78L));
    assertThat(counts.get(0) + counts.get(1)).isEqualTo(146);
    assertThat(metrics("wandering"))
        .allMatch(line -> line.get("sparsity").asDouble() == 1 - 176 / 350.0);
    Recipe.Sparsity resolved = plan(draft).recipe().sparsity();
    assertThat(resolved.redistribution())
        .isEqualTo(method.equals("rigl-sm") ? "momentum" : "gradient");
    assertThat(resolved.update().timing()).isEqualTo("instead-of-step");
  }

  @Test
  void whatDoesNotGoTogetherIsRefused() {
    RecipeDraft set = set(SMALL, "sparsity.method", "set");
    assertThatThrownBy(() -> plan(set(set, "sparsity.update.grown-values", "gradient")))
        .hasMessage(
            "sparsity.update.grown-values gradient: method set does not know the gradients of what"
                + " it grows");
    RecipeDraft gmp = set(SMALL, "sparsity.method", "gmp");
    assertThatThrownBy(() -> plan(set(gmp, "sparsity.update.end", "0")))
        .hasMessage("method gmp prunes until sparsity.update.end, which must be above 0");
    assertThatThrownBy(() -> plan(set(gmp, "sparsity.redistribution", "momentum")))
        .hasMessage("method gmp grows nothing that could wander by momentum");
    assertThat(plan(set(set, "sparsity.update.rule", "report")).method().timing().label())
        .isEqualTo("instead-of-step");
    assertThat(
            plan(set(
                    set(set, "sparsity.update.rule", "report"),
                    "sparsity.update.timing",
                    "after-step"))
                .method()
                .timing()
                .label())
        .isEqualTo("after-step");
    assertThat(plan(set(SMALL, "sparsity.method", "static")).recipe().sparsity().update().timing())
        .isNull();
  }

  @Test
  void theMultiplierScalesEpochsAndWarmUp() {
    RunPlan plan =
        plan(set(set(SMALL, "training.multiplier", "5"), "training.schedule.warmup-epochs", "1"));
    assertThat(plan.training().epochs()).isEqualTo(10);
    assertThat(plan.training().learningRate().steps()).isEqualTo(100);
    assertThat(plan.training().learningRate().warmUpSteps()).isEqualTo(50);
    assertThat(plan.training().connections().schedule().end()).isEqualTo(75);
    assertThat(plan.training().connections().schedule().every()).isEqualTo(5);
  }

  @Test
  void aNetworkOfOnesOwnIsTrained() throws IOException {
    Network own =
        new NetworkBuilder("own", new Shape(1, 2, 3))
            .flatten("flatten")
            .linear("hidden", 8)
            .relu("relu")
            .linear("classifier", 3)
            .build();
    RunPlan plan = RunPlan.of(SMALL.recipe(), TINY, own);
    assertThat(plan.network()).isSameAs(own);
    assertThat(plan.recipe().name()).isEqualTo("own-tiny-rigl-0.5-1");
    assertThat(plan.recipe().model().name()).isEqualTo("own");
    Run run = new Run(plan, () -> RunFolder.create(parent, "own"), event -> {});
    Run.Finished finished = (Run.Finished) run.execute(() -> false);
    assertThat(finished.summary().model()).isEqualTo("own");
    assertThat(finished.summary().totalWeights()).isEqualTo(6 * 8 + 8 * 3);
  }

  @Test
  void tweaksRewriteTheNetworkAndLeaveItsConnectionsAlone() {
    RecipeDraft draft = set(RecipeDraft.defaults(), "run.engine", "reference");
    RunPlan plain = RunPlan.of(draft.recipe());
    assertThat(plain.addition().parameters()).isZero();
    RunPlan tweaked =
        RunPlan.of(set(set(draft, "tweak.skips", "learned"), "tweak.activation", "swish").recipe());
    assertThat(tweaked.densities()).isEqualTo(plain.densities());
    assertThat(tweaked.start().connections()).isEqualTo(plain.start().connections());
    assertThat(tweaked.recipe().name()).isEqualTo(plain.recipe().name());
    assertThat(tweaked.recipe().sparsity().dense()).isEqualTo(plain.recipe().sparsity().dense());
    assertThat(tweaked.network().nodes())
        .filteredOn(node -> node.layer() instanceof Layer.Activation)
        .hasSize(7)
        .allSatisfy(
            node ->
                assertThat(node.layer()).isEqualTo(new Layer.Activation(ActivationFunction.SWISH)));
    // 16·32, 32·32, 32·64, 64·64, 64·128 and 128·128 weights, and two numbers a channel.
    assertThat(tweaked.addition()).isEqualTo(new Addition(32_256, 2 * (2 * 32 + 2 * 64 + 2 * 128)));
  }

  /** The checkpoint that was best in a training that averages is tested as it was then. */
  @Test
  void averagedWeightsAreThoseThatAreTestedAndSaved() throws IOException {
    RecipeDraft draft =
        set(
            set(SMALL, "training.epochs", "6"),
            "tweak.averaging",
            "{start: 0.75, every: 1, lr: 0.02}");
    RunPlan plan = plan(draft);
    assertThat(plan.training().learningRate().at(45)).isEqualTo(0.02);
    Run.Finished finished = (Run.Finished) run(draft, "averaged");
    Summary summary = finished.summary();
    RunFolder folder = finished.folder();
    RunEvaluation last = RunEvaluation.of(folder, plan, new RunEvaluation.Choice.Last(), TINY);
    assertThat(last.accuracy()).isEqualTo(summary.testAccuracy());
    assertThat(last.loss()).isEqualTo(summary.testLoss());
    assertThat(CheckpointFile.read(finished.checkpoint()).average().isEmpty()).isTrue();
    assertThat(CheckpointFile.read(folder.checkpoints().file(50)).average().count()).isEqualTo(1);
    RunEvaluation best = RunEvaluation.of(folder, plan, new RunEvaluation.Choice.Best(), TINY);
    assertThat(best.accuracy()).isEqualTo(summary.bestTestAccuracy());
  }

  @Test
  void scalesOfInitialWeightsAreLearnedBeforeTheFirstStep() throws IOException {
    RecipeDraft draft =
        set(SMALL, "tweak.rescaled-init", "{learned-on: sparse, iterations: 20, lr: 0.05}");
    Run.Finished finished = (Run.Finished) run(draft, "rescaled");
    Run.Finished plain = (Run.Finished) run(SMALL, "plain");
    JsonNode learned = JSON.readTree(parent.resolve("rescaled/rescaled-init.json").toFile());
    assertThat(learned.at("/scales").size()).isEqualTo(3);
    assertThat(learned.at("/scales/classifier.weight").asDouble()).isNotEqualTo(1).isPositive();
    assertThat(parent.resolve("plain/rescaled-init.json")).doesNotExist();
    long passes = learned.at("/forward_passes").asLong();
    assertThat(passes).isBetween(20L * 80 * 6, 20L * 80 * 12);
    assertThat(finished.summary().overheadFlops())
        .isEqualTo(passes * plain.summary().inferenceFlops());
    assertThat(finished.summary().testLoss()).isNotEqualTo(plain.summary().testLoss());
    assertThat(plan(draft).recipe().tweak().rescaledInit().algorithm()).isEqualTo("sgd");
  }

  private RecipeDraft taughtBy(String teacher) {
    return set(SMALL, "tweak.distillation.teacher", "'" + parent.resolve(teacher) + "'");
  }

  @Test
  void aRunMayLearnFromAnother() throws IOException {
    RecipeDraft dense = set(SMALL, "sparsity.method", "dense");
    run(set(dense, "model.name", "mlp-30"), "teacher");
    RecipeDraft draft = set(taughtBy("teacher"), "tweak.distillation.temperature", "2");
    RunPlan plan = plan(draft);
    Path checkpoint = parent.resolve("teacher/checkpoint/step-0000000020.json");
    assertThat(plan.recipe().tweak().distillation())
        .isEqualTo(new Recipe.Distillation(checkpoint.toString(), 0.9, 2, "reference"));
    assertThat(plan.training().objective())
        .isInstanceOfSatisfying(
            Objective.Distillation.class,
            objective -> {
              assertThat(objective.weight()).isEqualTo(0.9);
              assertThat(objective.temperature()).isEqualTo(2);
            });
    Run.Finished finished = (Run.Finished) run(draft, "pupil");
    Run.Finished alone = (Run.Finished) run(SMALL, "alone");
    Summary summary = finished.summary();
    assertThat(summary.testAccuracy()).isGreaterThan(0.5);
    assertThat(summary.testLoss()).isNotEqualTo(alone.summary().testLoss());
    // A forward pass of 6·30 + 30·3 weights takes two operations each but for one an output.
    long forward = 2 * (180 + 90) - 33;
    double ofDense = 2 * (6 * 20 + 20 * 10 + 10 * 3) - 33;
    assertThat(summary.overheadFlops()).isEqualTo(forward * 2 * 800);
    assertThat(alone.summary().overheadFlops()).isZero();
    assertThat(summary.trainingFlopsRatio() - alone.summary().trainingFlopsRatio())
        .isCloseTo(forward / (3 * ofDense), within(1e-3));
    JsonNode provenance = JSON.readTree(parent.resolve("pupil/provenance.json").toFile());
    assertThat(provenance.at("/teacher_sha256").asText()).matches("[0-9a-f]{64}");
    JsonNode without = JSON.readTree(parent.resolve("alone/provenance.json").toFile());
    assertThat(without.at("/teacher_sha256").isNull()).isTrue();
    // The file itself names the teacher as well.
    assertThat(plan(set(SMALL, "tweak.distillation.teacher", "'" + checkpoint + "'")).recipe())
        .isEqualTo(plan(set(draft, "tweak.distillation.temperature", "4")).recipe());
  }

  @Test
  void aTeacherThatIsOfNoUseIsRefusedBeforeTheRunBegins() throws IOException {
    run(SMALL, "teacher");
    Path folder = parent.resolve("teacher");
    Path recipe = folder.resolve("recipe.yaml");
    String text = Files.readString(recipe);
    requireRefused(recipe, text.replace("name: tiny", "name: shapes"), "it was trained on shapes");
    requireRefused(
        recipe,
        text.replace("augment: []", "augment: [per-image-standardise]"),
        "per-image-standardise must be in both");
    requireRefused(
        recipe, text.replace("name: mlp-20-10", "name: mlp-20"), "checkpoint is of mlp-20-10");
    requireRefused(recipe, "model: [", "recipe.yaml");
    Files.writeString(recipe, text);
    Path tensors = folder.resolve("checkpoint/step-0000000020.safetensors");
    byte[] bytes = Files.readAllBytes(tensors);
    bytes[bytes.length / 2] ^= 1;
    Files.write(tensors, bytes);
    requireRefused(recipe, text, "is damaged: its SHA-256");
    Files.delete(folder.resolve("checkpoint/step-0000000020.json"));
    Files.delete(tensors);
    assertThatThrownBy(
            () -> plan(taughtBy("teacher/checkpoint/step-0000000020.json")).openTeacher())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("there is no such checkpoint");
    for (long step : new RunFolder(folder).checkpoints().steps()) {
      Files.delete(folder.resolve("checkpoint/step-%010d.json".formatted(step)));
    }
    assertThatThrownBy(() -> plan(taughtBy("teacher")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has no checkpoint");
  }

  private void requireRefused(Path recipe, String text, String message) throws IOException {
    Files.writeString(recipe, text);
    assertThatThrownBy(() -> run(taughtBy("teacher"), "pupil"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message)
        .message()
        .startsWith("tweak.distillation.teacher")
        .doesNotContain("\n");
    assertThat(parent.resolve("pupil")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"1, 2, 2, 3", "3, 2, 3, 3", "1, 2, 3, 4"})
  void aNetworkForOtherImagesIsRefused(int channels, int height, int width, int classes) {
    Network other =
        new NetworkBuilder("other", new Shape(channels, height, width))
            .flatten("flatten")
            .linear("classifier", classes)
            .build();
    assertThatThrownBy(() -> RunPlan.of(SMALL.recipe(), TINY, other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "network other leads from %d×%d×%d to %d, but data set tiny has images of 1×2×3 and 3"
                    .formatted(channels, height, width, classes)
                + " classes");
  }

  @Test
  void theModelsFieldsReachNetworkAndSession() {
    RunPlan narrow = plan(set(SMALL, "model.width", "0.5"));
    assertThat(narrow.network().prunable()).extracting(Parameter::rows).startsWith(10, 5);
    RunPlan aware = plan(set(SMALL, "model.init", "sparse-aware"));
    assertThat(aware.sessionOptions().initialization()).isEqualTo(Initialization.SPARSE_AWARE);
    RecipeDraft residual = set(set(SMALL, "model.name", "resnet-18"), "model.stem", "imagenet");
    Network network = plan(set(residual, "model.zero-init-residual", "true")).network();
    assertThat(network.node("conv1").layer()).isEqualTo(new Layer.Conv2d(64, 7, 2, 3, false));
    assertThat(network.node("group1.block1.norm2").layer()).isEqualTo(Layer.BatchNorm.zero());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model.name | wrn-11-2 | depth of a wide ResNet",
        "model.name | alexnet | unknown model 'alexnet'; known: lenet-300-100",
        "model.activation | selu | unknown activation 'selu'; known: identity relu",
        "tweak.activation | selu | unknown activation 'selu'; known: identity relu",
        "tweak.skips | some | unknown skips 'some'; known: none plain learned",
        "tweak.averaging.start | 0.5 | rigl changes connections until sparsity.update.end; begin"
            + " there, at 0.75, or later, not at 0.5",
        "tweak.distillation.teacher | . | is no run's folder: it holds no recipe.yaml",
        "tweak.distillation | {teacher: x, engine: abacus} | unknown engine 'abacus'; known: refer",
        "tweak.rescaled-init.learned-on | all | tweak.rescaled-init.learned-on: unknown 'all'; known:"
            + " none sparse dense",
        "tweak.rescaled-init.algorithm | lion | unknown algorithm 'lion'; known: sgd adam",
        "tweak.skips | plain | network mlp-20-10 has no convolution that one could lead past",
        "model.init | xavier | known: he-fan-in he-fan-out glorot sparse-aware",
        "model.stem | large | unknown stem 'large'; known: auto small imagenet",
        "model.stem | small | stem small: mlp-20-10 has first layers of one form only",
        "model.zero-init-residual | true | zero-init-residual: mlp-20-10 has no residual branches",
        "model.width | 0 | width must be above 0 and at most a million, not 0",
        "data.split | head | unknown split 'head'",
        "data.augment | [crip] | unknown augmentation 'crip'",
        "data.augment | [per-image-standardise, flip] | per-image-standardise comes last",
        "data.validation | 0.9999 | each part needs at least 1",
        "sparsity.method | dsr | unknown method 'dsr'; known: dense static set snfs rigl rigl-sm",
        "sparsity.distribution | ekr | unknown distribution 'ekr'; known: uniform er erk custom",
        "sparsity.distribution | global | it goes with pruning (snip grasp synflow gmp one-shot), not with rigl",
        "sparsity.redistribution | weights | unknown redistribution 'weights'; known: none momentum",
        "sparsity.update.rule | both | unknown update rule 'both'; known: authors report",
        "sparsity.update.timing | before | unknown timing 'before' of updates; known: instead-of",
        "sparsity.update.grown-values | ones | unknown values 'ones' of grown connections; known: z",
        "sparsity.update.rounding | up | unknown rounding 'up'; known: exact report dettmers",
        "sparsity.distribution | custom | sparsity.layers must say which layer has which",
        "sparsity.layers | {conv*: 0.5} | the pattern 'conv*' decides on no layer of mlp-20-10;"
            + " its layers: linear1 linear2 classifier",
        "sparsity.layers | {linear1: 0.5, linear*: 0.6} | the pattern 'linear1' decides on no layer",
        "sparsity.dense | [depthwise] | sparsity.dense: the pattern 'depthwise' decides on no layer",
        "sparsity.dense | [linear3] | its layers: linear1 linear2 classifier",
        "sparsity.mask | nowhere | sparsity.mask: there is no file nowhere",
        "sparsity.update.schedule | sine | unknown update schedule 'sine'",
        "training.accumulate | 11 | training.accumulate: 11 micro-batches of 80 samples make a step,"
            + " but an epoch has only 10",
        "training.batch-size | 801 | has only 800 images to train on",
        "training.optimizer.name | lion | training.optimizer.name: unknown 'lion'; known: sgd adam",
        "training.schedule.name | poly | unknown 'poly'; known: step cosine cosine-restarts linear",
        "run.layer-metrics | [densty] | run.layer-metrics: unknown 'densty'; known: density",
        "training.schedule.warmup-epochs | 2 | must be below the 2 epochs",
        "training.loss.smoothing-over | some | unknown 'some'; known: all others",
        "run.engine | torch | unknown engine 'torch'; known: reference",
      })
  void whatDoesNotFitIsRefused(String path, String value, String message) {
    assertThatThrownBy(() -> plan(set(SMALL, path, value)))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .contains(message)
        .doesNotContain("\n");
  }

  @Test
  void theEmbeddedDataSetNeedsNoFiles() throws IOException {
    RunPlan plan = RunPlan.of(set(SMALL, "data.validation", "0.95").recipe());
    Run.Finished finished =
        (Run.Finished)
            new Run(plan, () -> RunFolder.create(parent, "shapes"), event -> {})
                .execute(() -> false);
    assertThat(finished.summary().data()).isEqualTo("shapes");
    assertThat(finished.summary().totalWeights()).isEqualTo(20 * 3072 + 10 * 20 + 10 * 10);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "data.name | cifar-11 | unknown data set 'cifar-11'; known: ",
        "data.name | tiny-imagenet | say with data.dir (--data-dir)",
        "data.dir | somewhere | data set shapes is embedded",
        "run.engine | torch | unknown engine 'torch'; known: reference",
      })
  void whatCannotBeOpenedIsRefused(String path, String value, String message) {
    assertThatThrownBy(() -> RunPlan.of(set(SMALL, path, value).recipe()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void missingFilesAreNamed() {
    RecipeDraft cifar =
        SMALL.with("data: {name: cifar-10, dir: " + parent.resolve("none") + "}", "cifar");
    assertThatThrownBy(() -> RunPlan.of(cifar.recipe()))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("data_batch_1.bin");
  }

  @Test
  void foldersAreNeverShared() throws IOException {
    assertThat(RunFolder.createNumbered(parent, "run").path()).isEqualTo(parent.resolve("run"));
    assertThat(RunFolder.createNumbered(parent, "run").path()).isEqualTo(parent.resolve("run-2"));
    assertThat(RunFolder.createNumbered(parent, "run").path()).isEqualTo(parent.resolve("run-3"));
    assertThatThrownBy(() -> RunFolder.create(parent, "run"))
        .isInstanceOf(FileAlreadyExistsException.class);
  }
}
