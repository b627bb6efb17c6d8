package dev.windfall.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.network.Parameter.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class InitializationTest {

  private static final Parameter CONVOLUTION = Parameter.of("conv", Role.WEIGHT, 64, 32, 3, 3);
  private static final Parameter LINEAR = Parameter.of("linear", Role.WEIGHT, 10, 128);

  @ParameterizedTest
  @CsvSource({
    "HE_FAN_IN, 0.08333333333333333, 0.125",
    "HE_FAN_OUT, 0.05892556509887896, 0.125",
    "GLOROT, 0.048112522432468816, 0.1203858530857692",
    "SPARSE_AWARE, 0.08333333333333333, 0.125",
  })
  void deviationIsTheRootOfTwoOverTheFan(
      Initialization initialization, double convolution, double linear) {
    assertThat(initialization.standardDeviation(CONVOLUTION, 288)).isEqualTo(convolution);
    assertThat(initialization.standardDeviation(LINEAR, 128)).isEqualTo(linear);
  }

  /** The mean of n normal numbers deviates by σ/√n, their deviation by σ/√2n: five of each. */
  @ParameterizedTest
  @EnumSource
  void weightsAreNormal(Initialization initialization) {
    Initialization.Values values = initialization.values(7, CONVOLUTION);
    int count = Math.toIntExact(CONVOLUTION.elements());
    double sum = 0;
    double squares = 0;
    for (long position = 0; position < count; position++) {
      sum += values.at(position, CONVOLUTION.rowLength());
      squares +=
          (double) values.at(position, CONVOLUTION.rowLength())
              * values.at(position, CONVOLUTION.rowLength());
    }
    double expected = initialization.standardDeviation(CONVOLUTION, 288);
    assertThat(sum / count).isCloseTo(0, within(5 * expected / Math.sqrt(count)));
    assertThat(Math.sqrt(squares / count))
        .isCloseTo(expected, within(5 * expected / Math.sqrt(2.0 * count)));
  }

  @Test
  void valueIsAFunctionOfSeedTensorAndPosition() {
    float value = Initialization.HE_FAN_OUT.values(7, CONVOLUTION).at(1000, 288);
    assertThat(Initialization.HE_FAN_OUT.values(7, CONVOLUTION).at(1000, 288)).isEqualTo(value);
    assertThat(Initialization.HE_FAN_OUT.values(8, CONVOLUTION).at(1000, 288)).isNotEqualTo(value);
    assertThat(Initialization.HE_FAN_OUT.values(7, CONVOLUTION).at(1001, 288)).isNotEqualTo(value);
    Parameter other = Parameter.of("other", Role.WEIGHT, 64, 32, 3, 3);
    assertThat(Initialization.HE_FAN_OUT.values(7, other).at(1000, 288)).isNotEqualTo(value);
  }

  /** A row of 8 connections has 36 times the variance of one of 288: the same draws, six times. */
  @Test
  void sparseAwareGoesByTheConnectionsOfTheRow() {
    Initialization aware = Initialization.SPARSE_AWARE;
    assertThat(aware.standardDeviation(CONVOLUTION, 8)).isEqualTo(0.5);
    assertThat(aware.standardDeviation(LINEAR, 2)).isEqualTo(1);
    Initialization.Values values = aware.values(7, CONVOLUTION);
    Initialization.Values byFanIn = Initialization.HE_FAN_IN.values(7, CONVOLUTION);
    for (long position = 0; position < 1000; position++) {
      assertThat(values.at(position, 288)).isEqualTo(byFanIn.at(position, 288));
      assertThat(values.at(position, 8)).isCloseTo(6 * values.at(position, 288), within(2e-6f));
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SPARSE_AWARE")
  void otherInitialisationsAreTheDenseNetworks(Initialization initialization) {
    Initialization.Values values = initialization.values(7, CONVOLUTION);
    assertThat(values.at(5, 3)).isEqualTo(values.at(5, 288));
  }

  @Test
  void scalesStartWhereTheirLayerSays() {
    Parameter scale = Parameter.of("a", Role.SCALE, 4).startingAt(0);
    assertThat(Initialization.GLOROT.values(1, scale).at(3, 1)).isZero();
    assertThat(scale.name()).isEqualTo("a.scale");
  }

  @Test
  void otherTensorsAreConstant() {
    Initialization he = Initialization.HE_FAN_OUT;
    assertThat(he.values(1, Parameter.of("a", Role.BIAS, 4)).at(3, 1)).isZero();
    assertThat(he.values(1, Parameter.of("a", Role.SHIFT, 4)).at(3, 1)).isZero();
    assertThat(he.values(1, Parameter.of("a", Role.RUNNING_MEAN, 4)).at(3, 1)).isZero();
    assertThat(he.values(1, Parameter.of("a", Role.SCALE, 4)).at(3, 1)).isOne();
    assertThat(he.values(1, Parameter.of("a", Role.RUNNING_VARIANCE, 4)).at(3, 1)).isOne();
  }

  @Test
  void tensorsKnowTheirExtents() {
    assertThat(CONVOLUTION.elements()).isEqualTo(18432);
    assertThat(CONVOLUTION.rows()).isEqualTo(64);
    assertThat(CONVOLUTION.rowLength()).isEqualTo(288);
    assertThat(CONVOLUTION.kernelElements()).isEqualTo(9);
    assertThat(CONVOLUTION.fanIn()).isEqualTo(288);
    assertThat(CONVOLUTION.fanOut()).isEqualTo(576);
    assertThat(LINEAR.rowLength()).isEqualTo(128);
    assertThat(LINEAR.fanOut()).isEqualTo(10);
    Parameter huge = Parameter.of("huge", Role.WEIGHT, 90_000, 90_000);
    assertThat(huge.elements()).isEqualTo(8_100_000_000L);
    Parameter bias = Parameter.of("linear", Role.BIAS, 10);
    assertThat(bias.elements()).isEqualTo(10);
    assertThat(bias.isPrunable()).isFalse();
    assertThat(bias.role().isTrained()).isTrue();
    assertThat(Role.RUNNING_MEAN.isTrained()).isFalse();
  }
}
