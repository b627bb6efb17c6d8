package dev.windfall.lottery;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The sparsities down which tickets are drawn, one for each round.
 *
 * @param sparsities of the rounds, ascending, above 0 and below 1
 */
public record PruningLadder(List<Double> sparsities) {

  private static final int MOST_ROUNDS = 100;

  /** Copies the list and checks that it ascends. */
  public PruningLadder {
    sparsities = List.copyOf(sparsities);
    double before = 0;
    for (double sparsity : sparsities) {
      if (!(sparsity > before && sparsity < 1)) {
        throw new IllegalArgumentException(
            "sparsities must ascend between 0 and 1, not " + sparsities);
      }
      before = sparsity;
    }
    if (sparsities.isEmpty() || sparsities.size() > MOST_ROUNDS) {
      throw new IllegalArgumentException(
          "there must be from 1 to %d rounds, not %d".formatted(MOST_ROUNDS, sparsities.size()));
    }
  }

  /**
   * Every round drops the same share of what the one before has left: 1 − (1 − rate)^r after r
   * rounds (Frankle &amp; Carbin 2019, section 2), so 20 %, 36 %, 48.8 %, 59.04 %, … by a rate of
   * 0.2. A round's number of connections follows from this share of all weights, not from the round
   * before, so that roundings do not add up.
   *
   * @param rate above 0 and below 1
   * @param rounds from 1 to 100
   */
  public static PruningLadder of(double rate, int rounds) {
    if (!(rate > 0 && rate < 1)) {
      throw new IllegalArgumentException("rate must be above 0 and below 1, not " + rate);
    }
    if (rounds < 1 || rounds > MOST_ROUNDS) {
      throw new IllegalArgumentException(
          "rounds must be from 1 to %d, not %d".formatted(MOST_ROUNDS, rounds));
    }
    BigDecimal left = BigDecimal.ONE.subtract(BigDecimal.valueOf(rate));
    return new PruningLadder(
        IntStream.rangeClosed(1, rounds)
            .mapToObj(round -> BigDecimal.ONE.subtract(left.pow(round)).doubleValue())
            .toList());
  }

  /** How many rounds there are. */
  public int rounds() {
    return sparsities.size();
  }

  /**
   * The sparsity after a round.
   *
   * @param round from 1
   */
  public double sparsity(int round) {
    return sparsities.get(round - 1);
  }

  /**
   * The sparsity after a round of a layer that loses half the share of the others in each: 1 − (1 −
   * rate/2)^r where the rounds have the same rate.
   *
   * @param round from 1
   */
  public double sparsityAtHalfTheRate(int round) {
    BigDecimal left = BigDecimal.ONE;
    BigDecimal before = BigDecimal.ONE;
    for (double sparsity : sparsities.subList(0, round)) {
      BigDecimal now = BigDecimal.ONE.subtract(BigDecimal.valueOf(sparsity));
      BigDecimal kept = now.divide(before, MathContext.DECIMAL128);
      left = left.multiply(kept.add(BigDecimal.ONE)).divide(BigDecimal.TWO, MathContext.DECIMAL128);
      before = now;
    }
    return BigDecimal.ONE.subtract(left).doubleValue();
  }
}
