package dev.windfall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.experiment.Machine;
import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.comparison.PooledRun;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PoolOptionsTest {

  private record NamedRun(String key, String name) implements PooledRun {
    @Override
    public String data() {
      return "none";
    }

    @Override
    public Recipe recipe(Path runs, int threads) {
      return RecipeDraft.defaults().recipe();
    }

    @Override
    public List<PooledRun> needs() {
      return List.of();
    }
  }

  private static final List<NamedRun> RUNS =
      List.of(
          new NamedRun("large", "large-1"),
          new NamedRun("small", "small-1"),
          new NamedRun("large", "large-2"),
          new NamedRun("small", "small-2"));

  /** Two runs of 400 MB and two of 100 MB. */
  private static final ComparisonForecast FORECAST =
      new ComparisonForecast(
          List.of(
              new ComparisonForecast.RowForecast("large", 1, 1, 400_000_000, null),
              new ComparisonForecast.RowForecast("small", 1, 1, 100_000_000, null)));

  @Test
  void theMemoryOfSeveralRunsIsThatOfTheLargest() {
    assertThat(FORECAST.memoryBytes(RUNS, 1)).isEqualTo(400_000_000);
    assertThat(FORECAST.memoryBytes(RUNS, 2)).isEqualTo(800_000_000);
    assertThat(FORECAST.memoryBytes(RUNS, 9)).isEqualTo(1_000_000_000);
  }

  /** Four fifths of the memory are for runs. */
  @ParameterizedTest
  @CsvSource({
    "0, 4, 1, 2000000000, 4, ''",
    "0, 8, 3, 2000000000, 2, ''",
    "0, 1, 2, 2000000000, 1, ''",
    "0, 4, 1, 1120000000, 2, more do not fit into the",
    "0, 4, 1, 800000000, 1, more do not fit into the",
    "0, 4, 1, 100000000, 1, they may take",
    "3, 4, 1, 2000000000, 3, ''",
    "3, 4, 1, 800000000, 3, they may take"
  })
  void asManyRunsAtATimeAsProcessorsAndMemoryHaveRoomFor(
      int asked, int processors, int threads, long available, int runs, String memory) {
    PoolOptions.SideBySide found =
        PoolOptions.SideBySide.of(FORECAST, RUNS, asked, processors, threads, available);
    assertThat(found.runs()).isEqualTo(runs);
    assertThat(found.memory()).contains(memory).matches(text -> text.isEmpty() == memory.isEmpty());
  }

  @Test
  void theMachineHasSomeMemoryLeft() {
    assertThat(Machine.availableBytes()).isGreaterThan(1 << 20);
  }
}
