package dev.windfall.sparsity;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * A fraction read as the decimal number that was meant: the one of at most 15 significant digits
 * that is nearest to the double. A double cannot hold 0.29, so the product with 100 falls just
 * short of 29 and its floor is 28; read as a decimal, the floor is 29. Fifteen digits are what
 * every double carries through decimal unchanged, and few enough to wipe out the last bits that a
 * cosine or a power leaves in a computed fraction.
 *
 * @param value the decimal number
 */
record DecimalFraction(BigDecimal value) {

  private static final MathContext FIFTEEN_DIGITS = new MathContext(15, RoundingMode.HALF_EVEN);

  /**
   * Reads a fraction.
   *
   * @param fraction finite
   */
  static DecimalFraction of(double fraction) {
    return new DecimalFraction(BigDecimal.valueOf(fraction).round(FIFTEEN_DIGITS));
  }

  /**
   * The largest whole number that is at most fraction · count, exactly.
   *
   * @param count at least 0
   */
  long floorOf(long count) {
    return whole(count, RoundingMode.FLOOR);
  }

  /**
   * The smallest whole number that is at least fraction · count, exactly.
   *
   * @param count at least 0
   */
  long ceilingOf(long count) {
    return whole(count, RoundingMode.CEILING);
  }

  private long whole(long count, RoundingMode rounding) {
    return value.multiply(BigDecimal.valueOf(count)).setScale(0, rounding).longValueExact();
  }
}
