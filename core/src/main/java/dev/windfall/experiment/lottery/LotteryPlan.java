package dev.windfall.experiment.lottery;

import dev.windfall.data.Dataset;
import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.RecipeFile;
import dev.windfall.experiment.RunPlan;
import dev.windfall.lottery.TicketControl;
import dev.windfall.lottery.TicketStart;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.LayerPattern;
import dev.windfall.sparsity.PruningGoal;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.sparsity.Sparsification;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The trainings that a lottery comes to, and what tickets between them are made of. Trainings that
 * several lines have in common are one: the dense network, and of an iterative drawing the rounds,
 * which are the line of its tickets spent as they were drawn.
 */
public final class LotteryPlan {

  private static final String DENSE = new TicketSource.Dense().label();
  private static final List<String> METHOD = List.of("sparsity", "method");
  private static final List<String> TARGET = List.of("sparsity", "target");
  private static final List<String> TEACHER = RecipeFile.TEACHER.field();

  private final Lottery lottery;
  private final LotteryFolder folder;
  private final Dataset dataset;
  private final Recipe dense;
  private final RunPlan training;
  private final long rewindStep;
  private final Map<String, LotteryRun> runs = new LinkedHashMap<>();

  private LotteryPlan(Lottery lottery, Dataset dataset, LotteryFolder folder) {
    this.lottery = lottery;
    this.dataset = dataset;
    this.folder = folder;
    training = RunPlan.of(lottery.base().with(METHOD, DENSE, "draw").recipe(), dataset);
    dense = training.recipe();
    rewindStep =
        lottery
            .drawing()
            .rewind()
            .step(training.training().steps(), training.training().stepsPerEpoch());
  }

  /**
   * Plans a lottery; nothing is trained and nothing written.
   *
   * @param dataset that the recipe names
   * @param folder of the lottery
   * @throws IllegalArgumentException where something does not fit in the recipe
   */
  public static LotteryPlan of(Lottery lottery, Dataset dataset, LotteryFolder folder) {
    LotteryPlan plan = new LotteryPlan(lottery, dataset, folder);
    plan.addDrawing();
    lottery.spending().forEach(plan::add);
    return plan;
  }

  /** All trainings, each after those that it needs. */
  public List<LotteryRun> runs() {
    return List.copyOf(runs.values());
  }

  /** What is planned. */
  public Lottery lottery() {
    return lottery;
  }

  /** The training of the dense network, but for its seed and engine. */
  public RunPlan training() {
    return training;
  }

  /**
   * The line of tickets that are spent as they were drawn; of an iterative drawing, its own
   * trainings.
   */
  public LotteryLine drawnLine() {
    return new LotteryLine(
        new TicketSource.Drawn(lottery.drawing().iterative(), TicketControl.NONE),
        lottery.drawing().start(),
        SpendingRow.VANILLA);
  }

  /** How tickets are drawn, in one line. */
  public String description() {
    Drawing drawing = lottery.drawing();
    return "tickets of %s, %s by magnitude, %s, %s; rewinding goes back to step %d of %d"
        .formatted(
            training.network().name(),
            drawing.iterative()
                ? "drawn in %d rounds".formatted(drawing.ladder().rounds())
                : "drawn in one shot",
            drawing.together()
                ? "all layers ranked together"
                : "each layer by itself and the last at half the rate",
            drawing.iterative()
                ? "each round trained again with start " + drawing.start().label()
                : "from the dense network",
            rewindStep,
            training.training().steps());
  }

  /** The dense networks and, round by round, all that tickets are drawn from. */
  private void addDrawing() {
    lottery.seeds().forEach(seed -> add(LotteryLine.DENSE, 0, seed));
    if (lottery.drawing().iterative()) {
      for (int round = 1; round <= lottery.drawing().ladder().rounds(); round++) {
        for (long seed : lottery.seeds()) {
          add(drawnLine(), round, seed);
        }
      }
    }
  }

