package dev.windfall.engine;

import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Candidates;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Rewiring;
import java.util.Arrays;
import java.util.Comparator;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** One tensor with its gradient and what the optimizer keeps, in connection order. */
final class ReferenceTensor {

  final Parameter parameter;
  Connectivity connectivity;
  float[] values;
  float[] momentum;
  float @Nullable [] variance;
  double[] gradient;

  /** Gradients of the collection at all dense positions; only where candidates were asked for. */
  double @Nullable [] denseGradient;

  /** The average of gradients at all dense positions; null where none is kept. */
  float @Nullable [] trace;

  int wanted;
  boolean isContinued;

  ReferenceTensor(Parameter parameter, Connectivity connectivity) {
    this.parameter = parameter;
    this.connectivity = connectivity;
    int count = Math.toIntExact(connectivity.count());
    values = new float[count];
    momentum = new float[count];
    gradient = new double[count];
  }

  /** Begins an average of 0 where there is none. */
  void keepTrace() {
    trace = trace == null ? new float[(int) parameter.elements()] : trace;
  }

  /** Makes the average that of before times one factor, and a gradient's share by another. */
  void average(double[] dense, double decay, double share) {
    float[] averages = trace;
    if (averages != null) {
      for (int i = 0; i < averages.length; i++) {
        averages[i] = (float) (decay * averages[i] + share * dense[i]);
      }
    }
  }

  /** Takes a new wish for candidates, 0 for none; sums go on where the last one is continued. */
  void want(int candidates, boolean continued) {
    wanted = candidates;
    if (candidates == 0) {
      denseGradient = null;
    } else if (denseGradient == null || !isContinued) {
      denseGradient = new double[(int) parameter.elements()];
    }
    isContinued = continued && candidates > 0;
  }

  Candidates candidates() {
    double[] scores = denseGradient;
    if (scores == null || isContinued) {
      throw new IllegalStateException("no candidates were asked for: " + parameter.name());
    }
    return best(position -> scores[position], wanted);
  }

  /** The best inactive positions by a score. */
  Candidates best(IntToDoubleFunction scores, int most) {
    long[] best =
        LongStream.range(0, parameter.elements())
            .filter(position -> !connectivity.contains(position))
            .boxed()
            .sorted(
                Comparator.<Long>comparingDouble(
                        position -> -Math.abs(scores.applyAsDouble(position.intValue())))
                    .thenComparing(Comparator.naturalOrder()))
            .limit(most)
            .mapToLong(Long::longValue)
            .toArray();
    float[] ofBest = new float[best.length];
    for (int i = 0; i < best.length; i++) {
      ofBest[i] = (float) scores.applyAsDouble((int) best[i]);
    }
    return new Candidates(best, ofBest);
  }

  /** The {@code number}th step of an optimizer, from 1. */
  void apply(OptimizerStep step, long number) {
    switch (step) {
      case OptimizerStep.Sgd sgd -> apply(sgd);
      case OptimizerStep.Adam adam -> apply(adam, number);
    }
    Arrays.fill(gradient, 0);
  }

  private boolean decays(boolean decayOneDimensional) {
    return decayOneDimensional || parameter.shape().size() > 1;
  }

  private void apply(OptimizerStep.Adam adam, long number) {
    double decay = decays(adam.decayOneDimensional()) ? adam.weightDecay() : 0;
    float[] second = variance == null ? new float[values.length] : variance;
    for (int i = 0; i < values.length; i++) {
      double slope = gradient[i] + decay * values[i];
      momentum[i] = (float) (adam.beta1() * momentum[i] + (1 - adam.beta1()) * slope);
      second[i] = (float) (adam.beta2() * second[i] + (1 - adam.beta2()) * slope * slope);
      double mean = momentum[i] / (1 - Math.pow(adam.beta1(), (double) number));
      double square = second[i] / (1 - Math.pow(adam.beta2(), (double) number));
      values[i] -= (float) (adam.rate() * mean / (Math.sqrt(square) + adam.epsilon()));
    }
    variance = second;
  }

