package dev.windfall.training;

/**
 * What the metrics have summed since their last line: the part of them that a stopped training must
 * remember to write its next line as if it had not stopped.
 *
 * @param samples trained on
 * @param loss sum of the samples' losses
 * @param correct samples whose largest logit was the label's
 * @param connectionsReplaced connections that were dropped and replaced by others
 */
public record MetricsWindow(long samples, double loss, long correct, long connectionsReplaced) {

  /** Nothing summed yet. */
  public static final MetricsWindow EMPTY = new MetricsWindow(0, 0, 0, 0);

  /** With one step more. */
  public MetricsWindow plus(TrainingEvent.StepDone done) {
    return new MetricsWindow(
        samples + done.samples(),
        loss + done.loss() * done.samples(),
        correct + done.correct(),
        connectionsReplaced);
  }

  /** With one update of the connections more. */
  public MetricsWindow plus(TrainingEvent.TopologyUpdated updated) {
    return new MetricsWindow(
        samples, loss, correct, connectionsReplaced + updated.outcome().replaced());
  }
}
