package dev.windfall.training;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Session;

/**
 * A trained network that shows another what it would say ({@link
 * dev.windfall.engine.Objective.Distillation}).
 *
 * @param session of the trained network, for batches as large as the other's; not changed
 * @param forwardFlops operations of one sample's forward pass, by the report's counter
 */
public record Teacher(Session session, long forwardFlops) implements AutoCloseable {

  /**
   * A batch with what the teacher says to its samples, by its running statistics and without
   * dropout.
   *
   * @throws NonFiniteLossException where that is no number
   */
  Batch taught(Batch batch) {
    float[] logits = session.logits(batch, Mode.EVALUATE);
    for (float logit : logits) {
      if (!Float.isFinite(logit)) {
        throw new NonFiniteLossException(
            "step %d: the teacher's logits are not finite; take another teacher"
                .formatted(batch.step()));
      }
    }
    return batch.withTeacher(logits);
  }

  @Override
  public void close() {
    session.close();
  }
}
