package dev.windfall.engine.contract;

import dev.windfall.engine.Batch;
import dev.windfall.engine.BatchResult;
import dev.windfall.engine.Engine;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.network.Initialization;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Shape;

/** A small network of every kind of tensor, and sessions of it. */
public final class Sessions {

  /** Convolutions, norms, dropout and a classifier. */
  public static final Network NETWORK =
      new NetworkBuilder("small", new Shape(2, 5, 6))
          .conv("conv1", 5, 3, 1)
          .batchNorm("norm1")
          .relu("relu1")
          .conv("conv2", 4, 3, 2)
          .batchNorm("norm2")
          .relu("relu2")
          .flatten("flatten")
          .dropout("dropout", 0.2)
          .linear("classifier", 3)
          .build();

  /** Gradient descent with all that it has. */
  public static final OptimizerStep SGD = new OptimizerStep.Sgd(0.1, 0.9, true, 1e-3, false);

  /** Adam with decay. */
  public static final OptimizerStep ADAM =
      new OptimizerStep.Adam(1e-2, 0.9, 0.99, 1e-8, 1e-3, false);

  private Sessions() {}

  /** A network with a convolution beside another, whose weights always all exist. */
  public static Network withDenseBranch() {
    return new NetworkBuilder("dense branch", new Shape(2, 6, 6))
        .conv("conv1", 4, 3, 1)
        .relu("relu1")
        .conv("conv2", 5, 3, 2)
        .batchNorm("norm2")
        .from("relu1")
        .append("branch", new Layer.Conv2d(5, 1, 2, 0, 1, false, 1e-4f))
        .batchNorm("branch-norm")
        .add("sum", "norm2")
        .relu("relu2")
        .globalAveragePool("pool")
        .linear("classifier", 3)
        .build();
  }

  /** A session of any network on one seed's connections. */
  public static Session open(
      Engine engine, Network network, double density, int batchSize, int threads) {
    return engine.open(
        network,
        TestData.connections(network, density, 1),
        new SessionOptions(batchSize, threads, 1, Initialization.HE_FAN_IN));
  }

  /** A session of the small network at 40 % density, for up to 20 samples. */
  public static Session open(Engine engine) {
    return open(engine, NETWORK, 0.4, 20, 2);
  }

  /** Eighteen samples. */
  public static Batch batch(long seed) {
    return TestData.batch(NETWORK, 18, seed);
  }

  /** The batch of a seed, forward and backward. */
  public static BatchResult accumulate(Session session, long seed) {
    return session.accumulate(batch(seed), Agreement.OBJECTIVE, Mode.TRAIN, 1.0 / 18, Growth.NONE);
  }

  /** A step of training; returns the loss before it. */
  public static double train(Session session, long seed) {
    return train(session, seed, SGD);
  }

  /** A step of training by an optimizer; returns the loss before it. */
  public static double train(Session session, long seed, OptimizerStep optimizer) {
    double loss = accumulate(session, seed).loss();
    session.apply(optimizer);
    return loss;
  }
}
