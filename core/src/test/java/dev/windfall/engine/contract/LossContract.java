package dev.windfall.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.engine.Batch;
import dev.windfall.engine.BatchResult;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.Objective.SmoothingOver;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.engine.Slot;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Shape;
import dev.windfall.sparsity.Connectivity;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Softmax cross entropy of a classifier without connections, whose bias is its logits. */
public abstract class LossContract extends EngineContract {

  private static final Network NETWORK =
      new NetworkBuilder("bias", Shape.features(1)).linear("classifier", 3).build();

  private static final Objective PLAIN = new Objective.CrossEntropy(0, SmoothingOver.ALL);

  private Session open(float... logits) {
    Connectivity none = Connectivity.ofPositions(3, 1, new long[0]);
    SessionOptions options = new SessionOptions(8, 1, 1, Initialization.HE_FAN_IN);
    Session session = engine().open(NETWORK, Map.of("classifier.weight", none), options);
    session.write("classifier.bias", Slot.VALUE, logits);
    return session;
  }

  private static BatchResult accumulate(Session session, Objective objective, int... labels) {
    int count = labels.length;
    Batch batch = new Batch(new float[count], labels, new long[count], count, 0);
    return session.accumulate(batch, objective, Mode.TRAIN, 0.5, Growth.NONE);
  }

  @Test
  void lossIsASumAndTheGradientIsScaled() {
    try (Session session = open(0, (float) Math.log(2), (float) Math.log(5))) {
      BatchResult result = accumulate(session, PLAIN, 0, 2, 2);
      assertThat(result.loss()).isCloseTo(Math.log(8) + 2 * Math.log(8 / 5.0), within(1e-6));
      assertThat(result.count()).isEqualTo(3);
      assertThat(result.correct()).isEqualTo(2);
      float[] gradient = session.read("classifier.bias", Slot.GRADIENT);
      assertThat(gradient)
          .containsExactly(
              new float[] {0.5f * (3 / 8f - 1), 0.5f * 6 / 8f, 0.5f * (15 / 8f - 2)},
              within(1e-6f));
    }
  }

  @Test
  void smoothedLabelsShareWithAllOrWithTheOthers() {
    try (Session session = open(0, (float) Math.log(2), (float) Math.log(5))) {
      double[] losses = {Math.log(8), Math.log(4), Math.log(8 / 5.0)};
      Objective all = new Objective.CrossEntropy(0.3, SmoothingOver.ALL);
      assertThat(accumulate(session, all, 1).loss())
          .isCloseTo(0.1 * losses[0] + 0.8 * losses[1] + 0.1 * losses[2], within(1e-6));
      session.clearGradient();
      Objective others = new Objective.CrossEntropy(0.3, SmoothingOver.OTHERS);
      assertThat(accumulate(session, others, 1).loss())
          .isCloseTo(0.15 * losses[0] + 0.7 * losses[1] + 0.15 * losses[2], within(1e-6));
      assertThat(session.read("classifier.bias", Slot.GRADIENT))
          .containsExactly(
              new float[] {
                0.5f * (1 / 8f - 0.15f), 0.5f * (2 / 8f - 0.7f), 0.5f * (5 / 8f - 0.15f)
              },
              within(1e-6f));
    }
  }

  private static Batch batch(float[] teacher, int... labels) {
    int count = labels.length;
    return new Batch(new float[count], labels, new long[count], count, 0).withTeacher(teacher);
  }

