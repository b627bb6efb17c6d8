package dev.windfall.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.windfall.engine.State;
import dev.windfall.lottery.MagnitudePruning;
import dev.windfall.lottery.Ticket;
import dev.windfall.lottery.TicketFile;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.PruningGoal;
import dev.windfall.sparsity.SparsityBudget;
import dev.windfall.training.CheckpointFile;
import dev.windfall.training.TinyDataset;
import dev.windfall.tweak.Rescaling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings that begin with a ticket, on the engine of plain loops. */
final class TicketRunTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TinyDataset TINY = new TinyDataset(1000, 40);

  /** Ten steps an epoch. */
  private static final RecipeDraft SMALL =
      RecipeDraft.defaults()
          .with(
              """
              model: {name: mlp-20-10}
              data: {validation: 0.2}
              sparsity: {method: dense}
              training: {epochs: 2, batch-size: 80, schedule: {lr: 0.01}}
              run: {engine: reference, keep-steps: [0, 7]}
              """,
              "small");

  private static final int STEPS = 20;
  private static final int REWOUND = 7;

  @TempDir static Path parent;
  @TempDir Path folder;

  @BeforeAll
  static void trainTheDenseNetwork() throws IOException {
    run(SMALL, parent.resolve("dense"));
  }

  private static RunPlan plan(RecipeDraft draft) {
    return RunPlan.of(draft.recipe(), TINY);
  }

  private static Run.Finished run(RecipeDraft draft, Path folder) throws IOException {
    Run run = new Run(plan(draft), () -> new RunFolder(Files.createDirectory(folder)), event -> {});
    return (Run.Finished) run.execute(() -> false);
  }

  private static State state(Path run, long step) throws IOException {
    return CheckpointFile.read(run.resolve("checkpoint/step-%010d.json".formatted(step))).state();
  }

  /** A ticket of the dense network pruned after its last step. */
  private Path ticket(double sparsity, long step) throws IOException {
    RunPlan plan = plan(SMALL);
    PruningGoal goal =
        new PruningGoal(
            new Distribution.Global()
                .densities(
                    plan.network().prunable(),
                    new SparsityBudget(sparsity, Set.of(), false, Map.of())),
            Set.of("linear1.weight", "linear2.weight", "classifier.weight"));
    Path dense = parent.resolve("dense");
    State state =
        MagnitudePruning.restricted(
            state(dense, step), MagnitudePruning.connections(state(dense, STEPS), goal));
    Ticket.Origin origin =
        new Ticket.Origin(
            "mlp-20-10",
            "tiny",
            1,
            "one-shot",
            1,
            sparsity,
            "weights",
            "none",
            step,
            STEPS,
            "",
            "");
    Path file = folder.resolve("ticket.safetensors");
    TicketFile.write(file, plan.network(), new Ticket(origin, state));
    return file;
  }

  private static RecipeDraft spending(Path ticket) {
    return SMALL
        .with(List.of("sparsity", "method"), "static", "test")
        .withText(List.of("sparsity", "ticket"), ticket.toString(), "test");
  }

  private static void requireSame(State actual, State expected) {
    assertThat(actual.optimizerSteps()).isEqualTo(expected.optimizerSteps());
    assertThat(actual.tensors().keySet()).isEqualTo(expected.tensors().keySet());
    expected
        .tensors()
        .forEach(
            (name, tensor) ->
                assertThat(actual.tensors().get(name))
                    .as(name)
                    .usingRecursiveComparison()
                    .isEqualTo(tensor));
  }

  /** Data, augmentation and rates repeat exactly: with all connections all is as it was. */
  @Test
  void aTicketOfEveryConnectionEndsInTheBitsOfTheFirstTraining() throws IOException {
    Run.Finished finished = run(spending(ticket(0, REWOUND)), folder.resolve("again"));
    requireSame(state(folder.resolve("again"), STEPS), state(parent.resolve("dense"), STEPS));
    assertThat(finished.summary().steps()).isEqualTo(STEPS - REWOUND);
    assertThat(finished.summary().firstStep()).isEqualTo(REWOUND);
    assertThat(finished.summary().trainingFlopsRatio()).isEqualTo(1);
    run(spending(ticket(0, 0)), folder.resolve("from-the-start"));
    requireSame(
        state(folder.resolve("from-the-start"), STEPS), state(parent.resolve("dense"), STEPS));
  }

  @Test
  void aTrainingBeginsWithTheBitsThatTheFirstTrainingHadAtThatStep() throws IOException {
    Path file = ticket(0.5904, REWOUND);
    run(spending(file), folder.resolve("spent"));
    State begin = state(folder.resolve("spent"), REWOUND);
    requireSame(begin, TicketFile.read(file).state());
    State dense = state(parent.resolve("dense"), REWOUND);
    long connections = 0;
    for (Map.Entry<String, State.Tensor> tensor : begin.tensors().entrySet()) {
      State.Tensor before = Objects.requireNonNull(dense.tensors().get(tensor.getKey()));
      Connectivity own = tensor.getValue().connectivity();
      if (own != null) {
        connections += own.count();
        for (int i = 0; i < own.count(); i++) {
          assertThat(tensor.getValue().values()[i])
              .isEqualTo(before.values()[(int) own.position(i)]);
        }
      }
    }
    assertThat(connections).isEqualTo(350 - 206);
    JsonNode summary = JSON.readTree(folder.resolve("spent/summary.json").toFile());
    assertThat(summary.get("active_weights").asInt()).isEqualTo(144);
    assertThat(connections(state(folder.resolve("spent"), STEPS))).isEqualTo(connections(begin));
  }

  /** What is scaled are the ticket's own weights, and not those that the network began with. */
  @Test
  void scalesAreLearnedOfTheTicketsWeights() throws IOException {
    Path file = ticket(0.5904, REWOUND);
    RecipeDraft draft =
        spending(file)
            .with("tweak: {rescaled-init: {learned-on: sparse, iterations: 5, lr: 0.1}}", "test");
    run(draft, folder.resolve("rescaled"));
    Map<String, Double> scales =
        JsonText.read(
                Files.readString(new RunFolder(folder.resolve("rescaled")).rescaling()),
                Rescaling.class)
            .scales();
    assertThat(scales.get("linear1.weight")).isNotEqualTo(1);
    State begin = state(folder.resolve("rescaled"), REWOUND);
    TicketFile.read(file)
        .state()
        .tensors()
        .forEach(
            (name, tensor) -> {
              State.Tensor scaled = Objects.requireNonNull(begin.tensors().get(name));
              assertThat(scaled.connectivity()).isEqualTo(tensor.connectivity());
              double scale = scales.getOrDefault(name, 1.0);
              for (int i = 0; i < tensor.values().length; i++) {
                assertThat(scaled.values()[i])
                    .as(name)
                    .isEqualTo((float) (scale * tensor.values()[i]));
              }
            });
  }

  private static @Nullable Connectivity connections(State state) {
    return Objects.requireNonNull(state.tensors().get("linear1.weight")).connectivity();
  }

  @Test
  void theFirstLineOfMetricsAndTheScheduleGoOnFromThere() throws IOException {
    Path file = ticket(0.5, REWOUND);
    Run.Finished finished = run(spending(file), folder.resolve("spent"));
    assertThat(finished.summary().testAccuracy()).isBetween(0.0, 1.0);
    List<String> lines = Files.readAllLines(folder.resolve("spent/metrics.jsonl"));
    assertThat(JSON.readTree(lines.getFirst()).get("step").asInt()).isGreaterThan(REWOUND);
    RunPlan plan = plan(spending(file));
    assertThat(plan.firstStep()).isEqualTo(REWOUND);
    assertThat(plan.recipe().sparsity().target()).isEqualTo(0.5);
  }

  /** A training that is killed before its first checkpoint begins with the ticket again. */
  @Test
  void aStoppedTrainingGoesOnToTheSameBits() throws IOException {
    RecipeDraft draft = spending(ticket(0.5, REWOUND));
    run(draft, folder.resolve("whole"));
    for (int stop : List.of(0, 1, 6)) {
      Path part = folder.resolve("part" + stop);
      int[] left = {stop};
      Run run = new Run(plan(draft), () -> RunFolder.create(folder, "part" + stop), event -> {});
      assertThat(run.execute(() -> left[0]-- == 0)).isInstanceOf(Run.Stopped.class);
      if (stop == 0) {
        deleteCheckpoints(part);
      }
      try (StoppedRun stopped = StoppedRun.open(new RunFolder(part), read -> plan(read))) {
        assertThat(stopped.step()).isEqualTo(REWOUND + stop);
        new Run(stopped, event -> {}).execute(() -> false);
      }
      requireSame(state(part, STEPS), state(folder.resolve("whole"), STEPS));
      assertThat(times(part)).isEqualTo(times(folder.resolve("whole")));
    }
  }

  private static void deleteCheckpoints(Path run) throws IOException {
    for (String type : List.of("json", "safetensors")) {
      Files.delete(run.resolve("checkpoint/step-%010d.%s".formatted(REWOUND, type)));
    }
  }

  private static Map<String, Object> times(Path run) throws IOException {
    JsonNode summary = JSON.readTree(run.resolve("summary.json").toFile());
    Map<String, Object> fields = new LinkedHashMap<>();
    for (String name : List.of("steps", "first_step", "test_loss", "training_flops_ratio")) {
      fields.put(name, summary.get(name).asDouble());
    }
    return fields;
  }

  @Test
  void aTicketThatWasExchangedIsRefusedOnResumption() throws IOException {
    RecipeDraft draft = spending(ticket(0.5, REWOUND));
    Run run = new Run(plan(draft), () -> RunFolder.create(folder, "stopped"), event -> {});
    run.execute(() -> true);
    Path other = ticket(0.6, REWOUND);
    assertThatThrownBy(
            () -> StoppedRun.open(new RunFolder(folder.resolve("stopped")), TicketRunTest::plan))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(other + " is not what the run began with");
  }

  @Test
  void whatDoesNotGoWithATicketIsRefused() throws IOException {
    RecipeDraft draft = spending(ticket(0.5, REWOUND));
    refused(draft.with(List.of("model", "name"), "mlp-20-11", "test"), "does not fit mlp-20-11: ");
    refused(
        draft.with(List.of("sparsity", "method"), "gmp", "test"),
        "sparsity.ticket says which connections there are at the start");
    refused(
        draft.with(List.of("sparsity", "mask"), "mask.safetensors", "test"),
        "sparsity.ticket has connections of its own");
    refused(
        draft.with(List.of("sparsity", "ticket"), "nowhere", "test"),
        "sparsity.ticket: there is no file nowhere");
    refused(
        SMALL.with(List.of("run", "keep-steps"), "[21]", "test"),
        "run.keep-steps: there is no step 21 in a training of 20");
  }

  private static void refused(RecipeDraft draft, String message) {
    assertThatThrownBy(() -> plan(draft))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
