package dev.windfall.engine.contract;

import dev.windfall.network.ActivationFunction;

/** The activation functions by their definitions, in double precision. */
public final class DenseFunctions {

  private DenseFunctions() {}

  private static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }

  /** ln(1 + eˣ). */
  private static double softplus(double x) {
    return StrictMath.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }

  private static double tanhSoftplus(double x) {
    return StrictMath.tanh(softplus(x));
  }

  /**
   * erf(x) = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1 · 3 · … · (2n+1)), a series without cancellation;
   * ±1 to the last bit beyond 6.
   */
  private static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * StrictMath.exp(-x * x) * sum;
  }

  private static double normal(double x) {
    return (1 + erf(x / Math.sqrt(2))) / 2;
  }

  public static double value(ActivationFunction function, double x) {
    return switch (function) {
      case IDENTITY -> x;
      case RELU -> Math.max(0, x);
      case SWISH -> x * sigmoid(x);
      case MISH -> x * tanhSoftplus(x);
      case GELU -> x * normal(x);
      case PSWISH -> x * sigmoid(2 * x);
      case ELU -> x > 0 ? x : StrictMath.expm1(x);
      case SOFTPLUS -> softplus(x);
      case LISHT -> x * StrictMath.tanh(x);
      case TANH -> StrictMath.tanh(x);
      case SIGMOID -> sigmoid(x);
    };
  }

  public static double derivative(ActivationFunction function, double x) {
    double s = sigmoid(x);
    return switch (function) {
      case IDENTITY -> 1;
      case RELU -> x > 0 ? 1 : 0;
      case SWISH -> s + x * s * (1 - s);
      case MISH -> {
        double t = tanhSoftplus(x);
        yield t + x * (1 - t * t) * s;
      }
      case GELU -> normal(x) + x * StrictMath.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      case PSWISH -> {
        double steep = sigmoid(2 * x);
        yield steep + 2 * x * steep * (1 - steep);
      }
      case ELU -> x > 0 ? 1 : StrictMath.exp(x);
      case SOFTPLUS -> s;
      case LISHT -> StrictMath.tanh(x) + x * (1 - StrictMath.tanh(x) * StrictMath.tanh(x));
      case TANH -> 1 - StrictMath.tanh(x) * StrictMath.tanh(x);
      case SIGMOID -> s * (1 - s);
    };
  }
}
