package dev.windfall.lottery;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** With which weights and which rates a pruned network is trained again. */
public enum TicketStart {
  /** The weights before the first step; the whole training again (Frankle &amp; Carbin 2019). */
  INITIAL,
  /**
   * Weights, optimizer state and statistics of an early step; the training again from that step
   * (Frankle et al. 2020, "Linear mode connectivity and the lottery ticket hypothesis").
   */
  WEIGHTS,
  /**
   * The trained weights; the rates again from that early step (Renda et al. 2020, "Comparing
   * rewinding and fine-tuning in neural network pruning").
   */
  LEARNING_RATE,
  /** The trained weights; as many steps as the two before, at the training's last rate. */
  FINE_TUNING;

  /** The name in recipes, such as {@code learning-rate}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether the weights are those before pruning; else they are of an early moment. */
  public boolean keepsTrainedWeights() {
    return this == LEARNING_RATE || this == FINE_TUNING;
  }

  /**
   * The start with the given {@link #label()}.
   *
   * @throws IllegalArgumentException naming the known ones when there is none of that name
   */
  public static TicketStart named(String label) {
    return Arrays.stream(values())
        .filter(start -> start.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown start '%s'; known: %s".formatted(label, String.join(" ", labels()))));
  }

  /** All labels. */
  public static List<String> labels() {
    return Arrays.stream(values()).map(TicketStart::label).toList();
  }
}
