package dev.windfall.vector;

import dev.windfall.engine.Batch;
import dev.windfall.engine.BatchResult;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Shape;

/** A small network of every kind of tensor, and sessions of it. */
final class Sessions {

  static final Network NETWORK =
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

  static final OptimizerStep SGD = new OptimizerStep.Sgd(0.1, 0.9, true, 1e-3, false);

  static final OptimizerStep ADAM = new OptimizerStep.Adam(1e-2, 0.9, 0.99, 1e-8, 1e-3, false);

  private Sessions() {}

  static Session open(Network network, double density, int batchSize, int threads) {
    return new VectorEngine()
        .open(
            network,
            TestData.connections(network, density, 1),
            new SessionOptions(batchSize, threads, 1, Initialization.HE_FAN_IN));
  }

  static Session open() {
    return open(NETWORK, 0.4, 20, 2);
  }

  static Batch batch(long seed) {
    return TestData.batch(NETWORK, 18, seed);
  }

  static BatchResult accumulate(Session session, long seed) {
    return session.accumulate(batch(seed), Agreement.OBJECTIVE, Mode.TRAIN, 1.0 / 18, Growth.NONE);
  }

  /** A step of training; returns the loss before it. */
  static double train(Session session, long seed) {
    return train(session, seed, SGD);
  }

  static double train(Session session, long seed, OptimizerStep optimizer) {
    double loss = accumulate(session, seed).loss();
    session.apply(optimizer);
    return loss;
  }
}
