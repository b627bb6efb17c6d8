package dev.windfall.training;

import java.util.List;

/** How the learning rate falls over a training: a factor of the base rate. */
public sealed interface LearningRateSchedule {

  /**
   * The factor at a step.
   *
   * @param step from 0 to below {@code steps}
   * @param warmUpSteps steps at the beginning in which {@link LearningRate} raises the rate
   * @param steps of the whole training
   */
  double factor(long step, long warmUpSteps, long steps);

  /** The same rate from beginning to end. */
  record Constant() implements LearningRateSchedule {
    @Override
    public double factor(long step, long warmUpSteps, long steps) {
      return 1;
    }
  }

  /**
   * A factor that applies once more from each anchor on.
   *
   * @param at anchors as fractions of the whole training, ascending, each in (0, 1)
   * @param factor above 0 and at most 1
   */
  record Step(List<Double> at, double factor) implements LearningRateSchedule {
    /** Checks the ranges. */
    public Step {
      at = List.copyOf(at);
      double previous = 0;
      for (double anchor : at) {
        if (!(anchor > previous && anchor < 1)) {
          throw new IllegalArgumentException(
              "anchors must be ascending fractions of the training between 0 and 1, not " + at);
        }
        previous = anchor;
      }
      if (!(factor > 0 && factor <= 1)) {
        throw new IllegalArgumentException("factor must be above 0 and at most 1, not " + factor);
      }
    }

    @Override
    public double factor(long step, long warmUpSteps, long steps) {
      double progress = (double) step / steps;
      double result = 1;
      for (double anchor : at) {
        result *= progress >= anchor ? factor : 1;
      }
      return result;
    }
  }

  /** A straight line from 1, when the warm-up ends, to 0 at the end of the training. */
  record Linear() implements LearningRateSchedule {
    @Override
    public double factor(long step, long warmUpSteps, long steps) {
      return 1 - (double) Math.max(0, step - warmUpSteps) / (steps - warmUpSteps);
    }
  }

  /**
   * Half a cosine from 1, when the warm-up ends, to 0 at the end of the training (Loshchilov &amp;
   * Hutter 2017, without restarts).
   */
  record Cosine() implements LearningRateSchedule {
    @Override
    public double factor(long step, long warmUpSteps, long steps) {
      return halfCosine(Math.max(0, step - warmUpSteps), steps - warmUpSteps);
    }
  }

  /**
   * Half cosines from 1 to 0, one after the other (Loshchilov &amp; Hutter 2017, equation 5). The
   * periods fill what the warm-up leaves, so the training ends with the last of them: with two
   * restarts and a factor of 2, they are 1/7, 2/7 and 4/7 of it.
   *
   * @param restarts how often the rate jumps back to 1, from 0 to 100
   * @param periodFactor how much longer each period is than the one before, from 1 to 10
   */
  record CosineRestarts(int restarts, double periodFactor) implements LearningRateSchedule {
    /** Checks the ranges. */
    public CosineRestarts {
      if (restarts < 0 || restarts > 100 || !(periodFactor >= 1 && periodFactor <= 10)) {
        throw new IllegalArgumentException(
            "restarts must be from 0 to 100 and their period-factor from 1 to 10, not %d and %s"
                .formatted(restarts, periodFactor));
      }
    }

    @Override
    public double factor(long step, long warmUpSteps, long steps) {
      long place = Math.max(0, step - warmUpSteps);
      long begin = 0;
      for (int period = 1; period <= restarts; period++) {
        long end = beginOf(period, steps - warmUpSteps);
        if (place < end) {
          return halfCosine(place - begin, end - begin);
        }
        begin = end;
      }
      return halfCosine(place - begin, steps - warmUpSteps - begin);
    }

    /** The first step of a period, from 0: the nearest to the periods' share of all steps. */
    private long beginOf(int period, long steps) {
      double before = 0;
      double all = 0;
      double length = 1;
      for (int i = 0; i <= restarts; i++) {
        before += i < period ? length : 0;
        all += length;
        length *= periodFactor;
      }
      return Math.round(steps * (before / all));
    }
  }

  /**
   * Another schedule up to some moment, and from there on the same rate.
   *
   * @param until the other schedule
   * @param from share of the whole training, in [0, 1)
   * @param heldFactor factor of the base rate from there on, above 0
   */
  record HeldFrom(LearningRateSchedule until, double from, double heldFactor)
      implements LearningRateSchedule {
    /** Checks the ranges. */
    public HeldFrom {
      if (!(from >= 0 && from < 1 && heldFactor > 0)) {
        throw new IllegalArgumentException(
            "a rate is held from a share of the training in [0, 1) on, and above 0, not from %s at %s"
                .formatted(from, heldFactor));
      }
    }

    @Override
    public double factor(long step, long warmUpSteps, long steps) {
      return step >= Math.ceil(from * steps) ? heldFactor : until.factor(step, warmUpSteps, steps);
    }
  }

  private static double halfCosine(long place, long length) {
    return (1 + StrictMath.cos(StrictMath.PI * place / length)) / 2;
  }
}
