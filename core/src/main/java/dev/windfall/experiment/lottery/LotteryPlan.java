package dev.windfall.experiment.lottery;

import dev.windfall.data.Dataset;
import dev.windfall.experiment.RunPlan;
import dev.windfall.lottery.TicketControl;
import dev.windfall.lottery.TicketStart;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The trainings that a lottery comes to, and what tickets between them are made of. Trainings that
 * several lines have in common are one: the dense network, and of an iterative drawing the rounds,
 * which are the line of its tickets spent as they were drawn.
 */
public final class LotteryPlan {

  private final Lottery lottery;
  private final LotteryRecipes recipes;
  private final Map<String, LotteryRun> runs = new LinkedHashMap<>();

  private LotteryPlan(Lottery lottery, LotteryRecipes recipes) {
    this.lottery = lottery;
    this.recipes = recipes;
  }

  /**
   * Plans a lottery; nothing is trained and nothing written.
   *
   * @param dataset that the recipe names
   * @param folder of the lottery
   * @throws IllegalArgumentException where something does not fit in the recipe
   */
  public static LotteryPlan of(Lottery lottery, Dataset dataset, LotteryFolder folder) {
    LotteryPlan plan = new LotteryPlan(lottery, new LotteryRecipes(lottery, folder, dataset));
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
    return recipes.training();
  }

  /** The recipes of the trainings. */
  LotteryRecipes recipes() {
    return recipes;
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
            training().network().name(),
            drawing.iterative()
                ? "drawn in %d rounds".formatted(drawing.ladder().rounds())
                : "drawn in one shot",
            drawing.together()
                ? "all layers ranked together"
                : "each layer by itself and the last at half the rate",
            drawing.iterative()
                ? "each round trained again with start " + drawing.start().label()
                : "from the dense network",
            recipes.rewindStep(),
            training().training().steps());
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
        _ ->
            new LotteryRun(
                line,
                round,
                seed,
                lottery.base().recipe().data().name(),
                recipes.of(line, round, seed),
                1 - (double) firstStep(line.start()) / training().training().steps(),
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
    return start == null || start == TicketStart.INITIAL ? 0 : recipes.rewindStep();
  }

  /** The sparsity that a round asks for, among the layers that are pruned. */
  public double sparsity(int round) {
    return lottery.drawing().ladder().sparsity(round);
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
    return recipes.standIn(run, round, threads);
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
