package dev.windfall.lottery;

/** A moment of a training to which it can be rewound. */
public sealed interface RewindPoint {

  /** Epoch 33 of 180, as in "Spending Your Winning Lottery Better" (section 4.1). */
  static RewindPoint usual() {
    return new Share(33.0 / 180);
  }

  /** After so many epochs. */
  record Epoch(int epoch) implements RewindPoint {
    /** Checks the range. */
    public Epoch {
      require(epoch >= 0, "an epoch, from 0", epoch);
    }
  }

  /** After so many steps. */
  record Step(long step) implements RewindPoint {
    /** Checks the range. */
    public Step {
      require(step >= 0, "a step, from 0", step);
    }
  }

  /** After a share of all steps, to the nearest step. */
  record Share(double share) implements RewindPoint {
    /** Checks the range. */
    public Share {
      require(share >= 0 && share < 1, "a share of the training, from 0 to below 1", share);
    }
  }

  private static void require(boolean holds, String what, Object value) {
    if (!holds) {
      throw new IllegalArgumentException("the point must be %s, not %s".formatted(what, value));
    }
  }

  /**
   * The first step that is done again.
   *
   * @param steps of the whole training
   * @param stepsPerEpoch of an epoch
   * @throws IllegalArgumentException where the training has no such step
   */
  default long step(long steps, int stepsPerEpoch) {
    long step =
        switch (this) {
          case Epoch(int epoch) -> (long) epoch * stepsPerEpoch;
          case Step(long asked) -> asked;
          case Share(double share) -> Math.round(share * steps);
        };
    if (step >= steps) {
      throw new IllegalArgumentException(
          "a training of %d steps cannot be rewound to the end of step %d".formatted(steps, step));
    }
    return step;
  }
}
