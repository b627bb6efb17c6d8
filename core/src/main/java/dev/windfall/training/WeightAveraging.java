package dev.windfall.training;

/**
 * When a training averages its weights: stochastic weight averaging (Izmailov et al. 2018,
 * algorithm 1). Weights are taken at the ends of epochs, the last epoch's always among them.
 *
 * @param from steps before which none are taken, at least 0
 * @param every epochs from one taken to the next, counted back from the last, at least 1
 */
public record WeightAveraging(long from, int every) {

  /** Checks the ranges. */
  public WeightAveraging {
    if (from < 0 || every < 1) {
      throw new IllegalArgumentException(
          "averaging must begin at step 0 or later and take weights every epoch or less often, not"
              + " at step %d every %d epochs".formatted(from, every));
    }
  }

  /**
   * Whether the weights at the end of an epoch are taken.
   *
   * @param epoch from 0
   * @param epochs of the training
   * @param stepsPerEpoch of the training
   */
  public boolean takes(int epoch, int epochs, int stepsPerEpoch) {
    return (epoch + 1L) * stepsPerEpoch > from && (epochs - 1 - epoch) % every == 0;
  }
}
