package dev.windfall.training;

import dev.windfall.cost.Counter;
import dev.windfall.cost.NetworkCost;
import dev.windfall.data.Batches;
import dev.windfall.data.DataLoader;
import dev.windfall.data.ImageBatch;
import dev.windfall.engine.Batch;
import dev.windfall.engine.BatchResult;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.Network;
import dev.windfall.sparsity.LayerDensities;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The training loop. The micro-batches of a step go through the session forward and backward; then
 * either the optimizer makes its step, or connections are replaced, or both, as the method says.
 * Loss and gradient are the mean over all samples of the step, whatever the sizes of its
 * micro-batches; batch norm knows one micro-batch at a time. Epochs end with an evaluation.
 * Everything is a function of plan, session and {@link Progress}, so a training continues from any
 * progress as if it had never stopped.
 */
public final class Trainer {

  private final TrainingPlan plan;
  private final Session session;
  private final Consumer<TrainingEvent> listener;
  private final CollapseWatch collapses;
  private final @Nullable Teacher teacher;
  private Progress progress;
  private WeightAverage average;
  private @Nullable LayerDensities densities;
  private long forwardFlops;

  /**
   * A training that goes on from a progress.
   *
   * @param plan of the whole training
   * @param session with the network's state at that progress
   * @param from {@link Progress#START}, or that of a checkpoint
   * @param listener hears of everything, on the thread that trains
   * @throws IllegalArgumentException where the session's engine cannot do what the updates need
   */
  public Trainer(
      TrainingPlan plan, Session session, Progress from, Consumer<TrainingEvent> listener) {
    this(plan, session, from, WeightAverage.NONE, null, listener);
  }

  /**
   * A training that goes on from a progress.
   *
   * @param plan of the whole training
   * @param session with the network's state at that progress
   * @param from {@link Progress#START}, or that of a checkpoint
   * @param average of the weights taken up to there
   * @param teacher from whose logits the training learns too; null for an objective without
   * @param listener hears of everything, on the thread that trains
   */
  public Trainer(
      TrainingPlan plan,
      Session session,
      Progress from,
      WeightAverage average,
      @Nullable Teacher teacher,
      Consumer<TrainingEvent> listener) {
    if (plan.objective() instanceof Objective.Distillation != (teacher != null)) {
      throw new IllegalArgumentException(
          "an objective %s with %s teacher"
              .formatted(plan.objective(), teacher == null ? "no" : "a"));
    }
    this.plan = plan;
    this.session = session;
    this.collapses = new CollapseWatch(plan.connections().network());
    this.progress = from;
    this.average = average;
    this.teacher = teacher;
    this.listener = listener;
    plan.connections().begin(session);
  }

  /**
   * The average of the weights taken so far. A training that has come to its end has none any more:
   * the session's weights are the average then.
   */
  public WeightAverage average() {
    return average;
  }

  /**
   * Trains until the plan is done.
   *
   * @param goOn asked before every step, after the evaluation of an epoch that is over, with the
   *     progress so far; no ends the training there. Session and progress are at rest at that
   *     moment, gradients are clear: together they are a checkpoint.
   * @return how far it came
   * @throws NonFiniteLossException naming the step whose loss is no number, and the first layer
   *     with weights or an output that are none
   */
  public Progress train(Predicate<Progress> goOn) {
    while (progress.step() < plan.steps()) {
      int epoch = plan.epochOf(progress.step());
      try (Batches batches = plan.samples().epoch(epoch, plan.firstBatchOf(progress.step()))) {
        while (progress.step() < plan.steps() && plan.epochOf(progress.step()) == epoch) {
          if (!goOn.test(progress)) {
            return progress;
          }
          step(epoch, batches);
        }
      }
      if (plan.averages(epoch)) {
        average = average.plus(plan.connections().network(), session);
      }
      if (plan.evaluates(epoch)) {
        evaluate(epoch);
      }
    }
    return progress;
  }

  private void step(int epoch, Batches batches) {
    long step = progress.step();
    Optional<ConnectionUpdates.Update> update = plan.connections().at(step, session);
    BatchResult result =
        accumulate(step, batches, update.map(ConnectionUpdates.Update::growth).orElse(Growth.NONE));
    double rate = plan.learningRate().at(step);
    double loss = result.loss() / result.count();
    listener.accept(new TrainingEvent.GradientAccumulated(step));
    collapses.look(step, session).forEach(listener);
    boolean isReplaced = update.map(ConnectionUpdates.Update::replacesStep).orElse(false);
    Optional<ConnectionUpdates.Change> change = update.map(due -> due.prepare(session));
    if (!isReplaced) {
      clip(step);
      session.apply(plan.optimizer().at(rate));
    }
    progress = progress.after(forwardFlops());
    if (teacher != null) {
      progress = progress.afterOverhead(Math.multiplyExact(result.count(), teacher.forwardFlops()));
    }
    change.ifPresent(due -> change(step, update.orElseThrow().fraction(), due));
    if (isReplaced) {
      session.clearGradient();
    }
    listener.accept(
        new TrainingEvent.StepDone(
            step, epoch + 1, loss, result.correct(), result.count(), rate, progress));
  }

