package dev.windfall.engine.contract;

import dev.windfall.random.StatelessRandom;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks that nobody would think of agree with the reference. */
public abstract class RandomNetworkContract extends EngineContract {

  private static final List<Integer> SAMPLES = List.of(1, 2, 5, 15, 16, 17, 33);

  static Stream<Agreement.Scenario> scenarios() {
    return LongStream.range(0, 200).mapToObj(RandomNetworkContract::scenario);
  }

  private static Agreement.Scenario scenario(long seed) {
    StatelessRandom random = StatelessRandom.of(seed, "scenario");
    int samples = SAMPLES.get(random.nextInt(SAMPLES.size()));
    int batchSize = samples + random.nextInt(2) * random.nextInt(20);
    double density = List.of(0.05, 0.3, 0.7, 1.0).get(random.nextInt(4));
    return new Agreement.Scenario(RandomNetworks.draw(seed), density, batchSize, samples, seed);
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void agrees(Agreement.Scenario scenario) {
    Agreement.require(engine(), scenario);
  }
}
