package dev.windfall.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.network.Initialization;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Shape;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dropout on a network that shows it: ones go in, and what is left of them comes out. */
public abstract class DropoutContract extends EngineContract {

  private static final int FEATURES = 50;
  private static final int SAMPLES = 40;

  private float[] masks(double probability, long seed, long step, long firstSample) {
    Network network =
        new NetworkBuilder("mask", Shape.features(FEATURES))
            .append("dropout", new Layer.Dropout(probability))
            .build();
    float[] ones = new float[SAMPLES * FEATURES];
    Arrays.fill(ones, 1);
    long[] ids = LongStream.range(firstSample, firstSample + SAMPLES).toArray();
    Batch batch = new Batch(ones, new int[SAMPLES], ids, SAMPLES, step);
    SessionOptions options = new SessionOptions(SAMPLES, 1, seed, Initialization.HE_FAN_IN);
    try (Session session = engine().open(network, Map.of(), options)) {
      assertThat(session.logits(batch, Mode.SCORE)).isEqualTo(ones);
      assertThat(session.logits(batch, Mode.EVALUATE)).isEqualTo(ones);
      return session.logits(batch, Mode.TRAIN);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.5, 0.9})
  void dropsItsShareAndScalesTheRest(double probability) {
    float[] masks = masks(probability, 3, 7, 0);
    int dropped = 0;
    for (float value : masks) {
      dropped += value == 0 ? 1 : 0;
      assertThat(value).isIn(0f, (float) (1 / (1 - probability)));
    }
    assertThat((double) dropped / masks.length).isCloseTo(probability, within(0.04));
  }

  @Test
  void goesWithSeedStepAndSampleAlone() {
    float[] masks = masks(0.5, 3, 7, 0);
    assertThat(masks(0.5, 3, 7, 0)).isEqualTo(masks);
    assertThat(masks(0.5, 4, 7, 0)).isNotEqualTo(masks);
    assertThat(masks(0.5, 3, 8, 0)).isNotEqualTo(masks);
    // The same sample elsewhere in another batch.
    float[] later = masks(0.5, 3, 7, 5);
    assertThat(Arrays.copyOf(later, FEATURES))
        .isEqualTo(Arrays.copyOfRange(masks, 5 * FEATURES, 6 * FEATURES))
        .isNotEqualTo(Arrays.copyOf(masks, FEATURES));
  }
}
