package dev.windfall.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.engine.Batch;
import dev.windfall.engine.BatchResult;
import dev.windfall.engine.Engine;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.engine.contract.Agreement;
import dev.windfall.engine.contract.Sessions;
import dev.windfall.engine.contract.TestData;
import dev.windfall.network.Parameter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a session of this engine promises besides what all engines do. */
final class VectorSessionTest {

  private static BatchResult accumulate(Session session, Batch batch, Mode mode) {
    return session.accumulate(batch, Agreement.OBJECTIVE, mode, 0.1, Growth.NONE);
  }

  private static Map<String, float[]> slots(Session session, Slot slot) {
    Map<String, float[]> result = new LinkedHashMap<>();
    for (Parameter parameter : Sessions.NETWORK.parameters()) {
      if (slot == Slot.VALUE || parameter.role().isTrained()) {
        result.put(parameter.name(), session.read(parameter.name(), slot));
      }
    }
    return result;
  }

  private static void requireSame(Map<String, float[]> actual, Map<String, float[]> expected) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach((name, values) -> assertThat(actual.get(name)).as(name).isEqualTo(values));
  }

  @Test
  void theEngineIsFoundByName() {
    assertThat(ServiceLoader.load(Engine.class))
        .anySatisfy(
            engine -> {
              assertThat(engine).isInstanceOf(VectorEngine.class);
              assertThat(engine.name()).isEqualTo("vector");
              assertThat(engine.description()).startsWith("truly sparse, pure Java; ");
            });
  }

  /** Samples that are not there cost nothing and change nothing, whatever was there before. */
  @ParameterizedTest
  @EnumSource(Mode.class)
  void whatALargerBatchLeftBehindDoesNotMatter(Mode mode) {
    Batch small = TestData.batch(Sessions.NETWORK, 3, 5);
    try (Session used = Sessions.open(new VectorEngine(), Sessions.NETWORK, 0.4, 150, 1);
        Session fresh = Sessions.open(new VectorEngine(), Sessions.NETWORK, 0.4, 3, 2)) {
      accumulate(used, TestData.batch(Sessions.NETWORK, 150, 4), Mode.SCORE);
      used.clearGradient();
      assertThat(accumulate(used, small, mode)).isEqualTo(accumulate(fresh, small, mode));
      requireSame(slots(used, Slot.GRADIENT), slots(fresh, Slot.GRADIENT));
      requireSame(slots(used, Slot.VALUE), slots(fresh, Slot.VALUE));
    }
  }

  /**
   * Without batch statistics, a sample's numbers do not even in their last bits know the others.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 17, 40})
  void aSampleAloneGivesTheSameBitsAsInABatch(int samples) {
    try (Session session = Sessions.open(new VectorEngine(), Sessions.NETWORK, 0.4, 40, 2)) {
      Sessions.train(session, 1);
      Batch batch = TestData.batch(Sessions.NETWORK, samples, 2);
      float[] all = session.logits(batch, Mode.EVALUATE);
      int size = batch.input().length / samples;
      int classes = all.length / samples;
      for (int sample = 0; sample < samples; sample++) {
        Batch alone =
            new Batch(
                Arrays.copyOfRange(batch.input(), sample * size, (sample + 1) * size),
                new int[1],
                new long[1],
                1,
                0);
        assertThat(session.logits(alone, Mode.EVALUATE))
            .isEqualTo(Arrays.copyOfRange(all, sample * classes, (sample + 1) * classes));
      }
    }
  }

  /** Batch size and threads of the session that continues differ: the state has all that counts. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aRestoredTrainingContinuesToTheSameBitsWithOtherThreads(int threads) {
    for (OptimizerStep optimizer : List.of(Sessions.SGD, Sessions.ADAM)) {
      try (Session session = Sessions.open(new VectorEngine());
          Session other = Sessions.open(new VectorEngine(), Sessions.NETWORK, 0.8, 33, threads)) {
        for (int step = 0; step < 3; step++) {
          Sessions.train(session, step, optimizer);
        }
        Sessions.train(other, 77);
        other.restore(session.snapshot());
        for (int step = 3; step < 5; step++) {
          assertThat(Sessions.train(other, step, optimizer))
              .isEqualTo(Sessions.train(session, step, optimizer));
        }
        assertThat(other.snapshot()).usingRecursiveComparison().isEqualTo(session.snapshot());
      }
    }
  }

  private static long computingThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("windfall-vector-"))
        .count();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aClosedSessionHoldsNothingAndComputesNothing(int threads) throws InterruptedException {
    long before = computingThreads();
    Session session = Sessions.open(new VectorEngine(), Sessions.NETWORK, 0.4, 20, threads);
    Sessions.train(session, 1);
    assertThat(computingThreads()).isEqualTo(before + threads - 1);
    session.close();
    session.close();
    for (int i = 0; i < 1000 && computingThreads() > before; i++) {
      Thread.sleep(5);
    }
    assertThat(computingThreads()).isEqualTo(before);
    assertThatThrownBy(() -> Sessions.accumulate(session, 1))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> session.logits(Sessions.batch(1), Mode.EVALUATE))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> session.apply(Sessions.SGD))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void timesAreBookedByKind() {
    try (Session session = Sessions.open(new VectorEngine())) {
      assertThat(session.timeShares().nanosecondsByKind()).isEmpty();
      Sessions.train(session, 1);
      assertThat(session.timeShares().nanosecondsByKind())
          .containsKeys("input", "conv forward", "conv weight gradient", "optimizer")
          .allSatisfy((kind, nanoseconds) -> assertThat(nanoseconds).isNotNegative());
    }
  }
}
