package dev.windfall.vector;

import dev.windfall.network.ActivationFunction;

/**
 * The smooth activation functions, one number at a time, by a polynomial of our own: the same bits
 * on every machine and in {@link VectorFunctions}, which computes the same expressions on vectors.
 * For |x| up to 1e30, values are wrong by less than 5e-7 · max(1, |x|), derivatives by 2.5e-6.
 */
final class ScalarFunctions {

  // eˣ = 2ⁿ · eʳ with n = round(x / ln 2) and |r| ≤ ln 2 / 2; ln 2 in two parts keeps r exact.
  static final float LOG2_E = 0x1.715476p0f;
  static final float LN2_HIGH = 0x1.63p-1f;
  static final float LN2_LOW = -0x1.bd0106p-13f;

  /** Adding 1.5 · 2²³ rounds to an integer, which then stands in the low bits. */
  static final float ROUNDER = 12582912f;

  /** Beyond these, eˣ is no normal float. */
  static final float LOWEST = -87f;

  static final float HIGHEST = 88f;

  /** The Taylor coefficients 1/6!, …, 1/2! of eʳ. */
  static final float C6 = 1f / 720;

  static final float C5 = 1f / 120;
  static final float C4 = 1f / 24;
  static final float C3 = 1f / 6;
  static final float C2 = 1f / 2;

  /** Where mish is x to the last bit. */
  static final float MISH_LINEAR = 20f;

  // erfc(z) = t · (A1 + t · (A2 + …)) · e^(−z²) with t = 1 / (1 + P · z) for z ≥ 0, wrong by less
  // than
  // 1.5e-7 (Abramowitz & Stegun 1964, 7.1.26).
  static final float ERF_A1 = (float) 0.254829592;
  static final float ERF_A2 = (float) -0.284496736;
  static final float ERF_A3 = (float) 1.421413741;
  static final float ERF_A4 = (float) -1.453152027;
  static final float ERF_A5 = (float) 1.061405429;

  /** P / √2: the normal distribution is the error function of x / √2. */
  static final float NORMAL_P = (float) (0.3275911 / 1.4142135623730951);

  // ln(1 + u) = 2 (s + s³/3 + s⁵/5 + …) with s = u / (2 + u), which is at most 1/3 for u up to 1;
  // the
  // terms beyond s¹³ are less than 1.1e-8.
  static final float L13 = 2f / 13;
  static final float L11 = 2f / 11;
  static final float L9 = 2f / 9;
  static final float L7 = 2f / 7;
  static final float L5 = 2f / 5;
  static final float L3 = 2f / 3;
  static final float L1 = 2;

  /** The density of the normal distribution at 0: 1 / √(2π). */
  static final float NORMAL_DENSITY = (float) 0.3989422804;

  private ScalarFunctions() {}

  static float exp(float x) {
    float clamped = x > HIGHEST ? HIGHEST : x < LOWEST ? LOWEST : x;
    float shifted = Math.fma(clamped, LOG2_E, ROUNDER);
    float n = shifted - ROUNDER;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, clamped));
    float series = Math.fma(C6, r, C5);
    series = Math.fma(series, r, C4);
    series = Math.fma(series, r, C3);
    series = Math.fma(series, r, C2);
    series = Math.fma(series, r, 1);
    series = Math.fma(series, r, 1);
    int exponent = (Float.floatToRawIntBits(shifted) << 23) + Float.floatToRawIntBits(1f);
    return series * Float.intBitsToFloat(exponent);
  }

  static float sigmoid(float x) {
    return 1 / (1 + exp(-x));
  }

  static float tanh(float x) {
    return Math.fma(2, sigmoid(2 * x), -1);
  }

  /** tanh(ln(1 + eˣ)) = (u² + 2u) / (u² + 2u + 2) with u = eˣ. */
  static float tanhSoftplus(float x) {
    float u = exp(x > MISH_LINEAR ? MISH_LINEAR : x);
    float v = Math.fma(u, u, 2 * u);
    return v / (v + 2);
  }

  /** ln(1 + eˣ) = max(0, x) + ln(1 + u) with u = e^−|x|. */
  static float softplus(float x) {
    float u = exp(-Math.abs(x));
    float s = u / (2 + u);
    float square = s * s;
    float series = Math.fma(L13, square, L11);
    series = Math.fma(series, square, L9);
    series = Math.fma(series, square, L7);
    series = Math.fma(series, square, L5);
    series = Math.fma(series, square, L3);
    series = Math.fma(series, square, L1);
    return Math.fma(series, s, relu(x));
  }

  /** x where x is above 0 or NaN, else 0. */
  private static float relu(float x) {
    return x <= 0 ? 0 : x;
  }

  /** e^(−x²/2). */
  static float bell(float x) {
    return exp(-0.5f * x * x);
  }

  /**
   * The distribution function Φ of the normal distribution.
   *
   * @param bell {@link #bell} of x
   */
  static float normal(float x, float bell) {
    float t = 1 / Math.fma(NORMAL_P, Math.abs(x), 1);
    float series = Math.fma(ERF_A5, t, ERF_A4);
    series = Math.fma(series, t, ERF_A3);
    series = Math.fma(series, t, ERF_A2);
    series = Math.fma(series, t, ERF_A1);
    float tail = 0.5f * series * t * bell;
    return x > 0 ? 1 - tail : tail;
  }

  /** f(x). */
  static float value(ActivationFunction function, float x) {
    return switch (function) {
      case IDENTITY -> x;
      case RELU -> relu(x);
      case SWISH -> x * sigmoid(x);
      case MISH -> x * tanhSoftplus(x);
      case GELU -> x * normal(x, bell(x));
      case PSWISH -> x * sigmoid(2 * x);
      case ELU -> x > 0 ? x : exp(x) - 1;
      case SOFTPLUS -> softplus(x);
      case LISHT -> x * tanh(x);
      case TANH -> tanh(x);
      case SIGMOID -> sigmoid(x);
    };
  }

  /** f′(x); 0 for ReLU at 0. */
  static float derivative(ActivationFunction function, float x) {
    return switch (function) {
      case IDENTITY -> 1;
      case RELU -> x <= 0 ? 0 : 1;
      case SWISH -> {
        float s = sigmoid(x);
        yield Math.fma(x * s, 1 - s, s);
      }
      case MISH -> {
        float t = tanhSoftplus(x);
        yield Math.fma(x * sigmoid(x), Math.fma(-t, t, 1), t);
      }
      case GELU -> {
        float bell = bell(x);
        yield Math.fma(x * NORMAL_DENSITY, bell, normal(x, bell));
      }
      case PSWISH -> {
        float s = sigmoid(2 * x);
        yield Math.fma(2 * x * s, 1 - s, s);
      }
      case ELU -> x > 0 ? 1 : exp(x);
      case SOFTPLUS -> sigmoid(x);
      case LISHT -> {
        float t = tanh(x);
        yield Math.fma(x, Math.fma(-t, t, 1), t);
      }
      case TANH -> {
        float t = tanh(x);
        yield Math.fma(-t, t, 1);
      }
      case SIGMOID -> {
        float s = sigmoid(x);
        yield s * (1 - s);
      }
    };
  }
}
