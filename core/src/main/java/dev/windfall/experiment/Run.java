package dev.windfall.experiment;

import dev.windfall.engine.Session;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.training.Checkpoint;
import dev.windfall.training.ConnectionUpdates;
import dev.windfall.training.DurableFile;
import dev.windfall.training.Evaluation;
import dev.windfall.training.LayerHistory;
import dev.windfall.training.MetricsWindow;
import dev.windfall.training.Progress;
import dev.windfall.training.Teacher;
import dev.windfall.training.Trainer;
import dev.windfall.training.TrainingEvent;
import dev.windfall.training.TrainingPlan;
import dev.windfall.training.WeightAverage;
import dev.windfall.tweak.Rescaling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Carries out a plan in a folder: trains, and writes everything that a run leaves behind. */
public final class Run {

  private final RunPlan plan;
  private final Origin origin;
  private final Consumer<TrainingEvent> listener;
  private final LongSupplier nanoseconds;

  /** Where a run begins. */
  private sealed interface Origin {
    /** In a folder that is made when it is sure that the engine can run the network. */
    record Anew(RunFolder.Maker maker) implements Origin {}

    /** At a checkpoint. */
    record Stopped(StoppedRun run) implements Origin {}
  }

  private Run(
      RunPlan plan, Origin origin, Consumer<TrainingEvent> listener, LongSupplier nanoseconds) {
    this.plan = plan;
    this.origin = origin;
    this.listener = listener;
    this.nanoseconds = nanoseconds;
  }

  /**
   * A run that has not begun.
   *
   * @param plan what to do
   * @param maker makes the run's folder, when it is sure that the engine can run the network
   * @param listener hears of everything, on the thread that calls {@link #execute}
   */
  public Run(RunPlan plan, RunFolder.Maker maker, Consumer<TrainingEvent> listener) {
    this(plan, maker, listener, System::nanoTime);
  }

  /** A run by a clock of one's own. */
  Run(
      RunPlan plan,
      RunFolder.Maker maker,
      Consumer<TrainingEvent> listener,
      LongSupplier nanoseconds) {
    this(plan, new Origin.Anew(maker), listener, nanoseconds);
  }

  /**
   * A run that goes on to the same bits as if it had not been stopped.
   *
   * @param stopped which stays open while the run is executed
   * @param listener hears of everything, on the thread that calls {@link #execute}
   */
  public Run(StoppedRun stopped, Consumer<TrainingEvent> listener) {
    this(stopped, listener, System::nanoTime);
  }

  /** A run that goes on by a clock of one's own. */
  Run(StoppedRun stopped, Consumer<TrainingEvent> listener, LongSupplier nanoseconds) {
    this(stopped.plan(), new Origin.Stopped(stopped), listener, nanoseconds);
  }

  /** How a run ended. */
  public sealed interface Outcome {
    /** Where everything is. */
    RunFolder folder();
  }

  /**
   * The plan is done.
   *
   * @param summary the result, which {@code summary.json} holds too
   * @param checkpoint the {@code .json} file of the last step's
   */
  public record Finished(RunFolder folder, Summary summary, Path checkpoint) implements Outcome {}

  /**
   * Somebody asked for an end.
   *
   * @param progress how far the training came
   * @param steps how far it would have gone
   * @param checkpoint the {@code .json} file of the last step's; null where the run was stopped
   *     while it learned the scales of its initial weights, which begins again then
   */
  public record Stopped(RunFolder folder, Progress progress, long steps, @Nullable Path checkpoint)
      implements Outcome {}

