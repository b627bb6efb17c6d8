package dev.windfall.experiment.lottery;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A round of a drawing, before anything is trained with its ticket.
 *
 * @param drawing {@code iterative} or {@code one-shot}
 * @param round from 1
 * @param seed of the training
 * @param target sparsity asked for, among the layers that are pruned
 * @param sparsity over all prunable weights
 * @param connections that are left
 * @param weights of the dense network that are prunable
 * @param testAccuracy of the pruned network with the weights that it was pruned with, trained no
 *     further
 * @param validationAccuracy of the same; null without validation samples
 * @param pruned SHA-256 of the tensors whose weights were ranked
 * @param layers every prunable tensor, in network order
 */
public record TicketRound(
    String drawing,
    int round,
    long seed,
    double target,
    double sparsity,
    long connections,
    long weights,
    double testAccuracy,
    @Nullable Double validationAccuracy,
    String pruned,
    List<LayerDensity> layers) {

  /** Copies the list. */
  public TicketRound {
    layers = List.copyOf(layers);
  }

  /**
   * A layer's connections.
   *
   * @param layer its name
   * @param connections that are left
   * @param weights of the dense layer
   */
  public record LayerDensity(String layer, long connections, long weights) {}
}
