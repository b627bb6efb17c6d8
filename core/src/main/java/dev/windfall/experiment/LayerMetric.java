package dev.windfall.experiment;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What the metrics may say of each layer. */
enum LayerMetric {
  /** Share of the weight's positions that exist. */
  DENSITY("density"),
  /** Length of the weight's gradient in the line's last step, before it is clipped. */
  GRADIENT_NORM("gradient-norm"),
  /** Share of an activation function's outputs whose magnitude is at most 0.01. */
  ACTIVATION_SPARSITY("activation-sparsity"),
  /** Connections replaced since the line before. */
  CONNECTIONS_REPLACED("connections-replaced"),
  /** Share of the weight's positions that have ever existed (Liu et al. 2021). */
  EVER_ACTIVE("ever-active");

  private final String label;

  LayerMetric(String label) {
    this.label = label;
  }

  /**
   * The metric of a name.
   *
   * @throws IllegalArgumentException for an unknown name, with the known ones
   */
  static LayerMetric named(String label) {
    return Arrays.stream(values())
        .filter(metric -> metric.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "run.layer-metrics: unknown '%s'; known: %s"
                        .formatted(
                            label,
                            Arrays.stream(values())
                                .map(metric -> metric.label)
                                .collect(Collectors.joining(" ")))));
  }

  /** The name in recipes. */
  String label() {
    return label;
  }

  /** The name of its field in a line of the metrics. */
  String field() {
    return label.replace('-', '_');
  }
}
