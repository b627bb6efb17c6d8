package dev.windfall.experiment.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.data.Dataset;
import dev.windfall.data.ImageSet;
import dev.windfall.data.ImageShape;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.RunPlan;
import dev.windfall.training.TinyDataset;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StepTimerTest {

  private static final long MILLISECOND = 1_000_000;

  /** Its test samples must not be looked at. */
  private record Unseen(Dataset tiny) implements Dataset {
    @Override
    public String name() {
      return tiny.name();
    }

    @Override
    public ImageShape shape() {
      return tiny.shape();
    }

    @Override
    public List<String> classNames() {
      return tiny.classNames();
    }

    @Override
    public ImageSet train() {
      return tiny.train();
    }

    @Override
    public ImageSet test() {
      ImageSet test = tiny.test();
      return new ImageSet() {
        @Override
        public int count() {
          return test.count();
        }

        @Override
        public int label(int index) {
          return test.label(index);
        }

        @Override
        public void read(int index, byte[] into) {
          throw new AssertionError("a measured training was evaluated");
        }
      };
    }
  }

  /** Twenty steps are the whole training, so that measuring begins it anew several times. */
  @ParameterizedTest
  @ValueSource(strings = {"static", "rigl"})
  void stepsAreMeasuredWithoutEvaluations(String method) {
    String recipe =
        """
        model: {name: mlp-20-10}
        data: {name: tiny, validation: 0}
        sparsity: {method: %s, target: 0.5, update: {every: 3}}
        training: {epochs: 2, batch-size: 40, schedule: {lr: 0.01}}
        run: {engine: reference}
        """
            .formatted(method);
    RunPlan plan =
        RunPlan.of(
            RecipeDraft.defaults().with(recipe, "test").recipe(),
            new Unseen(new TinyDataset(400, 40)));
    AtomicLong clock = new AtomicLong();
    RowTiming timing =
        new StepTimer(0.1, () -> clock.addAndGet(MILLISECOND)).measure("row", plan, null);
    assertThat(timing.steps()).isEqualTo(100);
    assertThat(timing.firstStepMilliseconds()).isEqualTo(1);
    if (method.equals("rigl")) {
      assertThat(timing.updateMilliseconds()).isEqualTo(1);
    } else {
      assertThat(timing.updateMilliseconds()).isNull();
    }
  }
}
