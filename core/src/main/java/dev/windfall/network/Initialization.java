package dev.windfall.network;

import dev.windfall.random.StatelessRandom;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How initial weights are drawn: normal with mean 0 (He et al. 2015). A weight is a pure function
 * of (seed, tensor, canonical position), so that a sparse network starts with exactly the weights
 * that the dense one has at its connections.
 *
 * <p>Linear layers are always drawn by fan-in: the fan-out of a classifier is its few classes, and
 * a variance of 2/classes would saturate the softmax.
 */
public enum Initialization {
  /** Variance 2 / fan-in: keeps the variance of activations through ReLUs. */
  HE_FAN_IN,
  /** Variance 2 / fan-out for convolutions: keeps the variance of gradients through ReLUs. */
  HE_FAN_OUT;

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

  /**
   * The standard deviation of a weight's initial values.
   *
   * @param weight a tensor with {@link Parameter#isPrunable()}
   */
  public double standardDeviation(Parameter weight) {
    boolean convolution = weight.shape().size() == 4;
    long fan = this == HE_FAN_OUT && convolution ? weight.fanOut() : weight.fanIn();
    return Math.sqrt(2.0 / fan);
  }

  /**
   * The initial values of one tensor, as a function of position.
   *
   * @param seed of the run
   * @param parameter any tensor: biases, shifts and running means start at 0, scales and running
   *     variances at 1
   */
  public Values values(long seed, Parameter parameter) {
    return switch (parameter.role()) {
      case WEIGHT -> {
        long key = StatelessRandom.hash(seed, parameter.name() + " initial");
        float deviation = (float) standardDeviation(parameter);
        yield position -> deviation * StatelessRandom.gaussianAt(key, position);
      }
      case BIAS, SHIFT, RUNNING_MEAN -> position -> 0;
      case SCALE, RUNNING_VARIANCE -> position -> 1;
    };
  }

  /** Initial values by canonical position. */
  @FunctionalInterface
  public interface Values {
    /** The initial value at a canonical position of the dense tensor. */
    float at(long position);
  }
}