  /** The teacher says 1/4, 1/4, 1/2 at T = 1; at T = 2 that is 1 : 1 : √2, and 1 : √2 : √5. */
  @Test
  void distillationIsTheDivergenceFromTheTeachersSofterAnswers() {
    float[] logits = {0, (float) Math.log(2), (float) Math.log(5)};
    float[] teacher = {0, 0, (float) Math.log(2)};
    double[] p = {1 / (2 + Math.sqrt(2)), 1 / (2 + Math.sqrt(2)), 1 - 2 / (2 + Math.sqrt(2))};
    double sum = 1 + Math.sqrt(2) + Math.sqrt(5);
    double[] q = {1 / sum, Math.sqrt(2) / sum, Math.sqrt(5) / sum};
    double divergence = 0;
    for (int c = 0; c < 3; c++) {
      divergence += p[c] * Math.log(p[c] / q[c]);
    }
    try (Session session = open(logits)) {
      Objective half = new Objective.Distillation((Objective.CrossEntropy) PLAIN, 0.25, 2);
      BatchResult result =
          session.accumulate(batch(teacher, 1), half, Mode.TRAIN, 0.5, Growth.NONE);
      assertThat(result.loss()).isCloseTo(0.75 * Math.log(4) + 0.25 * 4 * divergence, within(1e-6));
      float[] gradient = session.read("classifier.bias", Slot.GRADIENT);
      for (int c = 0; c < 3; c++) {
        double hard = new double[] {1 / 8.0, 2 / 8.0 - 1, 5 / 8.0}[c];
        double expected = 0.5 * (0.75 * hard + 0.25 * 2 * (q[c] - p[c]));
        assertThat((double) gradient[c]).isCloseTo(expected, within(1e-6));
      }
    }
  }

  @Test
  void aTeacherOfWeightZeroChangesNoBit() {
    float[] teacher = {5, -3, 0.25f, 1, 2, -70};
    Objective.CrossEntropy labels = new Objective.CrossEntropy(0.1, SmoothingOver.ALL);
    try (Session session = open(0.3f, -1.7f, 2.9f)) {
      BatchResult plain = accumulate(session, labels, 1, 2);
      float[] gradient = session.read("classifier.bias", Slot.GRADIENT);
      session.clearGradient();
      Objective taught = new Objective.Distillation(labels, 0, 1);
      BatchResult result =
          session.accumulate(batch(teacher, 1, 2), taught, Mode.TRAIN, 0.5, Growth.NONE);
      assertThat(result).isEqualTo(plain);
      assertThat(session.read("classifier.bias", Slot.GRADIENT)).containsExactly(gradient);
    }
  }

  @Test
  void anObjectiveWithATeacherNeedsItsLogits() {
    Objective taught = new Objective.Distillation((Objective.CrossEntropy) PLAIN, 0.5, 4);
    try (Session session = open(0, 1, 2)) {
      assertThatThrownBy(() -> accumulate(session, taught, 0, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("distillation needs the teacher's 6 logits of 2 samples, not 0");
      assertThatThrownBy(
              () ->
                  session.accumulate(batch(new float[5], 0, 1), taught, Mode.TRAIN, 1, Growth.NONE))
          .hasMessageContaining("not 5");
    }
  }

  @Test
  void largeLogitsOverflowNothing() {
    try (Session session = open(1000, 0, -1000)) {
      assertThat(accumulate(session, PLAIN, 2).loss()).isEqualTo(2000);
      assertThat(session.read("classifier.bias", Slot.GRADIENT)).containsExactly(0.5f, 0, -0.5f);
    }
  }

  @Test
  void ofEqualLogitsTheFirstIsTheAnswer() {
    try (Session session = open(1, 3, 3)) {
      assertThat(accumulate(session, PLAIN, 0, 1, 2, 1).correct()).isEqualTo(2);
    }
  }

  @Test
  void theTemperatureDividesTheLogits() {
    try (Session session = open(0, 4 * (float) Math.log(2), 4 * (float) Math.log(5))) {
      Objective warm = new Objective.CrossEntropy(0, SmoothingOver.ALL, 4);
      BatchResult result = accumulate(session, warm, 0, 2);
      assertThat(result.loss()).isCloseTo(Math.log(8) + Math.log(8 / 5.0), within(1e-6));
      assertThat(session.read("classifier.bias", Slot.GRADIENT))
          .containsExactly(
              new float[] {0.125f * (2 / 8f - 1), 0.125f * 4 / 8f, 0.125f * (10 / 8f - 1)},
              within(1e-6f));
    }
  }

  @Test
  void theSumOfOutputsIsThatOfAllSamples() {
    try (Session session = open(1, -2, 4)) {
      BatchResult result = accumulate(session, new Objective.SumOfOutputs(), 0, 2, 2);
      assertThat(result.loss()).isEqualTo(9);
      assertThat(result.correct()).isEqualTo(2);
      assertThat(session.read("classifier.bias", Slot.GRADIENT)).containsExactly(1.5f, 1.5f, 1.5f);
    }
  }
}
