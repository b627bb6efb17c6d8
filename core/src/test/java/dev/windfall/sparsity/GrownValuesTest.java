package dev.windfall.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.network.Initialization;
import dev.windfall.network.Parameter;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GrownValuesTest {

  private static final Parameter WEIGHT = Updates.linear(100, 200);
  private static final long[] POSITIONS = LongStream.range(0, 20_000).toArray();

  /** Mean 0.5, standard deviation 2.5, mean magnitude 2.5. */
  private static final float[] CONNECTIONS = {-2, 3, -2, 3};

  /** Four connections in the first row, none in the others. */
  private static final Connectivity BEFORE =
      Connectivity.ofPositions(100, 200, new long[] {3, 5, 7, 150});

  private static float[] grown(GrownValues.Kind kind, double scale, long seed, long step) {
    return new GrownValues(kind, scale, Initialization.HE_FAN_IN)
        .of(WEIGHT, BEFORE, CONNECTIONS, seed, step)
        .at(POSITIONS, new float[POSITIONS.length]);
  }

  private static double moment(float[] values, int power) {
    double sum = 0;
    for (float value : values) {
      sum += Math.pow(value, power);
    }
    return sum / values.length;
  }

  @Test
  void zerosAreZeros() {
    assertThat(grown(GrownValues.Kind.ZEROS, 5, 1, 1)).containsOnly(0);
  }

  @Test
  void normalValuesHaveTheConnectionsDeviation() {
    float[] values = grown(GrownValues.Kind.RANDOM_NORMAL, 0.5, 1, 1);
    assertThat(moment(values, 1)).isCloseTo(0, within(0.05));
    assertThat(Math.sqrt(moment(values, 2))).isCloseTo(1.25, within(0.03));
    assertThat(moment(values, 4) / (1.25 * 1.25 * 1.25 * 1.25)).isCloseTo(3, within(0.2));
  }

  @Test
  void uniformValuesAreBoundedByTheConnectionsMeanMagnitude() {
    float[] values = grown(GrownValues.Kind.RANDOM_UNIFORM, 2, 1, 1);
    for (float value : values) {
      assertThat(value).isBetween(-5f, 5f);
    }
    assertThat(moment(values, 1)).isCloseTo(0, within(0.1));
    assertThat(moment(values, 2)).isCloseTo(25 / 3.0, within(0.2));
  }

  @Test
  void initialValuesAreDrawnAnewFromTheInitialDistribution() {
    float[] values = grown(GrownValues.Kind.INITIAL, 0.5, 1, 1);
    assertThat(Math.sqrt(moment(values, 2))).isCloseTo(0.5 * Math.sqrt(2 / 200.0), within(1e-3));
    Initialization.Values first = Initialization.HE_FAN_IN.values(1, WEIGHT);
    assertThat(values[7]).isNotEqualTo(0.5f * first.at(7, 200));
  }

  @Test
  void initialValuesMayGoByTheConnectionsOfTheirRow() {
    GrownValues.Values values =
        new GrownValues(GrownValues.Kind.INITIAL, 1, Initialization.SPARSE_AWARE)
            .of(WEIGHT, BEFORE, CONNECTIONS, 1, 1);
    GrownValues.Values byFanIn =
        new GrownValues(GrownValues.Kind.INITIAL, 1, Initialization.HE_FAN_IN)
            .of(WEIGHT, BEFORE, CONNECTIONS, 1, 1);
    assertThat(values.at(9, 0) / byFanIn.at(9, 0)).isCloseTo((float) Math.sqrt(50), within(1e-4f));
    assertThat(values.at(209, 0) / byFanIn.at(209, 0))
        .isCloseTo((float) Math.sqrt(200), within(1e-3f));
  }

  @ParameterizedTest
  @EnumSource(names = {"RANDOM_NORMAL", "RANDOM_UNIFORM", "INITIAL"})
  void randomValuesAreFunctionsOfSeedStepAndPosition(GrownValues.Kind kind) {
    float[] values = grown(kind, 1, 1, 100);
    assertThat(grown(kind, 1, 1, 100)).isEqualTo(values);
    assertThat(grown(kind, 1, 2, 100)).isNotEqualTo(values);
    assertThat(grown(kind, 1, 1, 200)).isNotEqualTo(values);
    GrownValues.Values function =
        new GrownValues(kind, 1, Initialization.HE_FAN_IN).of(WEIGHT, BEFORE, CONNECTIONS, 1, 100);
    assertThat(function.at(4711, 9f)).isEqualTo(values[4711]);
    assertThat(values[1]).isNotEqualTo(values[0]);
  }

  @ParameterizedTest
  @CsvSource({
    "GRADIENT,      -0.5,   4,        -2",
    "GRADIENT,      2,      -0.25,    -0.5",
    "GRADIENT,      2,      NaN,      0",
    "GRADIENT,      2,      Infinity, 0",
    "GRADIENT_SIGN, -0.125, 4,        -0.125",
    "GRADIENT_SIGN, 0.125,  -4,       -0.125",
    "GRADIENT_SIGN, 0.125,  0,        0",
    "GRADIENT_SIGN, 0.125,  NaN,      0",
  })
  void gradientsAreScaled(GrownValues.Kind kind, double scale, float gradient, float expected) {
    assertThat(
            new GrownValues(kind, scale, Initialization.HE_FAN_IN)
                .of(WEIGHT, BEFORE, CONNECTIONS, 1, 1)
                .at(3, gradient))
        .isEqualTo(expected);
    assertThat(kind.needsGradient()).isTrue();
  }

  @Test
  void whatIsUnknownIsRefused() {
    for (GrownValues.Kind kind : GrownValues.Kind.values()) {
      assertThat(GrownValues.Kind.named(kind.label())).isEqualTo(kind);
    }
    assertThatThrownBy(() -> GrownValues.Kind.named("ones"))
        .hasMessage(
            "unknown values 'ones' of grown connections; known: zeros random-normal random-uniform"
                + " initial gradient gradient-sign");
    assertThatThrownBy(
            () -> new GrownValues(GrownValues.Kind.ZEROS, Double.NaN, Initialization.HE_FAN_IN))
        .hasMessage("the scale of grown values must be a finite number, not NaN");
  }
}
