package dev.windfall.network;

import dev.windfall.random.StatelessRandom;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How initial weights are drawn: normal with mean 0 and a variance by the number of connections of
 * a neuron. A weight is a pure function of (seed, tensor, canonical position), so that a sparse
 * network starts with exactly the weights that the dense one has at its connections; in {@link
 * #SPARSE_AWARE} its variance, and nothing else, depends on the number of connections of its row.
 *
 * <p>He's initialisations draw linear layers always by fan-in: the fan-out of a classifier is its
 * few classes, and a variance of 2/classes would saturate the softmax.
 */
public enum Initialization {
  /** Variance 2 / fan-in: keeps the variance of activations through ReLUs (He et al. 2015). */
  HE_FAN_IN {
    @Override
    double variance(Parameter weight, long rowConnections) {
      return 2.0 / weight.fanIn();
    }
  },
  /**
   * Variance 2 / fan-out for convolutions: keeps the variance of gradients through ReLUs (He et al.
   * 2015).
   */
  HE_FAN_OUT {
    @Override
    double variance(Parameter weight, long rowConnections) {
      boolean convolution = weight.shape().size() == 4;
      return 2.0 / (convolution ? weight.fanOut() : weight.fanIn());
    }
  },
  /** Variance 2 / (fan-in + fan-out) (Glorot &amp; Bengio 2010). */
  GLOROT {
    @Override
    double variance(Parameter weight, long rowConnections) {
      return 2.0 / (weight.fanIn() + weight.fanOut());
    }
  },
  /**
   * Variance 2 / connections of the output unit: He's rule with the fan-in that exists in a sparse
   * layer, row by row (Evci et al. 2022, "Gradient flow in sparse neural networks and how lottery
   * tickets win", section 3.1). In a dense layer it is {@link #HE_FAN_IN}.
   */
  SPARSE_AWARE {
    @Override
    double variance(Parameter weight, long rowConnections) {
      return 2.0 / rowConnections;
    }
  };

  /** The name in recipes, such as {@code he-fan-out}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The initialisation with the given {@link #label()}.
   *
   * @throws IllegalArgumentException naming the known ones when there is none of that name
   */
  public static Initialization named(String label) {
    return Arrays.stream(values())
        .filter(known -> known.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown initialisation '%s'; known: %s"
                        .formatted(
                            label,
                            Arrays.stream(values())
                                .map(Initialization::label)
                                .collect(Collectors.joining(" ")))));
  }

  abstract double variance(Parameter weight, long rowConnections);

  /**
   * The standard deviation of a weight's initial values.
   *
   * @param weight a tensor with {@link Parameter#isPrunable()}
   * @param rowConnections how many connections of the weight's row (output channel) exist, from 1
   *     to {@link Parameter#rowLength()}
   */
  public double standardDeviation(Parameter weight, long rowConnections) {
    return Math.sqrt(variance(weight, rowConnections));
  }

  /**
   * The initial values of one tensor, as a function of position.
   *
   * @param seed of the run
   * @param parameter any tensor: those that are no weights start at {@link Parameter#start()}
   */
  public Values values(long seed, Parameter parameter) {
    if (!parameter.isPrunable()) {
      return (position, rowConnections) -> parameter.start();
    }
    long key = StatelessRandom.hash(seed, parameter.name() + " initial");
    return (position, rowConnections) ->
        (float) standardDeviation(parameter, rowConnections)
            * StatelessRandom.gaussianAt(key, position);
  }

  /** Initial values by canonical position. */
  @FunctionalInterface
  public interface Values {
    /**
     * The initial value at a canonical position of the dense tensor.
     *
     * @param rowConnections how many connections of the position's row exist; the row length where
     *     the tensor is dense
     */
    float at(long position, long rowConnections);
  }
}
