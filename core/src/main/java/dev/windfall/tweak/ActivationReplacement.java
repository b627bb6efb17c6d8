package dev.windfall.tweak;

import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;

/** Another activation function in the place of every one that a network has. */
public final class ActivationReplacement {

  private ActivationReplacement() {}

  /**
   * Replaces every activation function but the identity, which is none.
   *
   * @param network whose nodes keep their names
   * @param function that takes the places
   */
  public static Network in(Network network, ActivationFunction function) {
    NetworkCopy copy = new NetworkCopy(network);
    network
        .nodes()
        .forEach(
            node -> {
              boolean isFunction =
                  node.layer() instanceof Layer.Activation(ActivationFunction own)
                      && own != ActivationFunction.IDENTITY;
              copy.append(node, isFunction ? new Layer.Activation(function) : node.layer());
            });
    return copy.network();
  }
}
