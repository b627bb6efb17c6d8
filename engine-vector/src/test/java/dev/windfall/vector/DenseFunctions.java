package dev.windfall.vector;

import dev.windfall.network.ActivationFunction;

/** The activation functions by their definitions, in double precision. */
final class DenseFunctions {

  private DenseFunctions() {}

  private static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }

  /** tanh(ln(1 + eˣ)). */
  private static double tanhSoftplus(double x) {
    return StrictMath.tanh(StrictMath.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x))));
  }

  static double value(ActivationFunction function, double x) {
    return switch (function) {
      case IDENTITY -> x;
      case RELU -> Math.max(0, x);
      case SWISH -> x * sigmoid(x);
      case MISH -> x * tanhSoftplus(x);
      case TANH -> StrictMath.tanh(x);
      case SIGMOID -> sigmoid(x);
    };
  }

  static double derivative(ActivationFunction function, double x) {
    double s = sigmoid(x);
    return switch (function) {
      case IDENTITY -> 1;
      case RELU -> x > 0 ? 1 : 0;
      case SWISH -> s + x * s * (1 - s);
      case MISH -> {
        double t = tanhSoftplus(x);
        yield t + x * (1 - t * t) * s;
      }
      case TANH -> 1 - StrictMath.tanh(x) * StrictMath.tanh(x);
      case SIGMOID -> s * (1 - s);
    };
  }
}