  /**
   * Trains, once.
   *
   * @param isStopping asked before every step, and every iteration of what is learned before the
   *     first: yes ends the run there
   * @throws dev.windfall.training.NonFiniteLossException where the loss is no number any more
   * @throws RunStoppedException where something cannot be written any more; the last good
   *     checkpoint is still there
   * @throws IOException where the run cannot begin
   */
  public Outcome execute(BooleanSupplier isStopping) throws IOException {
    @Nullable Checkpoint from =
        origin instanceof Origin.Stopped stopped ? stopped.run().checkpoint().orElse(null) : null;
    RunPlan.Start start =
        from == null ? plan.start() : new RunPlan.Start(from.state().connectivity(), 0, 0);
    try (Session session =
            plan.engine().open(plan.network(), start.connections(), plan.sessionOptions());
        Teacher teacher = plan.openTeacher()) {
      return switch (origin) {
        case Origin.Anew anew -> begin(anew.maker().make(), session, teacher, start, isStopping);
        case Origin.Stopped stopped -> goOn(stopped.run(), session, teacher, start, isStopping);
      };
    }
  }

  private Outcome begin(
      RunFolder folder,
      Session session,
      @Nullable Teacher teacher,
      RunPlan.Start start,
      BooleanSupplier isStopping)
      throws IOException {
    try (RunLock _ = RunLock.of(folder)) {
      String recipe = RecipeDraft.toYaml(plan.recipe());
      DurableFile.writeText(folder.recipe(), recipe);
      DurableFile.writeText(folder.provenance(), JsonText.document(Provenance.of(plan, recipe)));
      return train(session, teacher, folder, null, start, isStopping);
    }
  }

  private Outcome goOn(
      StoppedRun run,
      Session session,
      @Nullable Teacher teacher,
      RunPlan.Start start,
      BooleanSupplier isStopping)
      throws IOException {
    @Nullable Checkpoint from = run.checkpoint().orElse(null);
    if (from != null) {
      session.restore(from.state());
    }
    run.goOn();
    return train(session, teacher, run.folder(), from, start, isStopping);
  }

  private Outcome train(
      Session session,
      @Nullable Teacher teacher,
      RunFolder folder,
      @Nullable Checkpoint from,
      RunPlan.Start at,
      BooleanSupplier isStopping)
      throws IOException {
    MetricsWindow sums = from == null ? MetricsWindow.EMPTY : from.metrics();
    LayerHistory history = from == null ? LayerHistory.NONE : from.history();
    LayerMetrics layers =
        new LayerMetrics(
            plan.layerMetrics(),
            plan.metricsEvery(),
            plan.network(),
            plan.training(),
            session,
            history);
    try (RunRecord record =
        new RunRecord(folder, plan, sums, realised(session), layers, listener, nanoseconds)) {
      @Nullable Progress start =
          from == null ? begun(session, folder, record, at, isStopping) : from.progress();
      if (start == null) {
        Progress none = Progress.at(plan.firstStep());
        return new Stopped(folder, none, plan.training().steps(), null);
      }
      CheckpointWriter writer =
          new CheckpointWriter(
              folder.checkpoints(),
              plan,
              session,
              record,
              nanoseconds,
              from == null ? CheckpointWriter.NONE : start.step());
      WeightAverage average = from == null ? WeightAverage.NONE : from.average();
      Trainer trainer =
          new Trainer(plan.training(), session, start, average, teacher, record::hear);
      Progress end =
          trainer.train(progress -> goesOn(progress, trainer.average(), isStopping, writer));
      Path checkpoint = writer.write(end, trainer.average());
      if (end.step() < plan.training().steps()) {
        return new Stopped(folder, end, plan.training().steps(), checkpoint);
      }
      Summary summary = summary(session, end, record, at.peakBytes());
      write(summary, folder);
      return new Finished(folder, summary, checkpoint);
    } catch (UncheckedIOException e) {
      NavigableSet<Long> steps = folder.checkpoints().steps();
      throw new RunStoppedException(
          String.valueOf(e.getMessage()),
          folder,
          steps.isEmpty() ? null : steps.last(),
          Objects.requireNonNull(e.getCause(), "an unchecked one has a checked one"));
    }
  }