  private void apply(OptimizerStep.Sgd sgd) {
    double decay = decays(sgd.decayOneDimensional()) ? sgd.weightDecay() : 0;
    for (int i = 0; i < values.length; i++) {
      double slope = gradient[i] + decay * values[i];
      momentum[i] = (float) (sgd.momentum() * momentum[i] + slope);
      double direction = sgd.nesterov() ? slope + sgd.momentum() * momentum[i] : momentum[i];
      values[i] -= (float) (sgd.rate() * direction);
    }
  }

  void rewire(Rewiring change) {
    TreeMap<Long, double[]> cells = new TreeMap<>();
    long[] positions = connectivity.toPositions();
    for (int i = 0; i < positions.length; i++) {
      double second = variance == null ? 0 : variance[i];
      cells.put(positions[i], new double[] {values[i], momentum[i], gradient[i], second});
    }
    for (long position : change.dropped()) {
      if (cells.remove(position) == null) {
        throw new IllegalArgumentException(
            "%s: connection %d cannot be dropped: it does not exist"
                .formatted(parameter.name(), position));
      }
    }
    for (int i = 0; i < change.grown().length; i++) {
      if (connectivity.contains(change.grown()[i])) {
        throw new IllegalArgumentException(
            "%s: connection %d cannot be grown: it exists"
                .formatted(parameter.name(), change.grown()[i]));
      }
      cells.put(change.grown()[i], new double[] {change.grownValues()[i], 0, 0, 0});
    }
    long[] kept = cells.keySet().stream().mapToLong(Long::longValue).toArray();
    double[][] slots = cells.values().toArray(double[][]::new);
    connectivity = Connectivity.ofPositions(connectivity.rows(), connectivity.rowLength(), kept);
    values = floats(slots, 0);
    momentum = floats(slots, 1);
    variance = variance == null ? null : floats(slots, 3);
    gradient = Arrays.stream(slots).mapToDouble(cell -> cell[2]).toArray();
  }

  State.Tensor snapshot() {
    return new State.Tensor(
        parameter.isPrunable() ? connectivity : null,
        values.clone(),
        parameter.role().isTrained() ? momentum.clone() : null,
        variance == null ? null : variance.clone());
  }

  void restore(State.@Nullable Tensor from) {
    if (from == null || parameter.isPrunable() != (from.connectivity() != null)) {
      throw new IllegalArgumentException(
          "the state's tensor %s is missing or does not fit".formatted(parameter.name()));
    }
    if (from.connectivity() != null) {
      if (from.connectivity().rows() != connectivity.rows()
          || from.connectivity().rowLength() != connectivity.rowLength()) {
        throw new IllegalArgumentException(
            "%s: the state has %s where the network has %s"
                .formatted(parameter.name(), from.connectivity(), connectivity));
      }
      connectivity = from.connectivity();
    }
    int count = Math.toIntExact(connectivity.count());
    float[] velocities = from.momentum() == null ? new float[count] : from.momentum();
    float[] second = from.variance();
    if (from.values().length != count
        || velocities.length != count
        || (second != null && second.length != count)) {
      throw new IllegalArgumentException(
          "%s: %d values, %d velocities and %s variances for %d connections"
              .formatted(
                  parameter.name(),
                  from.values().length,
                  velocities.length,
                  second == null ? "no" : second.length,
                  count));
    }
    values = from.values().clone();
    momentum = velocities.clone();
    variance = second == null ? null : second.clone();
    gradient = new double[count];
    want(0, false);
  }

  private static float[] floats(double[][] cells, int slot) {
    float[] result = new float[cells.length];
    IntStream.range(0, cells.length).forEach(i -> result[i] = (float) cells[i][slot]);
    return result;
  }
}
