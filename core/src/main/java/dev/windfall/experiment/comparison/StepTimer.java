package dev.windfall.experiment.comparison;

import dev.windfall.cost.NetworkCost;
import dev.windfall.engine.Session;
import dev.windfall.engine.State;
import dev.windfall.experiment.RunPlan;
import dev.windfall.network.Network;
import dev.windfall.sparsity.DropFraction;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.sparsity.UpdateRule;
import dev.windfall.sparsity.UpdateSchedule;
import dev.windfall.training.ConnectionUpdates;
import dev.windfall.training.Progress;
import dev.windfall.training.Teacher;
import dev.windfall.training.Trainer;
import dev.windfall.training.TrainingEvent;
import dev.windfall.training.TrainingPlan;
import dev.windfall.training.WeightAverage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures the steps of a training: the first ones, as they are, with their data and augmentation,
 * but without evaluations, checkpoints and updates of the connections. Of updates it makes some in
 * a row; those of pruning, which cannot be repeated, count as ordinary steps. A network whose
 * layers lose or win connections is measured at the end of its training, too; where scores choose
 * the connections before the training, that is measured once, and where scales of the initial
 * weights are learned some iterations of that.
 */
public final class StepTimer {

  private static final int FEWEST_STEPS = 3;

  private final double seconds;
  private final LongSupplier nanoseconds;

  /**
   * A timer.
   *
   * @param seconds that ordinary steps are measured for, after as long a warm-up; updates take half
   *     of that. At least three steps of a kind are measured, after at least one, however long they
   *     take.
   * @param nanoseconds such as {@link System#nanoTime}
   */
  public StepTimer(double seconds, LongSupplier nanoseconds) {
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
  }

  /**
   * How a training ended.
   *
   * @param state at its end
   * @param meanForwardFlops operations of a forward pass in the mean over its steps, by {@link
   *     ComparisonGrid#COUNTER}
   */
  public record End(State state, double meanForwardFlops) {

    /** How far the mean is on the way from the beginning's operations to the end's, 0 to 1. */
    double share(long first, long last) {
      // Where both are the same, so are the times, and any share will do.
      return first == last ? 0.5 : Math.clamp((first - meanForwardFlops) / (first - last), 0, 1);
    }
  }

  /**
   * Measures a plan's steps.
   *
   * @param row that the plan belongs to
   * @param end of the training; null where it is not known, or where layers have as many
   *     connections then
   * @throws dev.windfall.training.NonFiniteLossException where the loss is no number any more
   * @throws UncheckedIOException where the plan's teacher cannot be read
   */
  public RowTiming measure(String row, RunPlan plan, @Nullable End end) {
    long begun = nanoseconds.getAsLong();
    RunPlan.Start start = plan.start();
    @Nullable Double startSeconds =
        plan.method().scores() ? (nanoseconds.getAsLong() - begun) / 1e9 : null;
    try (Session session =
            plan.engine().open(plan.network(), start.connections(), plan.sessionOptions());
        Teacher teacher = teacher(plan)) {
      if (plan.recipe().tweak().rescaledInit().learns()) {
        startSeconds = (startSeconds == null ? 0 : startSeconds) + learning(plan, session);
      }
      Ordinary first = ordinary(plan, session, teacher, seconds);
      @Nullable Double update = update(plan, session, teacher);
      @Nullable Ordinary last = null;
      double lastShare = 0;
      if (end != null) {
        session.restore(end.state());
        last = ordinary(plan, session, teacher, seconds / 2);
        lastShare = end.share(first.forwardFlops(), last.forwardFlops());
      }
      return new RowTiming(
          row,
          plan.threads(),
          plan.recipe().training().batchSize() * plan.training().accumulate(),
          first.steps(),
          first.milliseconds(),
          last == null ? null : last.milliseconds(),
          lastShare,
          update,
          startSeconds,
          Math.max(start.peakBytes(), session.memory().peak()),
          last == null ? first.layers() : last.layers());
    }
  }

  /**
   * Steps that leave the connections as they are.
   *
   * @param steps that were measured
   * @param milliseconds of a step, the median
   * @param forwardFlops of a forward pass
   * @param layers where the time goes
   */
  private record Ordinary(
      int steps, double milliseconds, long forwardFlops, List<LayerTiming> layers) {}

  private Ordinary ordinary(
      RunPlan plan, Session session, @Nullable Teacher teacher, double lasting) {
    TrainingPlan training = updatingUntil(-1, plan.training());
    measured(training, session, teacher, lasting, 1);
    Layers layers = new Layers(session, plan.network());
    List<Long> steps = measured(training, session, teacher, lasting, FEWEST_STEPS);
    return new Ordinary(
        steps.size(), median(steps), layers.cost.inferenceFlops(), layers.in(steps.size()));
  }

