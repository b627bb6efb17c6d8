package dev.windfall.vector;

import dev.windfall.network.ActivationFunction;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** {@link ScalarFunctions}, expression by expression, on vectors. */
final class VectorFunctions {

  private VectorFunctions() {}

  private static FloatVector constant(FloatVector like, float value) {
    return FloatVector.broadcast(like.species(), value);
  }

  /** Replaces lanes above a limit by the limit; NaN stays. */
  private static FloatVector atMost(FloatVector x, float limit) {
    return x.blend(constant(x, limit), x.compare(VectorOperators.GT, limit));
  }

  static FloatVector exp(FloatVector x) {
    FloatVector clamped = atMost(x, ScalarFunctions.HIGHEST);
    clamped =
        clamped.blend(
            constant(x, ScalarFunctions.LOWEST),
            clamped.compare(VectorOperators.LT, ScalarFunctions.LOWEST));
    FloatVector shifted =
        clamped.fma(constant(x, ScalarFunctions.LOG2_E), constant(x, ScalarFunctions.ROUNDER));
    FloatVector n = shifted.sub(ScalarFunctions.ROUNDER);
    FloatVector r =
        n.fma(
            constant(x, -ScalarFunctions.LN2_LOW),
            n.fma(constant(x, -ScalarFunctions.LN2_HIGH), clamped));
    FloatVector series = constant(x, ScalarFunctions.C6).fma(r, constant(x, ScalarFunctions.C5));
    series = series.fma(r, constant(x, ScalarFunctions.C4));
    series = series.fma(r, constant(x, ScalarFunctions.C3));
    series = series.fma(r, constant(x, ScalarFunctions.C2));
    series = series.fma(r, constant(x, 1));
    series = series.fma(r, constant(x, 1));
    IntVector exponent =
        shifted
            .reinterpretAsInts()
            .lanewise(VectorOperators.LSHL, 23)
            .add(Float.floatToRawIntBits(1f));
    return series.mul(exponent.reinterpretAsFloats());
  }

  static FloatVector sigmoid(FloatVector x) {
    return constant(x, 1).div(exp(x.neg()).add(1));
  }

  static FloatVector tanh(FloatVector x) {
    return constant(x, 2).fma(sigmoid(x.mul(2)), constant(x, -1));
  }

  static FloatVector tanhSoftplus(FloatVector x) {
    FloatVector u = exp(atMost(x, ScalarFunctions.MISH_LINEAR));
    FloatVector v = u.fma(u, u.mul(2));
    return v.div(v.add(2));
  }

  static FloatVector softplus(FloatVector x) {
    FloatVector u = exp(x.abs().neg());
    FloatVector s = u.div(u.add(2));
    FloatVector square = s.mul(s);
    FloatVector series =
        constant(x, ScalarFunctions.L13).fma(square, constant(x, ScalarFunctions.L11));
    series = series.fma(square, constant(x, ScalarFunctions.L9));
    series = series.fma(square, constant(x, ScalarFunctions.L7));
    series = series.fma(square, constant(x, ScalarFunctions.L5));
    series = series.fma(square, constant(x, ScalarFunctions.L3));
    series = series.fma(square, constant(x, ScalarFunctions.L1));
    return series.fma(s, relu(x));
  }

  static FloatVector bell(FloatVector x) {
    return exp(constant(x, -0.5f).mul(x).mul(x));
  }

  static FloatVector normal(FloatVector x, FloatVector bell) {
    FloatVector one = constant(x, 1);
    FloatVector t = one.div(constant(x, ScalarFunctions.NORMAL_P).fma(x.abs(), one));
    FloatVector series =
        constant(x, ScalarFunctions.ERF_A5).fma(t, constant(x, ScalarFunctions.ERF_A4));
    series = series.fma(t, constant(x, ScalarFunctions.ERF_A3));
    series = series.fma(t, constant(x, ScalarFunctions.ERF_A2));
    series = series.fma(t, constant(x, ScalarFunctions.ERF_A1));
    FloatVector tail = constant(x, 0.5f).mul(series).mul(t).mul(bell);
    return tail.blend(one.sub(tail), x.compare(VectorOperators.GT, 0));
  }

  /** z where z is above 0 or NaN, else 0. */
  static FloatVector relu(FloatVector z) {
    return z.blend(0, z.compare(VectorOperators.LE, 0));
  }

  /** g where z is above 0 or NaN, else 0. */
  static FloatVector whereAbove(FloatVector z, FloatVector g) {
    return g.blend(0, z.compare(VectorOperators.LE, 0));
  }

  /** f(x). */
  static FloatVector value(ActivationFunction function, FloatVector x) {
    return switch (function) {
      case IDENTITY -> x;
      case RELU -> relu(x);
      case SWISH -> x.mul(sigmoid(x));
      case MISH -> x.mul(tanhSoftplus(x));
      case GELU -> x.mul(normal(x, bell(x)));
      case PSWISH -> x.mul(sigmoid(x.mul(2)));
      case ELU -> exp(x).sub(1).blend(x, x.compare(VectorOperators.GT, 0));
      case SOFTPLUS -> softplus(x);
      case LISHT -> x.mul(tanh(x));
      case TANH -> tanh(x);
      case SIGMOID -> sigmoid(x);
    };
  }

  /** f′(x). */
  static FloatVector derivative(ActivationFunction function, FloatVector x) {
    return switch (function) {
      case IDENTITY -> constant(x, 1);
      case RELU -> whereAbove(x, constant(x, 1));
      case SWISH -> {
        FloatVector s = sigmoid(x);
        yield x.mul(s).fma(constant(x, 1).sub(s), s);
      }
      case MISH -> {
        FloatVector t = tanhSoftplus(x);
        yield x.mul(sigmoid(x)).fma(t.neg().fma(t, constant(x, 1)), t);
      }
      case GELU -> {
        FloatVector bell = bell(x);
        yield x.mul(constant(x, ScalarFunctions.NORMAL_DENSITY)).fma(bell, normal(x, bell));
      }
      case PSWISH -> {
        FloatVector s = sigmoid(x.mul(2));
        yield x.mul(2).mul(s).fma(constant(x, 1).sub(s), s);
      }
      case ELU -> exp(x).blend(1, x.compare(VectorOperators.GT, 0));
      case SOFTPLUS -> sigmoid(x);
      case LISHT -> {
        FloatVector t = tanh(x);
        yield x.fma(t.neg().fma(t, constant(x, 1)), t);
      }
      case TANH -> {
        FloatVector t = tanh(x);
        yield t.neg().fma(t, constant(x, 1));
      }
      case SIGMOID -> {
        FloatVector s = sigmoid(x);
        yield s.mul(constant(x, 1).sub(s));
      }
    };
  }
}
