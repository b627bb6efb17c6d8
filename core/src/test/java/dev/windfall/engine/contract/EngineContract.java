package dev.windfall.engine.contract;

import dev.windfall.engine.Engine;
import dev.windfall.engine.Session;
import dev.windfall.network.Network;

/** A part of the contract: a module runs it by a subclass that names its engine. */
abstract class EngineContract {

  /** The engine that is tested. */
  protected abstract Engine engine();

  /** A session of the small network. */
  final Session open() {
    return Sessions.open(engine());
  }

  /** A session of a network on one seed's connections. */
  final Session open(Network network, double density, int batchSize, int threads) {
    return Sessions.open(engine(), network, density, batchSize, threads);
  }
}
