package dev.windfall.experiment;

import dev.windfall.cost.Counter;
import dev.windfall.cost.NetworkCost;
import dev.windfall.engine.Session;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.training.Checkpoint;
import dev.windfall.training.CheckpointFile;
import dev.windfall.training.ConnectionUpdates;
import dev.windfall.training.Evaluation;
import dev.windfall.training.Progress;
import dev.windfall.training.Trainer;
import dev.windfall.training.TrainingEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Carries out a plan in a folder: trains, and writes everything that a run leaves behind. */
public final class Run {

  private final RunPlan plan;
  private final RunFolder.Maker maker;
  private final Consumer<TrainingEvent> listener;
  private TrainingEvent.@Nullable EpochEvaluated latest;

  /**
   * A run that has not begun.
   *
   * @param plan what to do
   * @param maker makes the run's folder, when it is sure that the engine can run the network
   * @param listener hears of everything, on the thread that calls {@link #execute}
   */
  public Run(RunPlan plan, RunFolder.Maker maker, Consumer<TrainingEvent> listener) {
    this.plan = plan;
    this.maker = maker;
    this.listener = listener;
  }

  /** How a run ended. Either way a checkpoint of its last step is there. */
  public sealed interface Outcome {
    /** Where everything is. */
    RunFolder folder();

    /** The {@code .json} file of the checkpoint. */
    Path checkpoint();
  }

  /**
   * The plan is done.
   *
   * @param summary the result, which {@code summary.json} holds too
   */
  public record Finished(RunFolder folder, Summary summary, Path checkpoint) implements Outcome {}

  /**
   * Somebody asked for an end.
   *
   * @param progress how far the training came
   * @param steps how far it would have gone
   */
  public record Stopped(RunFolder folder, Progress progress, long steps, Path checkpoint)
      implements Outcome {}

  /**
   * Trains.
   *
   * @param isStopping asked before every step: yes ends the run there, with a checkpoint
   * @throws dev.windfall.training.NonFiniteLossException where the loss is no number any more
   * @throws IOException where something cannot be written
   */
  public Outcome execute(BooleanSupplier isStopping) throws IOException {
    try (Session session =
        plan.engine().open(plan.network(), plan.connections(), plan.sessionOptions())) {
      RunFolder folder = maker.make();
      RunFolder.writeText(folder.recipe(), RecipeDraft.toYaml(plan.recipe()));
      RunFolder.writeText(folder.provenance(), JsonText.document(Provenance.of(plan)));
      TrainingClock clock = new TrainingClock(System::nanoTime);
      Progress progress = train(session, folder, clock, isStopping);
      Path checkpoint =
          CheckpointFile.write(
              folder.checkpoints(), Checkpoint.of(plan.network(), progress, session.snapshot()));
      if (progress.step() < plan.training().steps()) {
        return new Stopped(folder, progress, plan.training().steps(), checkpoint);
      }
      Summary summary = summary(session, progress, clock);
      RunFolder.writeText(folder.summary(), JsonText.document(summary));
      return new Finished(folder, summary, checkpoint);
    }
  }

  private Progress train(
      Session session, RunFolder folder, TrainingClock clock, BooleanSupplier isStopping)
      throws IOException {
    try (MetricsLog metrics =
        new MetricsLog(folder.metrics(), realised(session).sparsity(), System::nanoTime)) {
      Trainer trainer =
          new Trainer(
              plan.training(),
              session,
              Progress.START,
              event -> {
                clock.hear(event);
                metrics.hear(event);
                remember(event);
                listener.accept(event);
              });
      return trainer.train(reached -> !isStopping.getAsBoolean());
    }
  }

  private void remember(TrainingEvent event) {
    if (event instanceof TrainingEvent.EpochEvaluated evaluated) {
      latest = evaluated;
    }
  }

  private Summary summary(Session session, Progress progress, TrainingClock clock) {
    @Nullable Evaluation test = latest == null ? null : latest.test();
    if (latest == null || test == null) {
      throw new IllegalStateException("a finished training ends with an evaluation");
    }
    LayerDensities realised = realised(session);
    NetworkCost cost = NetworkCost.of(plan.network(), realised, Counter.REPORT);
    Recipe recipe = plan.recipe();
    @Nullable Evaluation validation = latest.validation();
    return new Summary(
        plan.network().name(),
        plan.dataset().name(),
        plan.method().name(),
        recipe.sparsity().distribution(),
        plan.engine().name(),
        recipe.run().seed(),
        plan.training().epochs(),
        progress.step(),
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
        cost.inferenceFlops(),
        cost.inferenceFlopsRatio(),
        cost.trainingFlopsRatio(
            plan.method(),
            recipe.sparsity().update().every(),
            (double) progress.forwardFlops() / progress.step()),
        clock.seconds(),
        clock.imagesPerSecond(),
        session.memory().peak(),
        Machine.peakBytes().orElse(null),
        progress.topologyUpdates(),
        progress.connectionsReplaced(),
        null);
  }

  private LayerDensities realised(Session session) {
    return ConnectionUpdates.densities(plan.network(), session);
  }
}
