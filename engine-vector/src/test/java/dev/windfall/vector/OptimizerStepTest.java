package dev.windfall.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.Parameter;
import dev.windfall.random.StatelessRandom;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OptimizerStepTest {

  /** One tensor in double precision: values, gradients and velocities. */
  private record Expected(double[] values, double[] gradients, double[] velocities) {

    void step(OptimizerStep.Sgd sgd, double decay) {
      for (int i = 0; i < values.length; i++) {
        double gradient = gradients[i] + decay * values[i];
        velocities[i] = sgd.momentum() * velocities[i] + gradient;
        double direction =
            sgd.nesterov() ? gradient + sgd.momentum() * velocities[i] : velocities[i];
        values[i] -= sgd.rate() * direction;
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
    try (Session session = Sessions.open()) {
      Map<Parameter, Expected> expected = new LinkedHashMap<>();
      for (Parameter parameter : Sessions.NETWORK.parameters()) {
        if (parameter.role().isTrained()) {
          String name = parameter.name();
          expected.put(
              parameter,
              new Expected(
                  fill(session, name, Slot.VALUE, 1),
                  new double[session.read(name, Slot.VALUE).length],
                  new double[session.read(name, Slot.VALUE).length]));
        }
      }
      for (int step = 0; step < 3; step++) {
        for (Map.Entry<Parameter, Expected> entry : expected.entrySet()) {
          double[] gradients = fill(session, entry.getKey().name(), Slot.GRADIENT, step);
          System.arraycopy(gradients, 0, entry.getValue().gradients(), 0, gradients.length);
          boolean decays = decayAll || entry.getKey().isPrunable();
          entry.getValue().step(sgd, decays ? weightDecay : 0);
        }
        session.apply(sgd);
      }
      expected.forEach(
          (parameter, tensor) -> {
            requireClose(session, parameter.name(), Slot.VALUE, tensor.values());
            requireClose(session, parameter.name(), Slot.MOMENTUM, tensor.velocities());
            assertThat(session.read(parameter.name(), Slot.GRADIENT)).containsOnly(0);
          });
    }
  }

  @Test
  void runningStatisticsAreNotTrained() {
    try (Session session = Sessions.open()) {
      Sessions.train(session, 1);
      float[] mean = session.read("norm1.running-mean", Slot.VALUE);
      session.apply(new OptimizerStep.Sgd(0.5, 0, false, 0.5, true));
      assertThat(session.read("norm1.running-mean", Slot.VALUE)).isEqualTo(mean);
    }
  }

  @Test
  void numbersTooSmallForAnyoneBecomeZero() {
    try (Session session = Sessions.open()) {
      int count = session.read("conv1.weight", Slot.VALUE).length;
      float[] tiny = new float[count];
      Arrays.fill(tiny, 1e-35f);
      session.write("conv1.weight", Slot.VALUE, tiny);
      session.write("conv1.weight", Slot.MOMENTUM, tiny);
      session.apply(new OptimizerStep.Sgd(0.1, 0.9, false, 0, false));
      assertThat(session.read("conv1.weight", Slot.VALUE)).containsOnly(0);
      assertThat(session.read("conv1.weight", Slot.MOMENTUM)).containsOnly(0);
    }
  }
}
