package dev.windfall.experiment;

import dev.windfall.training.Evaluation;
import dev.windfall.training.TrainingEvent;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes {@code metrics.jsonl}: a line every {@value #STEPS_BETWEEN_LINES} steps and at every
 * evaluation, each about the steps since the line before it.
 */
final class MetricsLog implements AutoCloseable {

  private static final int STEPS_BETWEEN_LINES = 50;

  private final BufferedWriter writer;
  private final LongSupplier nanoseconds;
  private double sparsity;
  private TrainingClock window;
  private TrainingEvent.@Nullable StepDone latest;
  private double loss;
  private long correct;
  private long replaced;

  /** A new file; the sparsity is that of the start. */
  MetricsLog(Path file, double sparsity, LongSupplier nanoseconds) throws IOException {
    writer = Files.newBufferedWriter(file);
    this.sparsity = sparsity;
    this.nanoseconds = nanoseconds;
    window = new TrainingClock(nanoseconds);
  }

  /** A line; what was not measured at its point is null. */
  private record Line(
      long step,
      int epoch,
      @Nullable Double trainingLoss,
      @Nullable Double trainingAccuracy,
      @Nullable Double validationLoss,
      @Nullable Double validationAccuracy,
      @Nullable Double testLoss,
      @Nullable Double testAccuracy,
      double learningRate,
      double sparsity,
      long connectionsReplaced,
      @Nullable Double imagesPerSecond) {}

  /** Must hear of every event. */
  void hear(TrainingEvent event) {
    window.hear(event);
    switch (event) {
      case TrainingEvent.StepDone done -> {
        latest = done;
        loss += done.loss() * done.samples();
        correct += done.correct();
        if ((done.step() + 1) % STEPS_BETWEEN_LINES == 0) {
          write(done, null, null);
        }
      }
      case TrainingEvent.TopologyUpdated updated -> {
        replaced += updated.replaced();
        sparsity = updated.densities().sparsity();
      }
      case TrainingEvent.EpochEvaluated evaluated -> {
        if (latest != null) {
          write(latest, evaluated.validation(), evaluated.test());
        }
      }
    }
  }

  private void write(
      TrainingEvent.StepDone last, @Nullable Evaluation validation, @Nullable Evaluation test) {
    long samples = window.samples();
    try {
      writer.write(
          JsonText.line(
              new Line(
                  last.step() + 1,
                  last.epoch(),
                  samples == 0 ? null : loss / samples,
                  samples == 0 ? null : (double) correct / samples,
                  validation == null ? null : validation.loss(),
                  validation == null ? null : validation.accuracy(),
                  test == null ? null : test.loss(),
                  test == null ? null : test.accuracy(),
                  last.learningRate(),
                  sparsity,
                  replaced,
                  samples == 0 ? null : window.imagesPerSecond())));
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("the metrics cannot be written: " + e.getMessage(), e);
    }
    window = new TrainingClock(nanoseconds);
    loss = 0;
    correct = 0;
    replaced = 0;
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
