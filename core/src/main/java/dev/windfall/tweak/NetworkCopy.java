package dev.windfall.tweak;

import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Node;
import java.util.HashMap;
import java.util.Map;

/** Writes a network anew, node by node, with changes on the way. */
final class NetworkCopy {

  private final NetworkBuilder builder;
  private final Map<String, String> stepIns = new HashMap<>();

  NetworkCopy(Network original) {
    builder = new NetworkBuilder(original.name(), original.input());
  }

  /** Appends a node of the original, with the same layer or another of as many inputs. */
  void append(Node node, Layer layer) {
    builder.from(source(node.inputs().getFirst()));
    if (layer instanceof Layer.Add) {
      builder.add(node.name(), source(node.inputs().getLast()));
    } else {
      builder.append(node.name(), layer);
    }
  }

  /** What those read in the copy who read a node in the original. */
  String source(String original) {
    return stepIns.getOrDefault(original, original);
  }

  /** From now on, the current node is read in the place of a node of the original. */
  void stepInFor(String original) {
    stepIns.put(original, builder.current());
  }

  /** Where nodes that the original lacks are appended. */
  NetworkBuilder builder() {
    return builder;
  }

  Network network() {
    return builder.build();
  }
}
