package dev.windfall.experiment.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class RunQueueTest {

  private record Need(String name, List<Need> needs) implements PooledRun {
    static Need of(String name, Need... needs) {
      return new Need(name, List.of(needs));
    }

    @Override
    public String key() {
      return name;
    }

    @Override
    public String data() {
      return "none";
    }

    @Override
    public Recipe recipe(Path runs, int threads) {
      return RecipeDraft.defaults().recipe();
    }
  }

  private static final Need DENSE = Need.of("dense");
  private static final Need ROUND = Need.of("round", DENSE);
  private static final Need OTHER = Need.of("other");
  private static final RunResult FAILED = new RunResult.Failed(new IOException("no"));

  @Test
  void aRunWaitsForWhatItNeedsAndOthersGoBeforeIt() {
    RunQueue<Need> queue = new RunQueue<>(List.of(DENSE, ROUND, OTHER));
    assertThat(queue.take()).contains(DENSE);
    assertThat(queue.take()).contains(OTHER);
    CompletableFuture<Optional<Need>> next = CompletableFuture.supplyAsync(queue::take);
    assertThat(next).isNotDone();
    queue.put(OTHER, FAILED);
    queue.put(DENSE, FAILED);
    assertThat(next.join()).contains(ROUND);
    assertThat(queue.take()).isEmpty();
    assertThat(queue.failedNeed(ROUND))
        .hasValueSatisfying(
            result ->
                assertThat(((RunResult.Failed) result).cause())
                    .hasMessage("it needs dense, which failed"));
    assertThat(queue.failedNeed(OTHER)).isEmpty();
    assertThat(queue.results().get(ROUND)).isInstanceOf(RunResult.Stopped.class);
    assertThat(queue.results().keySet()).containsExactly(DENSE, ROUND, OTHER);
  }

  @Test
  void whatNeedsAStoppedRunIsStopped() {
    RunQueue<Need> queue = new RunQueue<>(List.of(DENSE, ROUND));
    queue.take();
    queue.put(DENSE, new RunResult.Stopped());
    assertThat(queue.failedNeed(ROUND)).containsInstanceOf(RunResult.Stopped.class);
  }

  @Test
  void aRunStandsAfterWhatItNeeds() {
    assertThatThrownBy(() -> new RunQueue<>(List.of(ROUND, DENSE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("round needs dense, which does not stand before it");
  }
}
