package dev.windfall.training;

import dev.windfall.engine.Batch;
import dev.windfall.engine.LayerOutput;
import dev.windfall.engine.Mode;
import dev.windfall.engine.OutputInspection;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.Network;
import dev.windfall.network.Node;
import dev.windfall.network.Parameter;
import java.util.HashSet;
import java.util.Set;

/** Finds where a number that is none comes from. */
final class NonFiniteSearch {

  private NonFiniteSearch() {}

  /**
   * The first layer of the network whose weights or, where the engine can show them, output for a
   * batch are not finite, as a part of a sentence.
   */
  static String firstLayer(Network network, Session session, Batch batch) {
    Set<String> outputs = new HashSet<>();
    session
        .capability(OutputInspection.class)
        .ifPresent(
            inspection -> {
              for (LayerOutput output : inspection.of(batch, Mode.SCORE, 0)) {
                if (output.nonFinite() > 0) {
                  outputs.add(output.layer());
                }
              }
            });
    for (Node node : network.nodes()) {
      for (Parameter parameter : node.parameters()) {
        if (parameter.role().isTrained() && !isFinite(session, parameter, Slot.VALUE)) {
          return "the first layer with weights that are not finite is %s (%s)"
              .formatted(node.name(), parameter.name());
        }
      }
      if (outputs.contains(node.name())) {
        return "the first layer with an output that is not finite is " + node.name();
      }
    }
    return "all layers' weights and outputs are finite";
  }

  /** The first layer of the network whose gradient is not finite, as a part of a sentence. */
  static String firstGradient(Network network, Session session) {
    for (Parameter parameter : network.parameters()) {
      if (parameter.role().isTrained() && !isFinite(session, parameter, Slot.GRADIENT)) {
        return "the first layer with a gradient that is not finite is %s (%s)"
            .formatted(parameter.layer(), parameter.name());
      }
    }
    return "every number of it is finite";
  }

  private static boolean isFinite(Session session, Parameter parameter, Slot slot) {
    for (float value : session.read(parameter.name(), slot)) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }
}
