package dev.windfall.experiment.comparison;

import dev.windfall.engine.Session;
import dev.windfall.experiment.RunPlan;
import dev.windfall.sparsity.DropFraction;
import dev.windfall.sparsity.UpdateSchedule;
import dev.windfall.training.ConnectionUpdates;
import dev.windfall.training.Progress;
import dev.windfall.training.Trainer;
import dev.windfall.training.TrainingEvent;
import dev.windfall.training.TrainingPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures the steps of a training: the first ones, as they are, with their data and augmentation,
 * but without evaluations and checkpoints. Updates of the connections come too rarely for that, so
 * that the measurement makes some in a row.
 */
public final class StepTimer {

  private static final int FEWEST_STEPS = 3;

  private final double seconds;
  private final LongSupplier nanoseconds;

  /**
   * A timer.
   *
   * @param seconds that ordinary steps are measured for, after as long a warm-up; updates take half
   *     of that. At least three steps of a kind are measured, however long they take.
   * @param nanoseconds such as {@link System#nanoTime}
   */
  public StepTimer(double seconds, LongSupplier nanoseconds) {
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
  }

  /**
   * Measures a plan's steps.
   *
   * @param row that the plan belongs to
   * @throws dev.windfall.training.NonFiniteLossException where the loss is no number any more
   */
  public RowTiming measure(ComparisonRow row, RunPlan plan) {
    TrainingPlan training = plan.training();
    try (Session session =
        plan.engine().open(plan.network(), plan.connections(), plan.sessionOptions())) {
      measured(training, session, seconds);
      List<Long> steps = measured(training, session, seconds);
      @Nullable Double update = null;
      if (plan.method().updatesConnections()) {
        TrainingPlan updating = updatingAlways(training);
        measured(updating, session, seconds / 4);
        update = median(measured(updating, session, seconds / 4));
      }
      return new RowTiming(
          row.key(),
          plan.threads(),
          plan.recipe().training().batchSize() * training.accumulate(),
          steps.size(),
          median(steps),
          update,
          session.memory().peak());
    }
  }

  private static TrainingPlan updatingAlways(TrainingPlan plan) {
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
                Long.MAX_VALUE,
                new DropFraction.Constant(updates.schedule().dropFraction(0))),
            updates.network(),
            updates.seed()),
        plan.evaluateEvery());
  }

  /** The nanoseconds of steps that are made one after the other, for about so long. */
  private List<Long> measured(TrainingPlan plan, Session session, double lasting) {
    Steps steps = new Steps(nanoseconds, Math.round(1e9 * lasting));
    while (!steps.isOver()) {
      new Trainer(plan, session, Progress.START, steps::hear)
          .train(progress -> steps.goesOn());
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
    private final List<Long> durations = new ArrayList<>();
    private long total;
    private long begun;

    Steps(LongSupplier nanoseconds, long lasting) {
      this.nanoseconds = nanoseconds;
      this.lasting = lasting;
    }

    boolean isOver() {
      return durations.size() >= FEWEST_STEPS && total >= lasting;
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
