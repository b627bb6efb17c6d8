package dev.windfall.cost;

import dev.windfall.network.Parameter;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A convention for counting floating-point operations. All of them count convolutions and linear
 * layers alone: batch norms, pools and additions of skip connections are left out.
 */
public enum Counter {
  /**
   * One multiplication per connection and output position, and the additions that sum them up; no
   * biases, no activations. The convention of the reproducibility report on RigL (Sundar &amp;
   * Dwaraknath 2021).
   */
  REPORT("multiplications and additions of the connections; no bias, no activation") {
    @Override
    long flops(Parameter weight, long connections, long positions) {
      // An output with c connections takes c - 1 additions; one without any takes none, not -1.
      long additions = Math.max(0, connections - weight.rows());
      return (connections + additions) * positions;
    }
  },
  /** Two operations for every multiply-accumulate. */
  MAC("two for every multiply-accumulate") {
    @Override
    long flops(Parameter weight, long connections, long positions) {
      return 2 * connections * positions;
    }
  };

  private final String description;

  Counter(String description) {
    this.description = description;
  }

  /**
   * The operations of one layer on one sample.
   *
   * @param weight its tensor
   * @param connections how many of the tensor's connections exist
   * @param positions of the output map, rows · columns; 1 for a linear layer
   */
  abstract long flops(Parameter weight, long connections, long positions);

  /** The name on the command line: lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** One line: what is counted. */
  public String description() {
    return description;
  }

  /**
   * The counter with the given {@link #label()}.
   *
   * @throws IllegalArgumentException naming the known ones when there is none of that name
   */
  public static Counter named(String label) {
    return Arrays.stream(values())
        .filter(counter -> counter.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown counter '%s'; known: %s"
                        .formatted(
                            label,
                            Arrays.stream(values())
                                .map(Counter::label)
                                .collect(Collectors.joining(" ")))));
  }
}
