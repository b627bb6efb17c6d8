package dev.windfall.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.Parameter;
import dev.windfall.random.StatelessRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

public abstract class OptimizerStepContract extends EngineContract {

  /** One tensor in double precision: values, gradients and what the optimizers keep. */
  private record Expected(
      double[] values, double[] gradients, double[] momenta, double[] variances) {

    static Expected of(double[] values) {
      int size = values.length;
      return new Expected(values, new double[size], new double[size], new double[size]);
    }

    void step(OptimizerStep step, int number, boolean isMatrix) {
      switch (step) {
        case OptimizerStep.Sgd sgd ->
            step(sgd, isMatrix || sgd.decayOneDimensional() ? sgd.weightDecay() : 0);
        case OptimizerStep.Adam adam ->
            step(adam, number, isMatrix || adam.decayOneDimensional() ? adam.weightDecay() : 0);
      }
    }

    private void step(OptimizerStep.Sgd sgd, double decay) {
      for (int i = 0; i < values.length; i++) {
        double gradient = gradients[i] + decay * values[i];
        momenta[i] = sgd.momentum() * momenta[i] + gradient;
        double direction = sgd.nesterov() ? gradient + sgd.momentum() * momenta[i] : momenta[i];
        values[i] -= sgd.rate() * direction;
      }
    }

    private void step(OptimizerStep.Adam adam, int number, double decay) {
      for (int i = 0; i < values.length; i++) {
        double gradient = gradients[i] + decay * values[i];
        momenta[i] = adam.beta1() * momenta[i] + (1 - adam.beta1()) * gradient;
        variances[i] = adam.beta2() * variances[i] + (1 - adam.beta2()) * gradient * gradient;
        double mean = momenta[i] / (1 - Math.pow(adam.beta1(), number));
        double variance = variances[i] / (1 - Math.pow(adam.beta2(), number));
        values[i] -= adam.rate() * mean / (Math.sqrt(variance) + adam.epsilon());
      }
    }
  }

