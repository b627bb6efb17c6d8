package dev.windfall.training;

import dev.windfall.engine.Growth;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Rewiring;
import dev.windfall.sparsity.TopologyUpdate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An update in which the weakest connections of every layer start anew: with a new value and an
 * optimizer state of 0, as connections that never were. The network has the same connections before
 * and after it.
 *
 * @param plan whose update it is
 * @param step of the update
 * @param fraction of each layer's connections that start anew
 */
record Restart(ConnectionUpdates plan, long step, double fraction)
    implements ConnectionUpdates.Update {

  /** Whether the fraction is less than one connection of every layer. */
  boolean isEmpty(Session session) {
    return plan.network().prunable().stream()
        .allMatch(weight -> count(session.connectivity(weight.name()).count()) == 0);
  }

  private int count(long connections) {
    return Math.toIntExact(plan.schedule().rule().share(fraction, connections));
  }

  @Override
  public boolean replacesStep() {
    return plan.replaceSteps();
  }

  @Override
  public Growth growth() {
    return Growth.NONE;
  }

  @Override
  public ConnectionUpdates.Change prepare(Session session) {
    return this::restart;
  }

  /** To be dropped and then to be grown again is what makes a connection a new one. */
  private ConnectionUpdates.Outcome restart(Session session) {
    List<Rewiring> dropped = new ArrayList<>();
    List<Rewiring> grown = new ArrayList<>();
    for (Parameter weight : plan.network().prunable()) {
      Connectivity connections = session.connectivity(weight.name());
      float[] values = session.read(weight.name(), Slot.VALUE);
      int[] weakest = TopologyUpdate.weakest(values, count(values.length));
      if (weakest.length > 0) {
        long[] positions = Arrays.stream(weakest).mapToLong(connections::position).toArray();
        float[] anew =
            plan.grownValues()
                .of(weight, connections, values, plan.seed(), step)
                .at(positions, new float[positions.length]);
        dropped.add(new Rewiring(weight.name(), positions, new long[0], new float[0]));
        grown.add(new Rewiring(weight.name(), new long[0], positions, anew));
      }
    }
    session.rewire(dropped);
    return plan.made(session, grown);
  }
}
