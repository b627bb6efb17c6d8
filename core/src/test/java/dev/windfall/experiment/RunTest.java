package dev.windfall.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.windfall.data.Dataset;
import dev.windfall.data.DatasetException;
import dev.windfall.network.Initialization;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.training.Checkpoint;
import dev.windfall.training.CheckpointFile;
import dev.windfall.training.TinyDataset;
import dev.windfall.training.TrainingEvent;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
            "ever_active_fraction");
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
    Path one = run(SMALL, "one").checkpoint();
    Path two = run(set(SMALL, "run.threads", "2"), "two").checkpoint();
    Path other = run(set(SMALL, "run.seed", "2"), "other").checkpoint();
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
    Checkpoint checkpoint = CheckpointFile.read(stopped.checkpoint());
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
    Path checkpoint = run(SMALL, "one").checkpoint();
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
    RecipeDraft both = set(SMALL, "sparsity.mask", mask.toString());
    assertThatThrownBy(() -> plan(set(both, "sparsity.dense", "[first]")))
        .hasMessageContaining("leave out sparsity.layers and sparsity.dense");
    Files.writeString(mask, "no tensors");
    assertThatThrownBy(() -> plan(both))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("sparsity.mask: " + mask + " is damaged: ");
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
    assertThatThrownBy(() -> plan(set(SMALL, "sparsity.method", "grasp")))
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
        "model.activation | elu | unknown activation 'elu'; known: identity relu",
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