  /** Milliseconds of a step that updates connections; null where no such step can be repeated. */
  private @Nullable Double update(RunPlan plan, Session session, @Nullable Teacher teacher) {
    SparseTrainingMethod method = plan.method();
    if (!method.updatesConnections() || method.sparsification().prunes()) {
      return null;
    }
    TrainingPlan updating = updatingUntil(Long.MAX_VALUE, plan.training());
    measured(updating, session, teacher, seconds / 4, 1);
    return median(measured(updating, session, teacher, seconds / 4, FEWEST_STEPS));
  }

  /** The layers' times from a moment on. */
  private static final class Layers {
    private final Session session;
    private final NetworkCost cost;
    private final Map<String, Long> before;

    Layers(Session session, Network network) {
      this.session = session;
      this.cost =
          NetworkCost.of(
              network, ConnectionUpdates.densities(network, session), ComparisonGrid.COUNTER);
      this.before = session.timeShares().nanosecondsByLayer();
    }

    /** What each layer has taken of so many steps, in network order. */
    List<LayerTiming> in(int steps) {
      Map<String, Long> after = session.timeShares().nanosecondsByLayer();
      return cost.layers().stream()
          .filter(layer -> after.containsKey(layer.name()))
          .map(
              layer ->
                  new LayerTiming(
                      layer.name(), spent(layer.name(), after) / (1e6 * steps), layer.flops()))
          .toList();
    }

    private long spent(String layer, Map<String, Long> after) {
      return after.getOrDefault(layer, 0L) - before.getOrDefault(layer, 0L);
    }
  }

  /** Seconds of all iterations by the first ones, without the very first, a warm-up. */
  private double learning(RunPlan plan, Session session) {
    List<Long> ends = new ArrayList<>();
    plan.rescale(
        session, event -> ends.add(nanoseconds.getAsLong()), () -> ends.size() > FEWEST_STEPS);
    double measured = (ends.getLast() - ends.getFirst()) / 1e9;
    return plan.recipe().tweak().rescaledInit().iterations()
        * measured
        / Math.max(1, ends.size() - 1);
  }

  private static @Nullable Teacher teacher(RunPlan plan) {
    try {
      return plan.openTeacher();
    } catch (IOException e) {
      throw new UncheckedIOException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * The plan with an update at every step, of the share of the first, until a last step, and with
   * an evaluation at its very end alone.
   */
  private static TrainingPlan updatingUntil(long last, TrainingPlan plan) {
    ConnectionUpdates updates = plan.connections();
    return new TrainingPlan(
        plan.samples(),
        plan.accumulate(),
        plan.validation(),
        plan.test(),
        plan.epochs(),
        plan.learningRate(),
        plan.optimizer(),
        plan.clip(),
        plan.objective(),
        new ConnectionUpdates(
            updates.method(),
            new UpdateSchedule(
                1,
                0,
                last,
                new DropFraction.Constant(updates.schedule().fraction().at(0)),
                UpdateRule.AUTHORS),
            updates.grownValues(),
            updates.rounding(),
            updates.connections(),
            updates.goal(),
            updates.network(),
            updates.seed(),
            updates.smoothing()),
        plan.epochs(),
        null);
  }

  /**
   * The nanoseconds of steps that are made one after the other, for about so long, and a fewest
   * number of them. The last step of the training, which an evaluation follows, is left out where
   * there are others.
   */
  private List<Long> measured(
      TrainingPlan plan, Session session, @Nullable Teacher teacher, double lasting, int fewest) {
    Steps steps = new Steps(nanoseconds, Math.round(1e9 * lasting), fewest);
    long last = Math.max(1, plan.steps() - 1);
    while (!steps.isOver()) {
      new Trainer(plan, session, Progress.START, WeightAverage.NONE, teacher, steps::hear)
          .train(progress -> progress.step() < last && steps.goesOn());
    }
    return steps.durations;
  }

  private static double median(List<Long> durations) {
    List<Long> sorted = durations.stream().sorted().toList();
    int middle = sorted.size() / 2;
    double median =
        sorted.size() % 2 == 1
            ? sorted.get(middle)
            : (sorted.get(middle - 1) + sorted.get(middle)) / 2.0;
    return median / 1e6;
  }

  /** The steps of a measurement. A step begins when the trainer asks whether to go on. */
  private static final class Steps {
    private final LongSupplier nanoseconds;
    private final long lasting;
    private final int fewest;
    private final List<Long> durations = new ArrayList<>();
    private long total;
    private long begun;

    Steps(LongSupplier nanoseconds, long lasting, int fewest) {
      this.nanoseconds = nanoseconds;
      this.lasting = lasting;
      this.fewest = fewest;
    }

    boolean isOver() {
      return durations.size() >= fewest && total >= lasting;
    }

    boolean goesOn() {
      begun = nanoseconds.getAsLong();
      return !isOver();
    }

    void hear(TrainingEvent event) {
      if (event instanceof TrainingEvent.StepDone) {
        long duration = nanoseconds.getAsLong() - begun;
        durations.add(duration);
        total += duration;
      }
    }
  }
}
