package dev.windfall.experiment.lottery;

import dev.windfall.data.Dataset;
import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.RecipeFile;
import dev.windfall.experiment.RunPlan;
import dev.windfall.lottery.TicketStart;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.LayerPattern;
import dev.windfall.sparsity.PruningGoal;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.sparsity.Sparsification;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** The recipes of a lottery's trainings: what is drawn and spent, laid over the recipe of all. */
final class LotteryRecipes {

  private static final List<String> METHOD = List.of("sparsity", "method");
  private static final List<String> TARGET = List.of("sparsity", "target");
  private static final String DENSE = new TicketSource.Dense().label();

  private final Lottery lottery;
  private final LotteryFolder folder;
  private final Dataset dataset;
  private final RunPlan training;
  private final long rewindStep;

  /**
   * The recipes of a lottery.
   *
   * @throws IllegalArgumentException where its own recipe does not fit network or data
   */
  LotteryRecipes(Lottery lottery, LotteryFolder folder, Dataset dataset) {
    this.lottery = lottery;
    this.folder = folder;
    this.dataset = dataset;
    training = RunPlan.of(lottery.base().with(METHOD, DENSE, "draw").recipe(), dataset);
    rewindStep =
        lottery
            .drawing()
            .rewind()
            .step(training.training().steps(), training.training().stepsPerEpoch());
  }

  /** The training of the dense network, but for its seed and engine. */
  RunPlan training() {
    return training;
  }

  /** The first step after rewinding. */
  long rewindStep() {
    return rewindStep;
  }

  /** The recipe of a training, but for name, seed and threads. */
  RecipeDraft of(LotteryLine line, int round, long seed) {
    String name = LotteryRun.name(line, round, seed);
    RecipeDraft draft =
        switch (line.source()) {
          case TicketSource.Dense _ -> denseDraft(line);
          case TicketSource.Drawn drawn -> drawnDraft(drawn, startOf(line), round, seed, name);
          case TicketSource.Trained trained -> trainedDraft(trained.method(), round, name);
        };
    RecipeDraft spent = line.row().settings().over(draft);
    return line.row().learnsFromDense()
        ? spent.withText(RecipeFile.TEACHER.field(), teacher(seed), name)
        : spent;
  }

  /** The folder of the run that others of a seed learn from. */
  private String teacher(long seed) {
    return folder.runs().resolve(LotteryRun.name(LotteryLine.DENSE, 0, seed)).toString();
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

  private double sparsity(int round) {
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
    Map<String, Double> layers = new LinkedHashMap<>(training.recipe().sparsity().layers());
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
  RunPlan drawn(LotteryRun run, int threads) {
    TicketSource.Drawn drawn = (TicketSource.Drawn) run.line().source();
    String ticket = folder.ticket(drawn, startOf(run.line()), run.round(), run.seed()).toString();
    RecipeDraft draft =
        unchanging(ticket, run.name())
            .with(List.of("run", "threads"), Integer.toString(threads), run.name());
    return RunPlan.of(draft.recipe(), dataset);
  }

  /**
   * What takes as long as a run does: {@link LotteryPlan#standIn}.
   *
   * @param round the run's own, or another one whose sparsity it shall have
   * @param threads computing threads
   */
  RunPlan standIn(LotteryRun run, int round, int threads) {
    String name = run.name();
    RecipeDraft draft =
        run.draft()
            .with("training: {loss: {label-smoothing: 0, smoothing-over: all}}", name)
            .with(List.of("run", "threads"), Integer.toString(threads), name);
    if (run.line().row().learnsFromDense()) {
      draft = draft.with(RecipeFile.TEACHER.field(), "null", name);
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
}
