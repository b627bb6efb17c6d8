package dev.windfall.cli;

import dev.windfall.experiment.RunPlan;
import dev.windfall.experiment.TrainingClock;
import dev.windfall.training.TrainingEvent;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows how far a training is: as a bar on a terminal, as plain lines elsewhere. */
sealed interface ProgressDisplay extends AutoCloseable {

  /** Must hear of every event. */
  void hear(TrainingEvent event);

  @Override
  void close();

  /**
   * A display that fits where it is shown.
   *
   * @param from the first step that is going to be done
   */
  static ProgressDisplay of(RunPlan plan, long from, boolean isTerminal, PrintWriter lines) {
    return isTerminal ? new Bar(plan, from, lines) : new Lines(plan, from, lines);
  }

  /** A bar on standard error, with rate and time left. */
  final class Bar implements ProgressDisplay {
    private final TrainingClock clock = new TrainingClock(System::nanoTime);
    private final ProgressBar bar;
    private final PrintWriter lines;
    private String accuracy = "";

    private Bar(RunPlan plan, long from, PrintWriter lines) {
      this.lines = lines;
      bar =
          new ProgressBarBuilder()
              .setTaskName("step")
              .setInitialMax(plan.training().steps())
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(500)
              .startsFrom(from, Duration.ZERO)
              .build();
    }

    @Override
    public void hear(TrainingEvent event) {
      clock.hear(event);
      switch (event) {
        case TrainingEvent.StepDone done -> {
          bar.setExtraMessage(
              " %s images/s, loss %s%s"
                  .formatted(
                      Figures.rate(clock.imagesPerSecond()), Figures.loss(done.loss()), accuracy));
          bar.stepTo(done.step() + 1);
        }
        case TrainingEvent.GradientAccumulated accumulated -> {}
        case TrainingEvent.LayerCollapsed collapsed -> warn(lines, collapsed);
        case TrainingEvent.ScalesImproved improved -> tell(lines, improved);
        case TrainingEvent.TopologyUpdated updated -> {}
        case TrainingEvent.EpochEvaluated evaluated -> accuracy = ", " + Lines.accuracy(evaluated);
        case TrainingEvent.CheckpointWritten written -> {}
      }
    }

    @Override
    public void close() {
      bar.close();
    }
  }

  private static void warn(PrintWriter lines, TrainingEvent.LayerCollapsed collapsed) {
    lines.printf(
        "warning: layer %s has collapsed by step %d: %s%n",
        collapsed.layer(), collapsed.step() + 1, collapsed.what());
    lines.flush();
  }

  /** A line every twenty iterations, and at the last. */
  private static void tell(PrintWriter lines, TrainingEvent.ScalesImproved improved) {
    if (improved.iteration() % 20 == 0 || improved.iteration() == improved.iterations()) {
      lines.printf(
          Locale.ROOT,
          "initial weights: iteration %d/%d, scales from %.3f to %.3f%n",
          improved.iteration(),
          improved.iterations(),
          improved.leastScale(),
          improved.greatestScale());
      lines.flush();
    }
  }

  /** A line at every evaluation, and at least every ten seconds. */
  final class Lines implements ProgressDisplay {
    private static final double SECONDS_BETWEEN = 10;

    private final TrainingClock clock = new TrainingClock(System::nanoTime);
    private final PrintWriter lines;
    private final int epochs;
    private final long steps;
    private final long from;
    private TrainingEvent.@Nullable StepDone latest;
    private double shown;
    private double loss;
    private int losses;

    private Lines(RunPlan plan, long from, PrintWriter lines) {
      this.from = from;
      this.lines = lines;
      epochs = plan.training().epochs();
      steps = plan.training().steps();
    }

    @Override
    public void hear(TrainingEvent event) {
      clock.hear(event);
      switch (event) {
        case TrainingEvent.StepDone done -> {
          latest = done;
          loss += done.loss();
          losses++;
          if (clock.seconds() - shown >= SECONDS_BETWEEN) {
            show(done, "");
          }
        }
        case TrainingEvent.GradientAccumulated accumulated -> {}
        case TrainingEvent.LayerCollapsed collapsed -> warn(lines, collapsed);
        case TrainingEvent.ScalesImproved improved -> tell(lines, improved);
        case TrainingEvent.TopologyUpdated updated -> {}
        case TrainingEvent.EpochEvaluated evaluated -> {
          if (latest != null) {
            show(latest, ", " + accuracy(evaluated));
          }
        }
        case TrainingEvent.CheckpointWritten written -> {}
      }
    }

    private void show(TrainingEvent.StepDone done, String more) {
      long step = done.step() + 1;
      lines.printf(
          "epoch %d/%d, step %d/%d%s%s, %s images/s, %s left%n",
          done.epoch(),
          epochs,
          step,
          steps,
          losses == 0 ? "" : ", loss " + Figures.loss(loss / losses),
          more,
          Figures.rate(clock.imagesPerSecond()),
          Figures.duration(clock.seconds() / (step - from) * (steps - step)));
      lines.flush();
      shown = clock.seconds();
      loss = 0;
      losses = 0;
    }

    static String accuracy(TrainingEvent.EpochEvaluated evaluated) {
      if (evaluated.validation() != null) {
        return "validation " + Figures.percent(evaluated.validation().accuracy());
      }
      return evaluated.test() == null ? "" : "test " + Figures.percent(evaluated.test().accuracy());
    }

    @Override
    public void close() {
      lines.flush();
    }
  }
}
