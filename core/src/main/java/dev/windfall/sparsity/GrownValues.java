package dev.windfall.sparsity;

import dev.windfall.network.Initialization;
import dev.windfall.network.Parameter;
import dev.windfall.random.StatelessRandom;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * With which values grown connections start (Evci et al. 2020: zero, so that the network computes
 * what it did after the drop; the others are what their experiments compare it to). Random values
 * are pure functions of seed, tensor, step and position.
 *
 * @param kind the rule
 * @param scale its factor, finite; without effect on zeros
 * @param initialization of the network, from which {@link Kind#INITIAL} draws
 */
public record GrownValues(Kind kind, double scale, Initialization initialization) {

  /** Which rule. */
  public enum Kind {
    /** 0. */
    ZEROS,
    /** Normal around 0; the scale is in standard deviations of the tensor's connections. */
    RANDOM_NORMAL,
    /** Uniform around 0; the scale is in mean magnitudes of the tensor's connections. */
    RANDOM_UNIFORM,
    /** A new draw from the distribution of the initial weights, times the scale. */
    INITIAL,
    /** The loss's gradient at the connection, times the scale; a negative scale goes downhill. */
    GRADIENT,
    /** The sign of that gradient, times the scale. */
    GRADIENT_SIGN;

    /** The name in recipes, such as {@code random-normal}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether the rule needs to know the gradient of grown connections. */
    public boolean needsGradient() {
      return this == GRADIENT || this == GRADIENT_SIGN;
    }

    /**
     * The rule with the given {@link #label()}.
     *
     * @throws IllegalArgumentException naming the known ones when there is none of that name
     */
    public static Kind named(String label) {
      return Arrays.stream(values())
          .filter(known -> known.label().equals(label))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "unknown values '%s' of grown connections; known: %s"
                          .formatted(
                              label,
                              Arrays.stream(values())
                                  .map(Kind::label)
                                  .collect(Collectors.joining(" ")))));
    }
  }

  /** All zeros: the rule of the papers. */
  public static GrownValues zeros() {
    return new GrownValues(Kind.ZEROS, 1, Initialization.HE_FAN_IN);
  }

  /** Checks that the scale is a number. */
  public GrownValues {
    if (!Double.isFinite(scale)) {
      throw new IllegalArgumentException(
          "the scale of grown values must be a finite number, not " + scale);
    }
  }

  /** The value of a connection that grows at a canonical position by a score. */
  @FunctionalInterface
  public interface Values {
    /** The initial value. */
    float at(long position, float score);

    /** The values of connections with their scores. */
    default float[] at(long[] positions, float[] scores) {
      float[] values = new float[positions.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = at(positions[i], scores[i]);
      }
      return values;
    }
  }

  /**
   * The values that one update gives to a tensor's grown connections.
   *
   * @param weight the tensor
   * @param before its connections before the update
   * @param connections their values
   * @param seed of the run
   * @param step of the update
   */
  public Values of(
      Parameter weight, Connectivity before, float[] connections, long seed, long step) {
    long key = StatelessRandom.hash(seed, weight.name() + " grown values", step);
    return switch (kind) {
      case ZEROS -> (position, score) -> 0;
      case RANDOM_NORMAL -> {
        double deviation = scale * standardDeviation(connections);
        yield (position, score) -> (float) (deviation * StatelessRandom.gaussianAt(key, position));
      }
      case RANDOM_UNIFORM -> {
        double bound = scale * meanMagnitude(connections);
        // 54 bits with their sign, from -1 to below 1.
        yield (position, score) ->
            (float) (bound * ((StatelessRandom.longAt(key, position) >> 10) * 0x1.0p-53));
      }
      case INITIAL -> {
        Initialization.Values initial = initialization.values(key, weight);
        yield (position, score) ->
            (float) (scale * initial.at(position, rowConnections(before, position)));
      }
      case GRADIENT -> (position, score) -> finite(scale * score);
      case GRADIENT_SIGN -> (position, score) -> finite(scale * Math.signum(score));
    };
  }

  /** How many connections a position's row has; one that has none gets its first. */
  private static long rowConnections(Connectivity before, long position) {
    int row = (int) (position / before.rowLength());
    return Math.max(1, before.rowStart(row + 1) - before.rowStart(row));
  }

  /** A gradient that is no number must not become a weight. */
  private static float finite(double value) {
    return Double.isFinite(value) ? (float) value : 0;
  }

  private static double standardDeviation(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    double mean = sum / values.length;
    double squares = 0;
    for (float value : values) {
      squares += (value - mean) * (value - mean);
    }
    return Math.sqrt(squares / values.length);
  }

  /** The mean of |value|; 0 where there is none. */
  public static double meanMagnitude(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += Math.abs(value);
    }
    return values.length == 0 ? 0 : sum / values.length;
  }
}
