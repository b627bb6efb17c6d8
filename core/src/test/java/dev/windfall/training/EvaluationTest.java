package dev.windfall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.data.ChannelStatistics;
import dev.windfall.data.DataLoader;
import dev.windfall.data.Dataset;
import dev.windfall.data.ImageSet;
import dev.windfall.data.ImageShape;
import dev.windfall.data.InMemoryImageSet;
import dev.windfall.engine.ReferenceEngine;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.network.Initialization;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Shape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The network hands its input through, so that the pixels are the logits. */
final class EvaluationTest {

  private static final ImageShape TWO = new ImageShape(2, 1, 1);

  private record Logits(byte[] pixels, byte[] labels) implements Dataset {
    @Override
    public String name() {
      return "logits";
    }

    @Override
    public ImageShape shape() {
      return TWO;
    }

    @Override
    public List<String> classNames() {
      return List.of("first", "second");
    }

    @Override
    public ImageSet train() {
      return test();
    }

    @Override
    public ImageSet test() {
      return new InMemoryImageSet(TWO, pixels, labels);
    }

    /** Such that a pixel p becomes the logit p. */
    @Override
    public ChannelStatistics statistics() {
      return new ChannelStatistics(List.of(0.0, 0.0), List.of(1 / 255.0, 1 / 255.0));
    }
  }

  private static Evaluation evaluate(Dataset data, int batchSize) {
    try (Session session =
        new ReferenceEngine()
            .open(
                new NetworkBuilder("through", new Shape(2, 1, 1)).flatten("flatten").build(),
                Map.of(),
                new SessionOptions(batchSize, 1, 0, Initialization.HE_FAN_IN))) {
      return Evaluation.of(session, DataLoader.evaluation(data, data.test(), batchSize));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 9})
  void lossAccuracyAndCalibrationFollowTheirEquations(int batchSize) {
    // Confidences σ(1) of a right and a wrong answer, σ(3) of a right one, ½ of a tie for the
    // first.
    byte[] pixels = {1, 0, 0, 1, 4, 1, 7, 7};
    byte[] labels = {0, 0, 0, 1};
    Evaluation evaluation = evaluate(new Logits(pixels, labels), batchSize);
    assertThat(evaluation.samples()).isEqualTo(4);
    assertThat(evaluation.accuracy()).isEqualTo(0.5);
    assertThat(evaluation.loss())
        .isCloseTo(
            (0.3132616875182228 + 1.3132616875182228 + 0.04858735157374206 + 0.6931471805599453)
                / 4,
            within(1e-7));
    // |1 − 2 · .7310585786| + |1 − .9525741268| + |0 − .5|, each interval by itself.
    assertThat(evaluation.expectedCalibrationError())
        .isCloseTo((0.4621171572600098 + 0.04742587317756679 + 0.5) / 4, within(1e-7));
  }

  @Test
  void certaintyIsNoError() {
    byte[] pixels = {(byte) 255, 0, 0, (byte) 255};
    assertThat(evaluate(new Logits(pixels, new byte[] {0, 1}), 2))
        .isEqualTo(new Evaluation(0, 1, 0, 2));
    Evaluation wrong = evaluate(new Logits(pixels, new byte[] {1, 0}), 2);
    assertThat(wrong.loss()).isCloseTo(255, within(1e-4));
    assertThat(wrong.accuracy()).isZero();
    assertThat(wrong.expectedCalibrationError()).isEqualTo(1);
  }

  @Test
  void nothingCannotBeEvaluated() {
    assertThatThrownBy(() -> evaluate(new Logits(new byte[0], new byte[0]), 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no sample");
  }
}
