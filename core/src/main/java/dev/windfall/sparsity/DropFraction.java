package dev.windfall.sparsity;

import java.util.List;

/**
 * How the share of connections that an update replaces falls from the first update to the last. The
 * results are the same bits on every machine.
 */
public sealed interface DropFraction {

  /** The names of all schedules, in recipes. */
  List<String> LABELS = List.of("constant", "cosine", "linear", "inverse-power");

  /** The name in recipes, such as {@code cosine}. */
  String label();

  /** The share at the first update, α; from 0 to 1. */
  double initial();

  /**
   * The share of a layer's connections that an update replaces.
   *
   * @param progress from 0 when updates begin to 1 when they end
   * @return from 0 to {@link #initial()}
   */
  double at(double progress);

  /**
   * The schedule with the given label; {@code linear} is the inverse power of 1.
   *
   * @param label one of {@link #LABELS}
   * @param initial the share at the first update, from 0 to 1
   * @param power of {@code inverse-power}, above 0; 3 in Evci et al. 2020
   * @throws IllegalArgumentException naming the known ones when there is none of that name, or for
   *     a share or power out of range
   */
  static DropFraction named(String label, double initial, double power) {
    return switch (label) {
      case "constant" -> new Constant(initial);
      case "cosine" -> new Cosine(initial);
      case "linear" -> new InversePower(initial, 1);
      case "inverse-power" -> new InversePower(initial, power);
      default ->
          throw new IllegalArgumentException(
              "unknown update schedule '%s'; known: %s".formatted(label, String.join(" ", LABELS)));
    };
  }

  /**
   * The same share at every update.
   *
   * @param initial α, from 0 to 1
   */
  record Constant(double initial) implements DropFraction {
    /** Checks the range. */
    public Constant {
      requireShare(initial);
    }

    @Override
    public String label() {
      return "constant";
    }

    @Override
    public double at(double progress) {
      return initial;
    }
  }

  /**
   * Half a cosine: α / 2 · (1 + cos(π · progress)) (Evci et al. 2020, section 3).
   *
   * @param initial α, from 0 to 1
   */
  record Cosine(double initial) implements DropFraction {
    /** Checks the range. */
    public Cosine {
      requireShare(initial);
    }

    @Override
    public String label() {
      return "cosine";
    }

    @Override
    public double at(double progress) {
      return initial / 2 * (1 + StrictMath.cos(StrictMath.PI * progress));
    }
  }

  /**
   * A power of what is left: α · (1 − progress)ᵏ (Evci et al. 2020, appendix, after the pruning
   * schedule of Zhu &amp; Gupta 2017).
   *
   * @param initial α, from 0 to 1
   * @param power k, above 0; 1 is linear
   */
  record InversePower(double initial, double power) implements DropFraction {
    /** Checks the ranges. */
    public InversePower {
      requireShare(initial);
      if (!(power > 0 && Double.isFinite(power))) {
        throw new IllegalArgumentException(
            "inverse power: the power must be above 0, not " + power);
      }
    }

    @Override
    public String label() {
      return power == 1 ? "linear" : "inverse-power";
    }

    @Override
    public double at(double progress) {
      return initial * StrictMath.pow(1 - progress, power);
    }
  }

  private static void requireShare(double initial) {
    if (!(initial >= 0 && initial <= 1)) {
      throw new IllegalArgumentException("drop fraction must be from 0 to 1, not " + initial);
    }
  }
}
