package dev.windfall.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.engine.Batch;
import dev.windfall.engine.LayerOutput;
import dev.windfall.engine.Mode;
import dev.windfall.engine.OutputInspection;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.engine.contract.Sessions;
import dev.windfall.engine.contract.TestData;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OutputInspectionTest {

  private static OutputInspection inspection(Session session) {
    return session.capability(OutputInspection.class).orElseThrow();
  }

  private static LayerOutput output(List<LayerOutput> outputs, String layer) {
    return outputs.stream().filter(one -> one.layer().equals(layer)).findFirst().orElseThrow();
  }

  @Test
  void everyActivationAndEveryProductIsThere() {
    try (Session session = Sessions.open(new VectorEngine())) {
      List<LayerOutput> outputs =
          inspection(session).of(Sessions.batch(1), Mode.EVALUATE, Float.POSITIVE_INFINITY);
      assertThat(outputs)
          .containsSubsequence(
              new LayerOutput("conv1", 18 * 5 * 30, 18 * 5 * 30, 0),
              new LayerOutput("relu1", 18 * 5 * 30, 18 * 5 * 30, 0),
              new LayerOutput("conv2", 18 * 4 * 9, 18 * 4 * 9, 0),
              new LayerOutput("relu2", 18 * 4 * 9, 18 * 4 * 9, 0),
              new LayerOutput("classifier", 18 * 3, 18 * 3, 0));
    }
  }

  /** The output of a network of one activation is its input's; a look changes nothing. */
  @ParameterizedTest
  @ValueSource(ints = {1, 15, 17, 33, 130})
  void countsAreThoseOfTheNumbersThemselves(int samples) {
    Network network =
        new NetworkBuilder("linear", Shape.features(9))
            .activation("relu", ActivationFunction.RELU)
            .dropout("dropout", 0.5)
            .linear("classifier", 2)
            .build();
    Batch batch = TestData.batch(network, samples, 3);
    try (Session session = Sessions.open(new VectorEngine(), network, 0.5, samples, 2)) {
      List<LayerOutput> outputs = inspection(session).of(batch, Mode.EVALUATE, 0.5f);
      int small = 0;
      for (int i = 0; i < samples * 9; i++) {
        small += batch.input()[i] <= 0.5f ? 1 : 0;
      }
      assertThat(output(outputs, "relu"))
          .isEqualTo(new LayerOutput("relu", 9L * samples, small, 0));
      assertThat(inspection(session).of(batch, Mode.SCORE, 0.5f)).isEqualTo(outputs);
    }
  }

  @Test
  void whatIsNotFiniteIsCountedFromItsLayerOn() {
    try (Session session = Sessions.open(new VectorEngine())) {
      float[] shift = session.read("norm1.shift", Slot.VALUE);
      shift[2] = Float.POSITIVE_INFINITY;
      session.write("norm1.shift", Slot.VALUE, shift);
      List<LayerOutput> outputs = inspection(session).of(Sessions.batch(1), Mode.SCORE, 0);
      assertThat(output(outputs, "conv1").nonFinite()).isZero();
      assertThat(output(outputs, "relu1").nonFinite()).isEqualTo(18 * 30);
      assertThat(output(outputs, "conv2").nonFinite()).isPositive();
    }
  }

  @Test
  void aLookChangesNothing() {
    try (Session session = Sessions.open(new VectorEngine());
        Session other = Sessions.open(new VectorEngine())) {
      for (int step = 0; step < 3; step++) {
        inspection(session).of(Sessions.batch(step + 7), Mode.SCORE, 0.01f);
        inspection(session).of(Sessions.batch(step + 9), Mode.EVALUATE, 0.01f);
        assertThat(Sessions.train(session, step)).isEqualTo(Sessions.train(other, step));
      }
      assertThatThrownBy(() -> inspection(session).of(Sessions.batch(1), Mode.TRAIN, 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
