package dev.windfall.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.engine.contract.DenseFunctions;
import dev.windfall.network.ActivationFunction;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class FunctionsTest {

  /** Numbers up to 5e29: dense near 0, then farther and farther apart. */
  private static float[] sweep() {
    int steps = 20_000;
    float[] result = new float[2 * steps + 4];
    for (int i = 0; i < steps; i++) {
      float magnitude =
          (float) (i < steps / 2 ? i * 12e-4 : 12 * StrictMath.exp((i - 1e4) * 6.6e-3));
      result[2 * i] = magnitude;
      result[2 * i + 1] = -magnitude;
    }
    result[2 * steps] = Float.MIN_VALUE;
    result[2 * steps + 1] = -Float.MIN_NORMAL;
    result[2 * steps + 2] = ScalarFunctions.HIGHEST;
    result[2 * steps + 3] = ScalarFunctions.LOWEST;
    return result;
  }

  @ParameterizedTest
  @CsvSource({
    "SWISH, -2, -.23840584",
    "SWISH, -1, -.26894142",
    "SWISH, .5, .31122967",
    "SWISH, 1, .73105858",
    "SWISH, 2, 1.76159416",
    "MISH, -2, -.25250148",
    "MISH, -1, -.30340146",
    "MISH, .5, .37524521",
    "MISH, 1, .86509839",
    "MISH, 2, 1.94395896",
    "GELU, -2, -.04550026",
    "GELU, -1, -.15865525",
    "GELU, .5, .34573123",
    "GELU, 1, .84134475",
    "GELU, 2, 1.95449974",
    "PSWISH, -2, -.03597242",
    "PSWISH, -1, -.11920292",
    "PSWISH, .5, .36552929",
    "PSWISH, 1, .88079708",
    "PSWISH, 2, 1.96402758",
    "ELU, -2, -.86466472",
    "ELU, .5, .5",
    "SOFTPLUS, -2, .12692801",
    "SOFTPLUS, 0, .69314718",
    "SOFTPLUS, 2, 2.12692801",
    "LISHT, -2, 1.92805516",
    "LISHT, .5, .23105858"
  })
  void valuesAreThePublishedOnes(ActivationFunction function, float x, double expected) {
    assertThat((double) ScalarFunctions.value(function, x)).isCloseTo(expected, within(2.5e-7));
    assertThat(DenseFunctions.value(function, x)).isCloseTo(expected, within(5e-9));
  }

  @ParameterizedTest
  @EnumSource(ActivationFunction.class)
  void valuesAndDerivativesAreAccurate(ActivationFunction function) {
    for (float x : sweep()) {
      double scale = Math.max(1, Math.abs(x));
      double value = ScalarFunctions.value(function, x);
      double derivative = ScalarFunctions.derivative(function, x);
      assertThat(value)
          .as("%s(%s)", function, x)
          .isCloseTo(DenseFunctions.value(function, x), within(5e-7 * scale));
      assertThat(derivative)
          .as("%s′(%s)", function, x)
          .isCloseTo(DenseFunctions.derivative(function, x), within(2.5e-6));
    }
  }

  @ParameterizedTest
  @EnumSource(ActivationFunction.class)
  void derivativesAreThoseOfFiniteDifferences(ActivationFunction function) {
    double step = 1e-5;
    for (double x = -20.05; x < 20; x += 0.1) {
      double above = DenseFunctions.value(function, x + step);
      double below = DenseFunctions.value(function, x - step);
      assertThat(DenseFunctions.derivative(function, x))
          .as("%s′(%s)", function, x)
          .isCloseTo((above - below) / (2 * step), within(1e-8));
    }
  }

  @Test
  void farFromZeroFunctionsAreTheirLimits() {
    for (float x : new float[] {100, 1e10f, 1e30f}) {
      assertThat(ScalarFunctions.value(ActivationFunction.SIGMOID, x)).isEqualTo(1);
      assertThat(ScalarFunctions.value(ActivationFunction.TANH, x)).isEqualTo(1);
      assertThat(ScalarFunctions.value(ActivationFunction.TANH, -x)).isEqualTo(-1);
      assertThat(ScalarFunctions.value(ActivationFunction.SWISH, x)).isEqualTo(x);
      assertThat(ScalarFunctions.value(ActivationFunction.MISH, x)).isEqualTo(x);
      assertThat(ScalarFunctions.value(ActivationFunction.GELU, x)).isEqualTo(x);
      assertThat(ScalarFunctions.value(ActivationFunction.GELU, -x)).isBetween(-1e-6f, 0f);
      assertThat(ScalarFunctions.derivative(ActivationFunction.SWISH, x)).isEqualTo(1);
      assertThat(ScalarFunctions.derivative(ActivationFunction.MISH, x)).isEqualTo(1);
      assertThat(ScalarFunctions.derivative(ActivationFunction.GELU, x)).isEqualTo(1);
    }
    assertThat(ScalarFunctions.value(ActivationFunction.SIGMOID, -100)).isBetween(0f, 1e-37f);
    assertThat(ScalarFunctions.value(ActivationFunction.SWISH, -100)).isBetween(-1e-35f, 0f);
    assertThat(ScalarFunctions.value(ActivationFunction.MISH, -100)).isBetween(-1e-35f, 0f);
  }

  @Test
  void theKinkOfReluBelongsToTheLeft() {
    assertThat(ScalarFunctions.derivative(ActivationFunction.RELU, 0)).isZero();
    assertThat(ScalarFunctions.derivative(ActivationFunction.RELU, Float.MIN_VALUE)).isEqualTo(1);
    assertThat(Float.floatToRawIntBits(ScalarFunctions.value(ActivationFunction.RELU, -0f)))
        .isZero();
  }

  @ParameterizedTest
  @EnumSource(ActivationFunction.class)
  void whatIsNoNumberStaysNone(ActivationFunction function) {
    assertThat(ScalarFunctions.value(function, Float.NaN)).isNaN();
    FloatVector vector = FloatVector.broadcast(FloatVector.SPECIES_256, Float.NaN);
    assertThat(VectorFunctions.value(function, vector).lane(0)).isNaN();
  }

  @ParameterizedTest
  @EnumSource(ActivationFunction.class)
  void vectorsHaveTheSameBits(ActivationFunction function) {
    float[] numbers = sweep();
    for (VectorSpecies<Float> species : List.of(FloatVector.SPECIES_256, FloatVector.SPECIES_512)) {
      for (int i = 0; i <= numbers.length - species.length(); i += species.length()) {
        FloatVector x = FloatVector.fromArray(species, numbers, i);
        float[] values = VectorFunctions.value(function, x).toArray();
        float[] derivatives = VectorFunctions.derivative(function, x).toArray();
        for (int lane = 0; lane < species.length(); lane++) {
          float number = numbers[i + lane];
          assertThat(Float.floatToRawIntBits(values[lane]))
              .as("%s(%s)", function, number)
              .isEqualTo(Float.floatToRawIntBits(ScalarFunctions.value(function, number)));
          assertThat(Float.floatToRawIntBits(derivatives[lane]))
              .as("%s′(%s)", function, number)
              .isEqualTo(Float.floatToRawIntBits(ScalarFunctions.derivative(function, number)));
        }
      }
    }
  }
}
