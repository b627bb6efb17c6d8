package dev.windfall.experiment.lottery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.data.Dataset;
import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RunFolder;
import dev.windfall.experiment.RunPlan;
import dev.windfall.experiment.Summary;
import dev.windfall.experiment.comparison.RunPool;
import dev.windfall.experiment.comparison.RunResult;
import dev.windfall.lottery.Ticket;
import dev.windfall.lottery.TicketControl;
import dev.windfall.lottery.TicketFile;
import dev.windfall.lottery.TicketStart;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.training.TinyDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole lotteries of a narrow perceptron, on the engine of plain loops: 20 steps a training. */
final class LotteryTest {

  private static final Map<String, Dataset> DATA = Map.of("tiny", new TinyDataset(500, 40));
  private static final long STEPS = 20;
  private static final long REWOUND = 6;

  /** 6·20 + 20·10 + 10·3 weights. */
  private static final int WEIGHTS = 350;

  private static final String SMALL =
      """
      name: l
      set:
        model.name: mlp-20-10
        data: {name: tiny, validation: 0.2}
        training: {epochs: 2, batch-size: 40, schedule: {lr: 0.02}}
        run: {engine: reference, keep-last: 1, keep-best: false}
      seeds: [1, 2]
      draw: {rounds: 4, rewind: {step: 6}}
      spend:
        - {tickets: iterative, starts: [initial, weights], rows: [vanilla, swish], rounds: [2, 4]}
        - {tickets: one-shot, starts: [initial, learning-rate, fine-tuning], rounds: 3}
        - {tickets: [reinitialised, shuffled, random, rigl], rounds: 4}
        - {tickets: dense, rows: [swish, distillation]}
        - {tickets: iterative, starts: weights, rows: quick, rounds: 4}
        - {tickets: rigl, rows: distillation, rounds: 4}
      rows:
        quick:
          tweak: {rescaled-init: {learned-on: sparse, iterations: 3}, distillation: {teacher: dense}}
      """;

  @TempDir static Path shared;
  @TempDir Path folder;

  private static LotteryPlan plan(String yaml, Path folder) throws IOException {
    return LotteryPlan.of(
        LotteryFile.read(yaml, "l.yaml", Path.of(""), draft -> draft),
        Objects.requireNonNull(DATA.get("tiny")),
        new LotteryFolder(folder));
  }

  private static RunPool<LotteryRun> pool(LotteryPlan plan, Path folder) {
    LotteryFolder lottery = new LotteryFolder(folder);
    return new RunPool<>(lottery.runs(), DATA, 1, new TicketDrawer(plan, lottery, 1)::make);
  }

  /** Writes down what it hears. */
  private static final class Heard implements RunPool.Listener<LotteryRun> {
    private final List<String> begun = new ArrayList<>();

    @Override
    public void begun(LotteryRun run) {
      begun.add(run.name());
    }

    @Override
    public void ended(LotteryRun run, RunResult result) {}
  }

  private static Map<LotteryRun, RunResult> carryOut(String yaml, Path folder, int parallel)
      throws IOException {
    LotteryPlan plan = plan(yaml, folder);
    return pool(plan, folder).execute(plan.runs(), parallel, () -> false, new Heard());
  }

  @BeforeAll
  static void drawAndSpend() throws IOException {
    assertThat(carryOut(SMALL, shared, 2).values()).hasOnlyElementsOfType(RunResult.Finished.class);
  }

  private static Ticket ticket(Path folder, String name, int round, long seed) throws IOException {
    return TicketFile.read(
        folder.resolve("tickets/%s-round-%02d-seed-%d.safetensors".formatted(name, round, seed)));
  }

  private static Map<String, Connectivity> connections(Ticket ticket) throws IOException {
    return ticket.connections(plan(SMALL, shared).training().network());
  }

