package dev.windfall.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CrewTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void everyItemRunsOnceOnAKnownWorker(int workers) {
    try (Crew crew = new Crew(workers)) {
      assertThat(crew.size()).isEqualTo(workers);
      for (int items : new int[] {0, 1, 2, 7, 1000}) {
        for (int round = 0; round < 20; round++) {
          AtomicIntegerArray runs = new AtomicIntegerArray(items);
          AtomicIntegerArray byWorker = new AtomicIntegerArray(workers);
          crew.run(
              items,
              (worker, item) -> {
                runs.incrementAndGet(item);
                byWorker.incrementAndGet(worker);
              });
          int sum = 0;
          for (int worker = 0; worker < workers; worker++) {
            sum += byWorker.get(worker);
          }
          assertThat(sum).isEqualTo(items);
          for (int item = 0; item < items; item++) {
            assertThat(runs.get(item)).isEqualTo(1);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void whatAnItemThrowsIsThrownAndTheCrewGoesOn(int workers) {
    try (Crew crew = new Crew(workers)) {
      for (int bad : new int[] {0, 5, 99}) {
        assertThatThrownBy(
                () ->
                    crew.run(
                        100,
                        (worker, item) -> {
                          if (item == bad) {
                            throw new ArithmeticException("item " + bad);
                          }
                        }))
            .isInstanceOf(RuntimeException.class)
            .hasMessageContaining("item " + bad);
      }
      AtomicIntegerArray runs = new AtomicIntegerArray(1);
      crew.run(50, (worker, item) -> runs.incrementAndGet(0));
      assertThat(runs.get(0)).isEqualTo(50);
    }
  }

  /** The limit is for a crew that waits for ever for the workers that have gone. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  @Timeout(value = 100, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aClosedCrewRunsNothing(int workers) {
    Crew crew = new Crew(workers);
    crew.close();
    crew.close();
    assertThatThrownBy(() -> crew.run(3, (worker, item) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }
}