  private static double[] fill(Session session, String tensor, Slot slot, long seed) {
    StatelessRandom random = StatelessRandom.of(seed, tensor + slot);
    float[] values = session.read(tensor, slot);
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
      result[i] = values[i];
    }
    session.write(tensor, slot, values);
    return result;
  }

  private static void requireClose(Session session, String tensor, Slot slot, double[] expected) {
    float[] actual = session.read(tensor, slot);
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i]).as("%s %s", tensor, slot).isCloseTo(expected[i], within(2e-6));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0.1, 0, false, 0, false",
    "0.1, 0.9, false, 0, false",
    "0.1, 0.9, true, 0, true",
    "0.5, 0.5, true, 0.01, false",
    "0.5, 0.9, false, 0.02, true",
    "0, 0.9, true, 0.1, false"
  })
  void followsItsFormula(
      double rate, double momentum, boolean nesterov, double weightDecay, boolean decayAll) {
    OptimizerStep.Sgd sgd = new OptimizerStep.Sgd(rate, momentum, nesterov, weightDecay, decayAll);
    requireFormula(sgd, Slot.MOMENTUM);
  }

  @ParameterizedTest
  @CsvSource({
    "0.1, 0.9, 0.999, 1e-8, 0, false",
    "0.1, 0, 0.5, 1e-3, 0, true",
    "0.01, 0.5, 0, 0.1, 0.1, false",
    "0.01, 0.9, 0.99, 1e-8, 0.1, true",
    "0, 0.9, 0.99, 1e-8, 0.1, true"
  })
  void adamFollowsItsFormula(
      double rate, double beta1, double beta2, double epsilon, double weightDecay, boolean all) {
    OptimizerStep.Adam adam = new OptimizerStep.Adam(rate, beta1, beta2, epsilon, weightDecay, all);
    requireFormula(adam, Slot.MOMENTUM, Slot.VARIANCE);
  }

  private void requireFormula(OptimizerStep step, Slot... kept) {
    try (Session session = open()) {
      Map<Parameter, Expected> expected = new LinkedHashMap<>();
      for (Parameter parameter : Sessions.NETWORK.parameters()) {
        if (parameter.role().isTrained()) {
          expected.put(parameter, Expected.of(fill(session, parameter.name(), Slot.VALUE, 1)));
        }
      }
      for (int number = 1; number <= 3; number++) {
        for (Map.Entry<Parameter, Expected> entry : expected.entrySet()) {
          double[] gradients = fill(session, entry.getKey().name(), Slot.GRADIENT, number);
          System.arraycopy(gradients, 0, entry.getValue().gradients(), 0, gradients.length);
          entry.getValue().step(step, number, entry.getKey().isPrunable());
        }
        session.apply(step);
      }
      expected.forEach(
          (parameter, tensor) -> {
            requireClose(session, parameter.name(), Slot.VALUE, tensor.values());
            for (Slot slot : kept) {
              requireClose(
                  session,
                  parameter.name(),
                  slot,
                  slot == Slot.VARIANCE ? tensor.variances() : tensor.momenta());
            }
            assertThat(session.read(parameter.name(), Slot.GRADIENT)).containsOnly(0);
          });
    }
  }

  /** Whatever the gradient's size, the first step of Adam without decay is as long as the rate. */
  @Test
  void theFirstStepOfAdamIsAsLongAsTheRate() {
    try (Session session = open()) {
      int count = session.read("conv1.weight", Slot.VALUE).length;
      session.write("conv1.weight", Slot.VALUE, new float[count]);
      float[] gradients = new float[count];
      for (int i = 0; i < count; i++) {
        gradients[i] = (float) ((i % 2 == 0 ? 1 : -1) * Math.pow(10, i % 10 - 5));
      }
      session.write("conv1.weight", Slot.GRADIENT, gradients);
      session.apply(new OptimizerStep.Adam(0.25, 0.9, 0.999, 1e-12, 0, false));
      float[] values = session.read("conv1.weight", Slot.VALUE);
      for (int i = 0; i < count; i++) {
        assertThat(values[i]).isCloseTo(i % 2 == 0 ? -0.25f : 0.25f, within(1e-6f));
      }
    }
  }

  @Test
  void theGradientsLengthIsOverAllThatIsTrained() {
    try (Session session = open()) {
      double squares = 0;
      for (Parameter parameter : Sessions.NETWORK.parameters()) {
        if (parameter.role().isTrained()) {
          for (double gradient : fill(session, parameter.name(), Slot.GRADIENT, 7)) {
            squares += gradient * gradient;
          }
        }
      }
      assertThat(session.gradientNorm()).isCloseTo(Math.sqrt(squares), withinPercentage(1e-12));
      float[] before = session.read("norm1.scale", Slot.GRADIENT);
      session.scaleGradient(-0.5);
      assertThat(session.gradientNorm()).isCloseTo(Math.sqrt(squares) / 2, withinPercentage(1e-5));
      float[] after = session.read("norm1.scale", Slot.GRADIENT);
      for (int i = 0; i < after.length; i++) {
        assertThat(after[i]).isEqualTo(-before[i] / 2);
      }
      session.clearGradient();
      assertThat(session.gradientNorm()).isZero();
      float[] one = session.read("conv2.weight", Slot.GRADIENT);
      one[3] = Float.POSITIVE_INFINITY;
      session.write("conv2.weight", Slot.GRADIENT, one);
      assertThat(session.gradientNorm()).isInfinite();
      one[3] = Float.NaN;
      session.write("conv2.weight", Slot.GRADIENT, one);
      assertThat(session.gradientNorm()).isNaN();
    }
  }

  @Test
  void runningStatisticsAreNotTrained() {
    try (Session session = open()) {
      Sessions.train(session, 1);
      float[] mean = session.read("norm1.running-mean", Slot.VALUE);
      session.apply(new OptimizerStep.Sgd(0.5, 0, false, 0.5, true));
      assertThat(session.read("norm1.running-mean", Slot.VALUE)).isEqualTo(mean);
    }
  }
}