  @Test
  void whatLinesHaveInCommonIsTrainedOnce() throws IOException {
    List<String> names = plan(SMALL, shared).runs().stream().map(LotteryRun::name).toList();
    // Of each seed: dense, four rounds, two of iterative with other starts, four of swish, three of
    // one-shot, three controls and rigl, dense with two rows, and two more.
    assertThat(names).hasSize(2 * (1 + 4 + 2 + 4 + 3 + 4 + 2 + 2)).doesNotHaveDuplicates();
    assertThat(names)
        .contains(
            "dense-vanilla-seed-1",
            "iterative-initial-vanilla-round-04-seed-2",
            "iterative-weights-swish-round-02-seed-1",
            "one-shot-fine-tuning-vanilla-round-03-seed-1",
            "rigl-vanilla-round-04-seed-1",
            "dense-swish-seed-2");
    try (Stream<Path> runs = Files.list(shared.resolve("runs"))) {
      assertThat(runs.map(run -> run.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(names);
    }
  }

  /** ⌈350 · 0.8^r⌉, and of each the connections are among those of the round before. */
  @Test
  void countsAreExactAndConnectionsNested() throws IOException {
    List<Long> counts = List.of(280L, 224L, 180L, 144L);
    for (long seed = 1; seed <= 2; seed++) {
      Map<String, Connectivity> before = Map.of();
      for (int round = 1; round <= 4; round++) {
        Ticket ticket = ticket(shared, "iterative-initial", round, seed);
        assertThat(ticket.connectionCount()).isEqualTo(counts.get(round - 1));
        Map<String, Connectivity> now = connections(ticket);
        before.forEach(
            (name, wider) ->
                assertThat(LongStream.of(Objects.requireNonNull(now.get(name)).toPositions()))
                    .allMatch(wider::contains));
        before = now;
      }
      assertThat(ticket(shared, "one-shot-learning-rate", 3, seed).connectionCount())
          .isEqualTo(180);
    }
  }

  @Test
  void startsDifferInWeightsAndMomentAlone() throws IOException {
    Ticket initial = ticket(shared, "iterative-initial", 4, 1);
    Ticket weights = ticket(shared, "iterative-weights", 4, 1);
    assertThat(connections(weights)).isEqualTo(connections(initial));
    assertThat(initial.origin().step()).isZero();
    assertThat(weights.origin().step()).isEqualTo(REWOUND);
    assertThat(weights.origin().steps()).isEqualTo(STEPS);
    assertThat(weights.origin().pruned()).isEqualTo(initial.origin().pruned());
    Ticket trained = ticket(shared, "one-shot-learning-rate", 3, 1);
    assertThat(trained.origin().weights()).isEqualTo(trained.origin().pruned());
    assertThat(trained.origin().step()).isEqualTo(REWOUND);
  }

  @Test
  void controlsHaveTheTicketsLayersAndOtherConnectionsOrWeights() throws IOException {
    Map<String, Connectivity> drawn = connections(ticket(shared, "iterative-initial", 4, 1));
    for (TicketControl control :
        List.of(TicketControl.REINITIALISED, TicketControl.SHUFFLED, TicketControl.RANDOM)) {
      Map<String, Connectivity> own =
          connections(ticket(shared, control.label() + "-initial", 4, 1));
      drawn.forEach(
          (name, connections) ->
              assertThat(Objects.requireNonNull(own.get(name)).count())
                  .isEqualTo(connections.count()));
      assertThat(own.equals(drawn)).isEqualTo(control == TicketControl.REINITIALISED);
    }
  }

  private static Summary summary(String name) throws IOException {
    return new RunFolder(shared.resolve("runs").resolve(name)).readSummary();
  }

  private static LotteryRun run(LotteryPlan plan, String name) {
    return plan.runs().stream().filter(it -> it.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void theDenseNetworkOfTheSameSeedIsTheTeacher() throws IOException {
    LotteryPlan plan = plan(SMALL, shared);
    for (long seed = 1; seed <= 2; seed++) {
      LotteryRun dense = run(plan, "dense-vanilla-seed-" + seed);
      for (String line :
          List.of(
              "dense-distillation",
              "rigl-distillation-round-04",
              "iterative-weights-quick-round-04")) {
        LotteryRun taught = run(plan, line + "-seed-" + seed);
        assertThat(taught.needs()).contains(dense);
        assertThat(pool(plan, shared).plan(taught).recipe().tweak().distillation().teacher())
            .isEqualTo(
                dense
                    .folder(new LotteryFolder(shared).runs())
                    .checkpoints()
                    .file(STEPS)
                    .toAbsolutePath()
                    .normalize()
                    .toString());
        assertThat(summary(taught.name()).overheadFlops()).isPositive();
      }
      assertThat(run(plan, "dense-swish-seed-" + seed).needs()).isEmpty();
    }
    assertThat(shared.resolve("runs/iterative-weights-quick-round-04-seed-1/rescaled-init.json"))
        .isNotEmptyFile();
  }

  /** What takes as long as another is measured once; a teacher is not there yet. */
  @Test
  void runsThatTakeAsLongHaveEqualStandIns() throws IOException {
    LotteryPlan plan =
        plan(
            SMALL.replace(
                "rows: [vanilla, swish]", "rows: [vanilla, label-smoothing, distillation]"),
            folder);
    LotteryRun taught = run(plan, "iterative-weights-distillation-round-04-seed-1");
    Recipe standIn = plan.standIn(taught, taught.round(), 1).recipe();
    for (String line :
        List.of(
            "iterative-initial-vanilla",
            "iterative-initial-label-smoothing",
            "shuffled-initial-vanilla",
            "iterative-weights-distillation")) {
      LotteryRun run = run(plan, line + "-round-04-seed-1");
      assertThat(plan.standIn(run, run.round(), 1).recipe()).isEqualTo(standIn);
    }
    assertThat(plan.standIn(run(plan, "iterative-weights-quick-round-04-seed-1"), 4, 1).recipe())
        .isNotEqualTo(standIn);
    RunPlan teacher = plan.teacher(taught, 1).orElseThrow();
    assertThat(teacher.recipe())
        .isEqualTo(plan.standIn(run(plan, "dense-vanilla-seed-1"), 0, 1).recipe());
    assertThat(plan.teacher(run(plan, "rigl-vanilla-round-04-seed-1"), 1)).isEmpty();
  }

  @Test
  void trainingsAreAsLongAsTheirStartSays() throws IOException {
    assertThat(summary("iterative-initial-vanilla-round-04-seed-1").steps()).isEqualTo(STEPS);
    for (String name :
        List.of(
            "iterative-weights-vanilla-round-04-seed-1",
            "one-shot-learning-rate-vanilla-round-03-seed-1",
            "one-shot-fine-tuning-vanilla-round-03-seed-1")) {
      assertThat(summary(name).steps()).isEqualTo(STEPS - REWOUND);
      assertThat(summary(name).firstStep()).isEqualTo(REWOUND);
    }
    Summary rigl = summary("rigl-vanilla-round-04-seed-1");
    assertThat(rigl.method()).isEqualTo("rigl");
    assertThat(rigl.targetSparsity()).isEqualTo(0.5904);
  }

  @Test
  void aRoundIsKnownWithItsLayersAndItsAccuracyBeforeItIsTrainedAgain() throws IOException {
    TicketSource.Drawn iterative = new TicketSource.Drawn(true, TicketControl.NONE);
    TicketRound round = new LotteryFolder(shared).readRound(iterative, 3, 2).orElseThrow();
    assertThat(round.target()).isEqualTo(0.488);
    assertThat(round.connections()).isEqualTo(180);
    assertThat(round.weights()).isEqualTo(WEIGHTS);
    assertThat(round.testAccuracy()).isBetween(0.0, 1.0);
    assertThat(round.layers())
        .map(TicketRound.LayerDensity::layer)
        .containsExactly("linear1", "linear2", "classifier");
    assertThat(round.layers().stream().mapToLong(TicketRound.LayerDensity::connections).sum())
        .isEqualTo(180);
  }

  @Test
  void calledAgainNothingIsRepeated() throws IOException {
    LotteryPlan plan = plan(SMALL, shared);
    RunPool<LotteryRun> pool = pool(plan, shared);
    for (LotteryRun run : plan.runs()) {
      pool.requireSameRecipe(run);
    }
    Heard heard = new Heard();
    pool.execute(plan.runs(), 1, () -> false, heard);
    assertThat(heard.begun).isEmpty();
  }

  /** All files of tickets and rounds, and the last checkpoints of all runs. */
  private static Map<String, String> contents(Path folder) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        String name = folder.relativize(file).toString();
        boolean counts =
            name.endsWith("step-%010d.safetensors".formatted(STEPS))
                || name.startsWith("tickets/")
                || name.startsWith("rounds/");
        if (counts && Files.isRegularFile(file)) {
          contents.put(name, HexFormat.of().formatHex(Files.readAllBytes(file)));
        }
      }
    }
    return contents;
  }

  private static final String ONE_SEED =
      """
      name: l
      set:
        model.name: mlp-20-10
        data: {name: tiny, validation: 0.2}
        training: {epochs: 2, batch-size: 40, schedule: {lr: 0.02}}
        run: {engine: reference, keep-last: 1, keep-best: false}
      draw: {rounds: 3, start: START, rewind: {step: 6}}
      spend: {tickets: [iterative, shuffled], starts: weights, rounds: 3}
      """;

  private static final String TAUGHT =
      ONE_SEED.replace("starts: weights", "starts: weights, rows: [vanilla, taught]")
          + "rows: {taught: {tweak: {rescaled-init: {learned-on: sparse, iterations: 3},"
          + " distillation: {teacher: dense}}}}\n";

  /** Ended by force after every few steps of all trainings together, until nothing is left. */
  @ParameterizedTest
  @ValueSource(strings = {"initial", "weights", "learning-rate", "fine-tuning"})
  void aLotteryThatIsStoppedAgainAndAgainEndsInTheSameBits(String start) throws IOException {
    String yaml = TAUGHT.replace("START", start);
    carryOut(yaml, folder.resolve("undisturbed"), 1);
    Path stopped = folder.resolve("stopped");
    LotteryPlan plan = plan(yaml, stopped);
    int starts = 0;
    boolean isOver = false;
    while (!isOver) {
      AtomicInteger steps = new AtomicInteger();
      int last = 3 + 5 * starts % 17;
      Map<LotteryRun, RunResult> results =
          pool(plan, stopped)
              .execute(plan.runs(), 1, () -> steps.incrementAndGet() > last, new Heard());
      assertThat(results.values()).doesNotHaveAnyElementsOfTypes(RunResult.Failed.class);
      isOver = results.values().stream().allMatch(RunResult.Finished.class::isInstance);
      starts++;
    }
    assertThat(starts).isGreaterThan(5);
    assertThat(contents(stopped)).isEqualTo(contents(folder.resolve("undisturbed"))).isNotEmpty();
  }

  @Test
  void aTicketThatWasDrawnOtherwiseIsRefused() throws IOException {
    String yaml = ONE_SEED.replace("START", "initial");
    carryOut(yaml, folder, 1);
    LotteryPlan other =
        plan(yaml.replace("rounds: 3, start", "rate: 0.3, rounds: 3, start"), folder);
    assertThatThrownBy(() -> pool(other, folder).requireSameRecipe(other.runs().get(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("was drawn otherwise than it would be now");
  }

  @Test
  void whatNeedsAFailedTrainingFailsAndTheRestGoesOn() throws IOException {
    String yaml =
        ONE_SEED.replace("START", "initial")
            + "rows: {wild: {training.schedule.lr: 1e30}, mild: {training.schedule.lr: 0.01}}\n";
    Map<LotteryRun, RunResult> results =
        carryOut(
            yaml.replace(
                    "spend: {tickets: [iterative, shuffled]",
                    "spend: {rows: [wild, mild], tickets: [iterative]")
                .replace("draw: {", "draw: {first: {training.schedule.lr: 0.02}, "),
            folder,
            2);
    results.forEach(
        (run, result) ->
            assertThat(result)
                .as(run.name())
                .isInstanceOf(
                    run.name().contains("wild")
                        ? RunResult.Failed.class
                        : RunResult.Finished.class));
    Map<LotteryRun, RunResult> lost =
        carryOut(
            ONE_SEED
                .replace("START", "initial")
                .replace("draw: {", "draw: {first: {training.schedule.lr: 1e30}, "),
            folder.resolve("lost"),
            2);
    assertThat(lost.values()).hasOnlyElementsOfType(RunResult.Failed.class);
  }

  /** Prunes each layer by the same share, the first one, too, and the last by half of it. */
  @Test
  void layersCanBeRankedByThemselves() throws IOException {
    LotteryPlan plan =
        plan(
            "{name: l, set: {model.name: mlp-20-10, data.name: tiny, run.engine: reference},"
                + " draw: {rounds: 1, ranking: layer}}",
            folder);
    assertThat(plan.recipes().goal(1).together()).isEmpty();
    assertThat(plan.recipes().goal(1).layers().layers())
        .map(layer -> layer.connections())
        .containsExactly(96L, 160L, 27L);
  }

  @Test
  void theRecipeMaySayWhatBecomesOfTheLastLayer() throws IOException {
    for (String sparsity : List.of("{dense: [last]}", "{layers: {classifier: 0}}")) {
      LotteryPlan plan =
          plan(
              "{name: l, set: {model.name: mlp-20-10, data.name: tiny, run.engine: reference,"
                  + " sparsity: %s}, draw: {rounds: 1, ranking: layer}}".formatted(sparsity),
              folder);
      assertThat(plan.recipes().goal(1).layers().layers())
          .map(layer -> layer.connections())
          .containsExactly(96L, 160L, 30L);
    }
  }

  @Test
  void layersThatStayDenseStandOutsideOfTheLadder() throws IOException {
    LotteryPlan plan =
        plan(
            "{name: l, set: {model.name: mlp-20-10, data.name: tiny, run.engine: reference,"
                + " sparsity.dense: [last]}, draw: {rounds: 1}}",
            folder);
    assertThat(plan.recipes().goal(1).layers().connections()).isEqualTo(256 + 30);
    assertThat(plan.recipes().goal(1).together())
        .containsExactlyInAnyOrder("linear1.weight", "linear2.weight");
  }

  @Test
  void aStandInHasTheSparsityOfTheTicket() throws IOException {
    LotteryPlan plan = plan(SMALL, folder);
    LotteryRun run = run(plan, "iterative-weights-swish-round-04-seed-1");
    RunPlan standIn = plan.standIn(run, run.round(), 1);
    assertThat(standIn.densities().connections()).isBetween(144L, 147L);
    assertThat(standIn.recipe().tweak().activation()).isEqualTo("swish");
    assertThat(run.share()).isEqualTo(0.7);
    assertThat(plan.firstStep(TicketStart.WEIGHTS)).isEqualTo(REWOUND);
  }
}
