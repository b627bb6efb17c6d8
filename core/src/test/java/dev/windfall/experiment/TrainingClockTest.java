package dev.windfall.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.sparsity.LayerDensities;
import dev.windfall.training.ConnectionUpdates;
import dev.windfall.training.Progress;
import dev.windfall.training.TrainingEvent;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class TrainingClockTest {

  @Test
  void evaluationsCountAsTimeButNotAsTrainingTime() {
    AtomicLong now = new AtomicLong(5_000_000_000L);
    TrainingClock clock = new TrainingClock(now::get);
    assertThat(clock.imagesPerSecond()).isZero();
    now.addAndGet(2_000_000_000L);
    clock.hear(
        new TrainingEvent.TopologyUpdated(
            0, 0.3, new ConnectionUpdates.Outcome(Map.of(), new LayerDensities(List.of()))));
    now.addAndGet(500_000_000L);
    clock.hear(new TrainingEvent.StepDone(0, 1, 2.3, 10, 100, 0.1, Progress.at(1)));
    now.addAndGet(3_000_000_000L);
    clock.hear(new TrainingEvent.EpochEvaluated(0, 1, null, null, false));
    now.addAndGet(1_500_000_000L);
    clock.hear(new TrainingEvent.StepDone(1, 2, 2.3, 10, 60, 0.1, Progress.at(2)));
    assertThat(clock.seconds()).isEqualTo(7);
    assertThat(clock.samples()).isEqualTo(160);
    assertThat(clock.stepSeconds()).isEqualTo(4);
    assertThat(clock.imagesPerSecond()).isEqualTo(40);
  }
}
