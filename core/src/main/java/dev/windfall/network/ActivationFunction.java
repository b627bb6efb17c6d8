package dev.windfall.network;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The element-wise functions that an {@link Layer.Activation} applies. */
public enum ActivationFunction {
  /** The input itself. */
  IDENTITY,
  /** max(0, x). */
  RELU,
  /** x · σ(x), also called SiLU (Ramachandran et al. 2017). */
  SWISH,
  /** x · tanh(ln(1 + eˣ)) (Misra 2019). */
  MISH,
  /**
   * x · Φ(x) with the distribution function Φ of the standard normal distribution, in its exact
   * form by the error function: x / 2 · (1 + erf(x / √2)) (Hendrycks &amp; Gimpel 2016).
   */
  GELU,
  /** x · σ(2x): {@link #SWISH} with a steeper slope, β = 2 (Ramachandran et al. 2017). */
  PSWISH,
  /** x where x is above 0, else eˣ − 1 (Clevert et al. 2016, α = 1). */
  ELU,
  /** ln(1 + eˣ) (Dugas et al. 2001). */
  SOFTPLUS,
  /** x · tanh(x) (Roy et al. 2019): even, so that it is nowhere below 0. */
  LISHT,
  /** The hyperbolic tangent. */
  TANH,
  /** σ(x) = 1 / (1 + e⁻ˣ). */
  SIGMOID;

  /** The name in recipes: lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The function with the given {@link #label()}.
   *
   * @throws IllegalArgumentException naming the known functions when there is none of that name
   */
  public static ActivationFunction named(String label) {
    return Arrays.stream(values())
        .filter(function -> function.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown activation '%s'; known: %s"
                        .formatted(
                            label,
                            Arrays.stream(values())
                                .map(ActivationFunction::label)
                                .collect(Collectors.joining(" ")))));
  }
}