  /**
   * What is done before the first step: the session gets the ticket's weights, where the plan has
   * one, and scales of the initial weights are learned, where it asks for them.
   *
   * @return null where somebody asked for an end meanwhile
   */
  private @Nullable Progress begun(
      Session session,
      RunFolder folder,
      RunRecord record,
      RunPlan.Start at,
      BooleanSupplier isStopping)
      throws IOException {
    if (plan.ticket() != null) {
      session.restore(plan.ticket().start(session.snapshot(), plan.training().optimizer()));
    }
    Progress start = Progress.at(plan.firstStep()).afterOverhead(at.overheadFlops());
    if (!plan.recipe().tweak().rescaledInit().learns()) {
      return start;
    }
    @Nullable Rescaling learned = plan.rescale(session, record::hear, isStopping).orElse(null);
    if (learned == null) {
      return null;
    }
    DurableFile.writeText(folder.rescaling(), JsonText.document(learned));
    return start.afterOverhead(RecipeRescaling.flops(plan, learned, realised(session)));
  }

  private static boolean goesOn(
      Progress progress,
      WeightAverage average,
      BooleanSupplier isStopping,
      CheckpointWriter writer) {
    if (isStopping.getAsBoolean()) {
      return false;
    }
    writer.writeIfDue(progress, average);
    return true;
  }

  private static void write(Summary summary, RunFolder folder) {
    try {
      DurableFile.writeText(folder.summary(), JsonText.document(summary));
    } catch (IOException e) {
      throw new UncheckedIOException("the summary cannot be written", e);
    }
  }

  /** For a run that was stopped between its last checkpoint and its summary. */
  private TrainingEvent.EpochEvaluated evaluation(Session session, Progress progress) {
    TrainingPlan training = plan.training();
    return new TrainingEvent.EpochEvaluated(
        progress.step() - 1,
        training.epochs(),
        training.validation().batchesPerEpoch() == 0
            ? null
            : Evaluation.of(session, training.validation()),
        Evaluation.of(session, training.test()),
        false);
  }

  private Summary summary(Session session, Progress progress, RunRecord record, long peakBefore) {
    TrainingEvent.EpochEvaluated last =
        record.lastEvaluation().orElseGet(() -> evaluation(session, progress));
    @Nullable Evaluation validation = last.validation();
    @Nullable Evaluation test = last.test();
    if (test == null) {
      throw new IllegalStateException("a finished training ends with a test");
    }
    LayerDensities realised = realised(session);
    TrainingCost cost = TrainingCost.of(plan, realised, progress);
    Recipe recipe = plan.recipe();
    return new Summary(
        plan.network().name(),
        plan.dataset().name(),
        plan.method().name(),
        RecipeSparsity.distribution(recipe.sparsity()).label(),
        plan.engine().name(),
        recipe.run().seed(),
        plan.training().epochs(),
        progress.step() - plan.firstStep(),
        plan.firstStep(),
        recipe.sparsity().target(),
        realised.sparsity(),
        realised.connections(),
        realised.weights(),
        test.accuracy(),
        test.loss(),
        validation == null ? null : validation.accuracy(),
        progress.bestValidationAccuracy(),
        progress.bestTestAccuracy(),
        test.expectedCalibrationError(),
        cost.network().inferenceFlops(),
        cost.network().inferenceFlopsRatio(),
        progress.overheadFlops(),
        cost.flopsRatio(),
        record.clock().seconds(),
        record.clock().imagesPerSecond(),
        Math.max(peakBefore, session.memory().peak()),
        Machine.peakBytes().orElse(null),
        progress.topologyUpdates(),
        progress.connectionsReplaced(),
        record.layers().everActiveFraction(),
        plan.addition().parameters(),
        cost.network().addedFlops());
  }

  private LayerDensities realised(Session session) {
    return ConnectionUpdates.densities(plan.network(), session);
  }
}