  private void add(SpendingGroup group) {
    for (long seed : lottery.seeds()) {
      for (TicketSource source : group.sources()) {
        for (SpendingRow row : group.rows()) {
          switch (source) {
            case TicketSource.Dense _ -> add(new LotteryLine(source, null, row), 0, seed);
            case TicketSource.Trained _ ->
                group
                    .rounds()
                    .forEach(round -> add(new LotteryLine(source, null, row), round, seed));
            case TicketSource.Drawn drawn ->
                group.starts().stream()
                    .filter(drawn::has)
                    .map(start -> new LotteryLine(source, start, row))
                    .forEach(line -> group.rounds().forEach(round -> add(line, round, seed)));
          }
        }
      }
    }
  }

  private void add(LotteryLine line, int round, long seed) {
    runs.computeIfAbsent(
        LotteryRun.name(line, round, seed),
        name ->
            new LotteryRun(
                line,
                round,
                seed,
                dense.data().name(),
                draft(line, round, seed, name),
                1 - (double) firstStep(line.start()) / training.training().steps(),
                needs(line, round, seed)));
  }

  private LotteryRun run(LotteryLine line, int round, long seed) {
    String name = LotteryRun.name(line, round, seed);
    return Objects.requireNonNull(runs.get(name), name);
  }

  private List<LotteryRun> needs(LotteryLine line, int round, long seed) {
    if (!(line.source() instanceof TicketSource.Drawn drawn)) {
      return line.row().learnsFromDense() ? List.of(run(LotteryLine.DENSE, 0, seed)) : List.of();
    }
    LotteryRun first = run(LotteryLine.DENSE, 0, seed);
    return List.of(
        drawn.iterative() && round > 1 ? run(drawnLine(), round - 1, seed) : first, first);
  }

  /** The first step that is done with a start. */
  long firstStep(@Nullable TicketStart start) {
    return start == null || start == TicketStart.INITIAL ? 0 : rewindStep;
  }

  private RecipeDraft draft(LotteryLine line, int round, long seed, String name) {
    RecipeDraft draft =
        switch (line.source()) {
          case TicketSource.Dense _ -> denseDraft(line);
          case TicketSource.Drawn drawn -> drawnDraft(drawn, startOf(line), round, seed, name);
          case TicketSource.Trained trained -> trainedDraft(trained.method(), round, name);
        };
    RecipeDraft spent = line.row().settings().over(draft);
    return line.row().learnsFromDense()
        ? spent.withText(TEACHER, teacher(seed).toString(), name)
        : spent;
  }

  /** The folder of the run that others of a seed learn from. */
  private Path teacher(long seed) {
    return run(LotteryLine.DENSE, 0, seed).folder(folder.runs()).path();
  }

  private static TicketStart startOf(LotteryLine line) {
    return Objects.requireNonNull(line.start(), "a drawn ticket has a start");
  }

  private RecipeDraft denseDraft(LotteryLine line) {
    RecipeDraft draft = lottery.base().with(METHOD, DENSE, line.key());
    return line.row().isVanilla()
        ? lottery
            .drawing()
            .first()
            .over(draft)
            .with(List.of("run", "keep-steps"), "[0, %d]".formatted(rewindStep), line.key())
        : draft;
  }

  private RecipeDraft drawnDraft(
      TicketSource.Drawn drawn, TicketStart start, int round, long seed, String name) {
    RecipeDraft draft = unchanging(folder.ticket(drawn, start, round, seed).toString(), name);
    if (start != TicketStart.FINE_TUNING) {
      return draft;
    }
    double lastRate = training.training().learningRate().at(training.training().steps() - 1);
    return draft.with(
        List.of("training", "schedule"),
        "{name: constant, lr: %s, warmup-epochs: 0}".formatted(lastRate),
        name);
  }

  /** Connections come from elsewhere, and do not change. */
  private RecipeDraft unchanging(String ticket, String name) {
    return lottery
        .base()
        .with(List.of("sparsity"), "{method: static, layers: {}, dense: null}", name)
        .withText(RecipeFile.TICKET.field(), ticket, name);
  }

  private RecipeDraft trainedDraft(String method, int round, String name) {
    RecipeDraft draft =
        lottery
            .base()
            .with(METHOD, method, name)
            .with(TARGET, Double.toString(sparsity(round)), name);
    return SparseTrainingMethod.named(method).sparsification() == Sparsification.FROM_THE_START
        ? draft.with(List.of("sparsity", "distribution"), "erk", name)
        : draft;
  }

