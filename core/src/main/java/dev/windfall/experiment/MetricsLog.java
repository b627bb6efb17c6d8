package dev.windfall.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.training.DurableFile;
import dev.windfall.training.Evaluation;
import dev.windfall.training.MetricsWindow;
import dev.windfall.training.TrainingEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes {@code metrics.jsonl}: a line every {@code run.metrics-every} steps and at every
 * evaluation, each about the steps since the line before it.
 */
final class MetricsLog implements AutoCloseable {

  private final FileChannel channel;
  private final Writer writer;
  private final RunPlan plan;
  private final LongSupplier nanoseconds;
  private final int stepsBetweenLines;
  private final LayerMetrics layers;
  private LayerDensities densities;
  private TrainingClock window;
  private MetricsWindow sums;
  private TrainingEvent.@Nullable StepDone latest;

  /**
   * Writes after the lines that are there.
   *
   * @param plan of the training
   * @param sums since the last of them
   * @param densities of the network now
   * @param layers what lines say of each layer
   */
  MetricsLog(
      Path file,
      RunPlan plan,
      MetricsWindow sums,
      LayerDensities densities,
      LayerMetrics layers,
      LongSupplier nanoseconds)
      throws IOException {
    channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    writer = Channels.newWriter(channel, StandardCharsets.UTF_8);
    this.stepsBetweenLines = plan.metricsEvery();
    this.sums = sums;
    this.plan = plan;
    this.densities = densities;
    this.layers = layers;
    this.nanoseconds = nanoseconds;
    window = new TrainingClock(nanoseconds);
  }

  /**
   * Cuts a file to what was written before a checkpoint. A line that a killed process left half
   * written is never among it.
   *
   * @param step of the checkpoint
   */
  static void cut(Path file, long step) throws IOException {
    if (Files.notExists(file)) {
      return;
    }
    DurableFile.write(
        file,
        output -> {
          try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
              if (stepOf(line) <= step) {
                output.write((line + "\n").getBytes(StandardCharsets.ISO_8859_1));
              }
            }
          }
        });
  }

  private static long stepOf(String line) {
    try {
      return JsonText.read(line).path("step").asLong(Long.MAX_VALUE);
    } catch (JsonProcessingException e) {
      return Long.MAX_VALUE;
    }
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
      long inferenceFlops,
      double trainingFlops,
      double trainingFlopsRatio,
      long connectionsReplaced,
      @Nullable Double imagesPerSecond,
      @Nullable Map<String, Map<String, Number>> layers) {}

  /** Must hear of every event. */
  void hear(TrainingEvent event) {
    window.hear(event);
    switch (event) {
      case TrainingEvent.StepDone done -> {
        latest = done;
        sums = sums.plus(done);
        if ((done.step() + 1) % stepsBetweenLines == 0) {
          write(done, null, null);
        }
      }
      case TrainingEvent.GradientAccumulated accumulated -> {}
      case TrainingEvent.LayerCollapsed collapsed -> {}
      case TrainingEvent.ScalesImproved improved -> {}
      case TrainingEvent.TopologyUpdated updated -> {
        sums = sums.plus(updated);
        densities = updated.outcome().densities();
      }
      case TrainingEvent.EpochEvaluated evaluated -> {
        if (latest != null) {
          write(latest, evaluated.validation(), evaluated.test());
        }
      }
      case TrainingEvent.CheckpointWritten written -> {}
    }
  }

  private void write(
      TrainingEvent.StepDone last, @Nullable Evaluation validation, @Nullable Evaluation test) {
    long samples = sums.samples();
    TrainingCost cost = TrainingCost.of(plan, densities, last.progress());
    try {
      writer.write(
          JsonText.line(
              new Line(
                  last.step() + 1,
                  last.epoch(),
                  samples == 0 ? null : sums.loss() / samples,
                  samples == 0 ? null : (double) sums.correct() / samples,
                  validation == null ? null : validation.loss(),
                  validation == null ? null : validation.accuracy(),
                  test == null ? null : test.loss(),
                  test == null ? null : test.accuracy(),
                  last.learningRate(),
                  densities.sparsity(),
                  cost.network().inferenceFlops(),
                  cost.flops(),
                  cost.flopsRatio(),
                  sums.connectionsReplaced(),
                  window.samples() == 0 ? null : window.imagesPerSecond(),
                  layers.line())));
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("the metrics cannot be written", e);
    }
    window = new TrainingClock(nanoseconds);
    sums = MetricsWindow.EMPTY;
  }

  /** What is summed since the last line. */
  MetricsWindow sums() {
    return sums;
  }

  /** Brings all lines to the disk. */
  void sync() throws IOException {
    channel.force(true);
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
