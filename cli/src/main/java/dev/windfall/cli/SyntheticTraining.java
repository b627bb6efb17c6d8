package dev.windfall.cli;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Engine;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.Shape;
import dev.windfall.network.Zoo;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.DropFraction;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.RandomConnectivity;
import dev.windfall.sparsity.SparseTrainingMethod;
import dev.windfall.sparsity.UpdateSchedule;
import dev.windfall.training.ConnectionUpdates;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A network in training on one batch of noise, for measurements. */
final class SyntheticTraining implements AutoCloseable {

  /** The share that updates replace in the beginning, where they cost most. */
  private static final double DROP_FRACTION = 0.3;

  private static final OptimizerStep OPTIMIZER =
      new OptimizerStep.Sgd(0.01, 0.9, true, 5e-4, false);
  private static final Objective OBJECTIVE =
      new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL);

  private final Session session;
  private final LayerDensities densities;
  private final Batch batch;
  private final double scale;
  private final ConnectionUpdates updates;
  private long updateNumber;

  /**
   * Opens a session.
   *
   * @param method whose updates {@link #updateStep} makes
   */
  SyntheticTraining(
      Engine engine,
      Network network,
      double sparsity,
      Distribution distribution,
      String method,
      int batchSize,
      int threads) {
    this.densities =
        sparsity == 0
            ? LayerDensities.dense(network.prunable())
            : distribution.densities(network.prunable(), sparsity, network.denseByDefault());
    this.session =
        engine.open(
            network,
            RandomConnectivity.draw(densities, 1),
            new SessionOptions(batchSize, threads, 1, Initialization.HE_FAN_IN));
    this.batch = noise(batchSize, network);
    this.scale = 1.0 / batchSize;
    this.updates =
        new ConnectionUpdates(
            SparseTrainingMethod.named(method),
            new UpdateSchedule(1, 0, Long.MAX_VALUE, new DropFraction.Constant(DROP_FRACTION)),
            network,
            1);
    updates.begin(session);
  }

  /**
   * A network of the zoo for images.
   *
   * @param input shape of a sample; null for 1×28×28 for LeNets and 3×32×32 for all others
   */
  static Network network(String model, @Nullable Shape input) {
    Shape usual = model.startsWith("lenet") ? new Shape(1, 28, 28) : new Shape(3, 32, 32);
    Shape shape = input == null ? usual : input;
    return Zoo.build(model, Zoo.Options.of(shape, InputShape.usualClasses(shape)));
  }

  private static Batch noise(int batchSize, Network network) {
    int classes = network.output().output().channels();
    float[] pixels = new float[Math.toIntExact(batchSize * network.input().elements())];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = StatelessRandom.gaussianAt(1, i);
    }
    int[] labels = new int[batchSize];
    long[] ids = new long[batchSize];
    for (int sample = 0; sample < batchSize; sample++) {
      labels[sample] = sample % classes;
      ids[sample] = sample;
    }
    return new Batch(pixels, labels, ids, batchSize, 0);
  }

  Session session() {
    return session;
  }

  LayerDensities densities() {
    return densities;
  }

  /** An ordinary training step; returns its nanoseconds. */
  long step() {
    long start = System.nanoTime();
    session.accumulate(batch, OBJECTIVE, Mode.TRAIN, scale, Growth.NONE);
    session.apply(OPTIMIZER);
    return System.nanoTime() - start;
  }

  /** A step that also updates the connections; returns its nanoseconds. */
  long updateStep() {
    long start = System.nanoTime();
    Optional<ConnectionUpdates.Update> update = updates.at(updateNumber++, session);
    Growth growth = update.map(ConnectionUpdates.Update::growth).orElse(Growth.NONE);
    session.accumulate(batch, OBJECTIVE, Mode.TRAIN, scale, growth);
    Optional<ConnectionUpdates.Change> change = update.map(due -> due.prepare(session));
    boolean replaced = update.map(ConnectionUpdates.Update::replacesStep).orElse(false);
    if (!replaced) {
      session.apply(OPTIMIZER);
    }
    change.ifPresent(due -> due.apply(session));
    if (replaced) {
      session.clearGradient();
    }
    return System.nanoTime() - start;
  }

  @Override
  public void close() {
    session.close();
  }
}