  private void change(long step, double fraction, ConnectionUpdates.Change change) {
    ConnectionUpdates.Outcome outcome = change.apply(session);
    if (!outcome.densities().equals(densities)) {
      densities = outcome.densities();
      forwardFlops = cost(outcome.densities());
    }
    progress = progress.afterUpdate(outcome.replaced());
    listener.accept(new TrainingEvent.TopologyUpdated(step, fraction, outcome));
  }

  /** Operations of one sample's forward pass with the connections that exist. */
  private long forwardFlops() {
    if (densities == null) {
      densities = ConnectionUpdates.densities(plan.connections().network(), session);
      forwardFlops = cost(densities);
    }
    return forwardFlops;
  }

  private long cost(LayerDensities of) {
    return NetworkCost.of(plan.connections().network(), of, Counter.REPORT).inferenceFlops();
  }

  /** All micro-batches of a step. */
  private BatchResult accumulate(long step, Batches batches, Growth growth) {
    double scale = 1.0 / plan.samplesOf(step);
    int end = plan.endBatchOf(step);
    double loss = 0;
    int correct = 0;
    int count = 0;
    for (int number = plan.firstBatchOf(step); number < end; number++) {
      Batch batch =
          batch(Objects.requireNonNull(batches.next(), "the plan knows how many there are"), step);
      BatchResult result =
          session.accumulate(
              teacher == null ? batch : teacher.taught(batch),
              plan.objective(),
              Mode.TRAIN,
              scale,
              number + 1 < end ? growth.continued() : growth);
      requireFinite(step, result, batch);
      loss += result.loss();
      correct += result.correct();
      count += result.count();
    }
    return new BatchResult(loss, correct, count);
  }

  private void requireFinite(long step, BatchResult result, Batch batch) {
    if (!Double.isFinite(result.loss())) {
      throw new NonFiniteLossException(
          "step %d (epoch %d): the loss is %s; %s; the learning rate there, %s, may be too high"
              .formatted(
                  step,
                  plan.epochOf(step) + 1,
                  result.loss() / result.count(),
                  NonFiniteSearch.firstLayer(plan.connections().network(), session, batch),
                  plan.learningRate().at(step)));
    }
  }

  private void clip(long step) {
    Double longest = plan.clip();
    if (longest != null) {
      double norm = session.gradientNorm();
      if (!Double.isFinite(norm)) {
        throw new NonFiniteLossException(
            "step %d (epoch %d): the length of the gradient is %s; %s"
                .formatted(
                    step,
                    plan.epochOf(step) + 1,
                    norm,
                    NonFiniteSearch.firstGradient(plan.connections().network(), session)));
      }
      if (norm > longest) {
        session.scaleGradient(longest / norm);
      }
    }
  }

  private static Batch batch(ImageBatch images, long step) {
    return new Batch(images.pixels(), images.labels(), images.sampleIds(), images.count(), step);
  }

  /**
   * Evaluates the average of the weights where there is one; at the end it stays in the session.
   */
  private void evaluate(int epoch) {
    if (average.isEmpty()) {
      evaluateSession(epoch);
      return;
    }
    Network network = plan.connections().network();
    Map<String, float[]> own = WeightAverage.own(network, session);
    long samples = average.putInto(network, session, plan, progress);
    progress = progress.afterOverhead(Math.multiplyExact(samples, forwardFlops()));
    evaluateSession(epoch);
    if (progress.step() < plan.steps()) {
      own.forEach((name, values) -> session.write(name, Slot.VALUE, values));
    } else {
      average = WeightAverage.NONE;
    }
  }

  /** Test samples are looked at only where the result counts: at the best epochs and the last. */
  private void evaluateSession(int epoch) {
    if (plan.validation().batchesPerEpoch() == 0) {
      tell(epoch, null, evaluation(epoch, "test", plan.test()), false);
      return;
    }
    Evaluation validation = evaluation(epoch, "validation", plan.validation());
    boolean isBest = progress.isBest(validation);
    if (!isBest && epoch + 1 < plan.epochs()) {
      tell(epoch, validation, null, false);
      return;
    }
    Evaluation test = evaluation(epoch, "test", plan.test());
    if (isBest) {
      progress = progress.withBest(validation, test);
    }
    tell(epoch, validation, test, isBest);
  }

  private void tell(
      int epoch, @Nullable Evaluation validation, @Nullable Evaluation test, boolean isBest) {
    listener.accept(
        new TrainingEvent.EpochEvaluated(progress.step() - 1, epoch + 1, validation, test, isBest));
  }

  private Evaluation evaluation(int epoch, String samples, DataLoader loader) {
    Evaluation evaluation = Evaluation.of(session, loader);
    if (!Double.isFinite(evaluation.loss())) {
      throw new NonFiniteLossException(
          "after step %d (epoch %d): the loss of the %s samples is %s"
              .formatted(progress.step() - 1, epoch + 1, samples, evaluation.loss()));
    }
    return evaluation;
  }
}
