package dev.windfall.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.engine.contract.Sessions;
import dev.windfall.network.Parameter;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What the optimizers of this engine keep, besides what all engines promise. */
final class OptimizerMemoryTest {

  @Test
  void onlyAdamTakesMemoryForVariances() {
    try (Session session = Sessions.open(new VectorEngine())) {
      Sessions.train(session, 1);
      long before = session.memory().weightsAndState();
      Sessions.train(session, 2);
      assertThat(session.memory().weightsAndState()).isEqualTo(before);
      assertThatThrownBy(() -> session.read("conv1.weight", Slot.VARIANCE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("conv1.weight has no variance");
      session.apply(Sessions.ADAM);
      long trained = 0;
      for (Parameter parameter : Sessions.NETWORK.parameters()) {
        if (parameter.role().isTrained()) {
          trained += session.read(parameter.name(), Slot.VARIANCE).length;
        }
      }
      assertThat(session.memory().weightsAndState()).isEqualTo(before + 4 * trained);
      assertThat(session.memory().peak())
          .isEqualTo(before + 4 * trained + session.memory().activations());
    }
  }

  @Test
  void numbersTooSmallForAnyoneBecomeZero() {
    try (Session session = Sessions.open(new VectorEngine())) {
      int count = session.read("conv1.weight", Slot.VALUE).length;
      float[] tiny = new float[count];
      Arrays.fill(tiny, 1e-35f);
      session.write("conv1.weight", Slot.VALUE, tiny);
      session.write("conv1.weight", Slot.MOMENTUM, tiny);
      session.apply(new OptimizerStep.Sgd(0.1, 0.9, false, 0, false));
      assertThat(session.read("conv1.weight", Slot.VALUE)).containsOnly(0);
      assertThat(session.read("conv1.weight", Slot.MOMENTUM)).containsOnly(0);
    }
  }
}
