package dev.windfall.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.Session;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Candidates;
import dev.windfall.sparsity.Connectivity;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Growth candidates are the inactive positions of largest gradient, of one batch or of several. */
public abstract class GrowthContract extends EngineContract {

  private static final int WANTED = 9;
  private static final double SCALE = 1.0 / 18;

  private static Growth wish() {
    Map<String, Integer> wanted = new LinkedHashMap<>();
    Sessions.NETWORK.prunable().forEach(weight -> wanted.put(weight.name(), WANTED));
    return new Growth(wanted);
  }

  private static void requireNone(Session session) {
    assertThatThrownBy(() -> session.candidates("conv2.weight"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no growth candidates for conv2.weight");
  }

  /** The best of a sum need not be among the best of any of its batches. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void candidatesAreTheLargestOfTheSumOfAllBatches(int batches) {
    try (Session session = open()) {
      Map<String, double[]> sums = new LinkedHashMap<>();
      for (int batch = 0; batch < batches; batch++) {
        DenseNetwork.of(Sessions.NETWORK, session, 1)
            .run(Sessions.batch(batch), Agreement.OBJECTIVE, Mode.SCORE, SCALE)
            .gradients()
            .forEach((name, slopes) -> sums.merge(name, slopes, GrowthContract::sum));
        boolean isLast = batch == batches - 1;
        session.accumulate(
            Sessions.batch(batch),
            Agreement.OBJECTIVE,
            Mode.SCORE,
            SCALE,
            isLast ? wish() : wish().continued());
        if (!isLast) {
          requireNone(session);
        }
      }
      for (Parameter weight : Sessions.NETWORK.prunable()) {
        requireLargest(
            session.candidates(weight.name()),
            session.connectivity(weight.name()),
            Objects.requireNonNull(sums.get(weight.name())));
      }
    }
  }

  private static double[] sum(double[] one, double[] other) {
    return IntStream.range(0, one.length).mapToDouble(i -> one[i] + other[i]).toArray();
  }

  private static void requireLargest(
      Candidates found, Connectivity connectivity, double[] gradients) {
    double[] sorted =
        IntStream.range(0, gradients.length)
            .filter(position -> !connectivity.contains(position))
            .mapToDouble(position -> -Math.abs(gradients[position]))
            .sorted()
            .toArray();
    double tolerance = 1e-4 * Arrays.stream(gradients).map(Math::abs).max().orElseThrow();
    assertThat(found.count()).isEqualTo(WANTED);
    for (int i = 0; i < WANTED; i++) {
      int position = (int) found.positions()[i];
      assertThat(connectivity.contains(position)).isFalse();
      assertThat((double) found.scores()[i]).isCloseTo(gradients[position], within(tolerance));
      assertThat(Math.abs((double) found.scores()[i])).isCloseTo(-sorted[i], within(tolerance));
    }
  }

  @Test
  void sumsEndWithTheStep() {
    try (Session session = open()) {
      session.accumulate(Sessions.batch(1), Agreement.OBJECTIVE, Mode.SCORE, SCALE, wish());
      Candidates alone = session.candidates("conv2.weight");
      long before = session.memory().weightsAndState();
      List<Runnable> ends =
          List.of(
              session::clearGradient,
              () -> session.apply(new OptimizerStep.Sgd(0, 0, false, 0, false)),
              () -> session.restore(session.snapshot()),
              () ->
                  session.accumulate(
                      Sessions.batch(2), Agreement.OBJECTIVE, Mode.SCORE, SCALE, Growth.NONE));
      for (Runnable end : ends) {
        session.accumulate(
            Sessions.batch(2), Agreement.OBJECTIVE, Mode.SCORE, SCALE, wish().continued());
        assertThat(session.memory().weightsAndState()).isGreaterThan(before);
        end.run();
        requireNone(session);
        assertThat(session.memory().weightsAndState()).isEqualTo(before);
        session.accumulate(Sessions.batch(1), Agreement.OBJECTIVE, Mode.SCORE, SCALE, wish());
        assertThat(session.candidates("conv2.weight")).usingRecursiveComparison().isEqualTo(alone);
      }
    }
  }
}
