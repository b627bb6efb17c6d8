package dev.windfall.training;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.Session;
import dev.windfall.sparsity.PruningGoal;
import java.util.List;
import java.util.Map;

/**
 * SNIP (Lee et al. 2019): |∂L/∂c| of a factor c = 1 at each connection, which is |g · w|, for the
 * mean cross entropy of some samples.
 *
 * @param batches of the samples
 */
record ConnectionSensitivity(List<Batch> batches) implements Scores {

  private static final Objective LOSS = new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL);

  /** Forward and backward. */
  static final long PASSES = 3;

  @Override
  public int batchSize() {
    return ScoringSamples.largest(batches);
  }

  @Override
  public Round of(Session session, PruningGoal goal) {
    int samples = ScoringSamples.count(batches);
    for (Batch batch : batches) {
      session.accumulate(batch, LOSS, Mode.SCORE, 1.0 / samples, Growth.NONE);
    }
    Map<String, float[]> scores =
        Scores.each(goal, tensor -> Scores.sensitivities(session, tensor));
    session.clearGradient();
    return new Round(scores, PASSES * samples);
  }
}
