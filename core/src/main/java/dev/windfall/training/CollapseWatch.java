package dev.windfall.training;

import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks now and then whether a layer has collapsed, and tells so once for each layer. */
final class CollapseWatch {

  private static final int STEPS_BETWEEN_LOOKS = 50;

  private final Network network;
  private final Set<String> told = new HashSet<>();

  CollapseWatch(Network network) {
    this.network = network;
  }

  /** What is new at a step whose gradient the session still holds. */
  List<TrainingEvent.LayerCollapsed> look(long step, Session session) {
    List<TrainingEvent.LayerCollapsed> collapsed = new ArrayList<>();
    if ((step + 1) % STEPS_BETWEEN_LOOKS != 0) {
      return collapsed;
    }
    for (Parameter weight : network.prunable()) {
      String what = told.contains(weight.layer()) ? null : collapse(weight, session);
      if (what != null) {
        told.add(weight.layer());
        collapsed.add(new TrainingEvent.LayerCollapsed(step, weight.layer(), what));
      }
    }
    return collapsed;
  }

  private static @Nullable String collapse(Parameter weight, Session session) {
    Connectivity connections = session.connectivity(weight.name());
    if (connections.count() <= 1 && connections.positions() > 1) {
      return "it has only %d of %d connections left"
          .formatted(connections.count(), connections.positions());
    }
    if (isZero(session.read(weight.name(), Slot.VALUE))) {
      return "all its %d connections are 0".formatted(connections.count());
    }
    return isZero(session.read(weight.name(), Slot.GRADIENT))
        ? "the gradient of all its %d connections is 0".formatted(connections.count())
        : null;
  }

  private static boolean isZero(float[] values) {
    for (float value : values) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }
}
