package dev.windfall.experiment;

import dev.windfall.training.DurableFile;
import dev.windfall.training.MetricsWindow;
import dev.windfall.training.TrainingEvent;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What a run keeps of its events: their time, the lines of the metrics, the last evaluation. */
final class RunRecord implements AutoCloseable {

  private final RunFolder folder;
  private final TrainingClock clock;
  private final LayerMetrics layers;
  private final MetricsLog metrics;
  private final Consumer<TrainingEvent> listener;
  private TrainingEvent.@Nullable EpochEvaluated latest;

  /**
   * Goes on with the record that the folder holds, which may be none.
   *
   * @param metricsEvery steps from one line of the metrics to the next
   * @param sums of the metrics since their last line
   * @param now what the lines say besides
   * @param layers what the metrics say of each layer
   * @param listener hears of every event, too
   */
  RunRecord(
      RunFolder folder,
      int metricsEvery,
      MetricsWindow sums,
      MetricsLog.Now now,
      LayerMetrics layers,
      Consumer<TrainingEvent> listener,
      LongSupplier nanoseconds)
      throws IOException {
    this.folder = folder;
    this.layers = layers;
    this.listener = listener;
    clock = new TrainingClock(nanoseconds, folder.readElapsed());
    metrics = new MetricsLog(folder.metrics(), metricsEvery, sums, now, layers, nanoseconds);
  }

  /** Must hear of every event. */
  void hear(TrainingEvent event) {
    clock.hear(event);
    layers.hear(event);
    metrics.hear(event);
    if (event instanceof TrainingEvent.EpochEvaluated evaluated) {
      latest = evaluated;
    }
    listener.accept(event);
  }

  /** The time of the whole run. */
  TrainingClock clock() {
    return clock;
  }

  /** Sums of the metrics since their last line. */
  MetricsWindow sums() {
    return metrics.sums();
  }

  /** What the metrics say of each layer. */
  LayerMetrics layers() {
    return layers;
  }

  /** The last evaluation; empty where there was none since the run was resumed. */
  Optional<TrainingEvent.EpochEvaluated> lastEvaluation() {
    return Optional.ofNullable(latest);
  }

  /** Brings to the disk what a checkpoint of this moment relies on. */
  void save() throws IOException {
    metrics.sync();
    DurableFile.writeText(folder.elapsed(), JsonText.document(clock.elapsed()));
  }

  @Override
  public void close() throws IOException {
    metrics.close();
  }
}