  /** The sparsity that a round asks for, among the layers that are pruned. */
  public double sparsity(int round) {
    return lottery.drawing().ladder().sparsity(round);
  }

  /** Down to what a round prunes. */
  PruningGoal goal(int round) {
    return RunPlan.pruningGoal(pruning(round).recipe(), training.network());
  }

  /**
   * The recipe's target and layers at a round. A uniform distribution would keep the first layer
   * dense, too, if it were not told which layers are.
   */
  private RecipeDraft pruning(int round) {
    Recipe together =
        RunPlan.resolved(
            lottery
                .base()
                .with(List.of("sparsity"), "{method: one-shot, distribution: global}", "draw")
                .recipe(),
            dataset);
    List<String> layers = Objects.requireNonNull(together.sparsity().dense(), "it is resolved");
    RecipeDraft draft =
        lottery
            .base()
            .with(
                List.of("sparsity"),
                "{method: one-shot, distribution: %s, dense: [%s], target: %s}"
                    .formatted(
                        lottery.drawing().together() ? "global" : "uniform",
                        String.join(", ", layers),
                        sparsity(round)),
                "draw");
    return lottery.drawing().together() ? draft : sparingLast(draft, layers, round);
  }

  /**
   * Where layers are ranked by themselves, the last one loses half the share of the others (Frankle
   * &amp; Carbin 2019, section 2), unless the recipe says what becomes of it.
   */
  private RecipeDraft sparingLast(RecipeDraft draft, List<String> denseLayers, int round) {
    Parameter last = training.network().prunable().getLast();
    Map<String, Double> layers = new LinkedHashMap<>(dense.sparsity().layers());
    if (denseLayers.contains(last.layer())
        || LayerPattern.sparsities(training.network(), layers).containsKey(last.name())) {
      return draft;
    }
    layers.put(last.layer(), lottery.drawing().ladder().sparsityAtHalfTheRate(round));
    return draft.with(
        List.of("sparsity", "layers"),
        layers.entrySet().stream()
            .map(layer -> "\"%s\": %s".formatted(layer.getKey(), layer.getValue()))
            .collect(Collectors.joining(", ", "{", "}")),
        "draw");
  }

  /**
   * The training with a run's ticket as tickets are drawn.
   *
   * @param threads computing threads
   */
  RunPlan vanilla(LotteryRun run, int threads) {
    TicketSource.Drawn drawn = (TicketSource.Drawn) run.line().source();
    String ticket = folder.ticket(drawn, startOf(run.line()), run.round(), run.seed()).toString();
    RecipeDraft draft =
        unchanging(ticket, run.name())
            .with(List.of("run", "threads"), Integer.toString(threads), run.name());
    return RunPlan.of(draft.recipe(), dataset);
  }

  /**
   * What takes as long as a run does where neither its ticket nor its teacher is there yet: random
   * connections of the same sparsity, and labels alone. Runs that differ in nothing that takes time
   * have equal recipes here.
   *
   * @param round the run's own, or another one whose sparsity it shall have
   * @param threads computing threads
   */
  public RunPlan standIn(LotteryRun run, int round, int threads) {
    String name = run.name();
    RecipeDraft draft =
        run.draft()
            .with("training: {loss: {label-smoothing: 0, smoothing-over: all}}", name)
            .with(List.of("run", "threads"), Integer.toString(threads), name);
    if (run.line().row().learnsFromDense()) {
      draft = draft.with(TEACHER, "null", name);
    }
    RecipeDraft sparse =
        switch (run.line().source()) {
          case TicketSource.Dense _ -> draft;
          case TicketSource.Drawn _ ->
              draft
                  .with(List.of("sparsity"), "{ticket: null, distribution: erk}", name)
                  .with(TARGET, Double.toString(sparsity(round)), name);
          case TicketSource.Trained _ -> draft.with(TARGET, Double.toString(sparsity(round)), name);
        };
    return RunPlan.of(sparse.recipe(), dataset);
  }

  /**
   * What a run learns from, where this is the lottery's dense network.
   *
   * @param threads computing threads
   */
  public Optional<RunPlan> teacher(LotteryRun run, int threads) {
    return run.line().row().learnsFromDense()
        ? Optional.of(standIn(run(LotteryLine.DENSE, 0, run.seed()), 0, threads))
        : Optional.empty();
  }
}
