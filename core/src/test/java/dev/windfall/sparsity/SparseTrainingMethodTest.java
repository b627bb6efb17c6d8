package dev.windfall.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.network.Zoo;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparseTrainingMethodTest {

  @ParameterizedTest
  @CsvSource({
    "dense,  false, NONE,      NONE,     NEVER",
    "static, true,  NONE,      NONE,     NEVER",
    "set,    true,  MAGNITUDE, RANDOM,   AFTER_STEP",
    "rigl,   true,  MAGNITUDE, GRADIENT, INSTEAD_OF_STEP",
  })
  void methodsAreRowsOfATable(
      String name, boolean sparse, DropCriterion drop, GrowCriterion grow, UpdateTiming timing) {
    SparseTrainingMethod method = SparseTrainingMethod.named(name);
    assertThat(method.sparse()).isEqualTo(sparse);
    assertThat(method.drop()).isEqualTo(drop);
    assertThat(method.grow()).isEqualTo(grow);
    assertThat(method.timing()).isEqualTo(timing);
    assertThat(method.updatesConnections()).isEqualTo(timing != UpdateTiming.NEVER);
    assertThat(method.description()).isNotBlank().doesNotContain("\n");
  }

  @Test
  void namesAreKnown() {
    assertThat(SparseTrainingMethod.all())
        .extracting(SparseTrainingMethod::name)
        .containsExactly("dense", "static", "set", "rigl");
    assertThatThrownBy(() -> SparseTrainingMethod.named("snfs"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unknown method 'snfs'; known: dense static set rigl");
  }

  @Test
  void denseAsksNoDistribution() {
    List<Parameter> prunable =
        Zoo.build("lenet-5", Zoo.Options.of(new Shape(1, 28, 28), 10)).prunable();
    Distribution erk = Distribution.named("erk");
    SparsityBudget budget = SparsityBudget.outside(0.9, Set.of());
    assertThat(SparseTrainingMethod.named("dense").densities(erk, prunable, budget))
        .isEqualTo(LayerDensities.dense(prunable));
    assertThat(SparseTrainingMethod.named("set").densities(erk, prunable, budget))
        .isEqualTo(erk.densities(prunable, 0.9, Set.of()));
  }

  @Test
  void halfMethodsAreRefused() {
    assertThatThrownBy(
            () ->
                new SparseTrainingMethod(
                    "half",
                    "drops only",
                    true,
                    DropCriterion.MAGNITUDE,
                    GrowCriterion.NONE,
                    UpdateTiming.AFTER_STEP))
        .hasMessage(
            "method half: drop MAGNITUDE, grow NONE, update AFTER_STEP: all of them or none");
    assertThatThrownBy(
            () ->
                new SparseTrainingMethod(
                    "odd",
                    "grows a dense network",
                    false,
                    DropCriterion.MAGNITUDE,
                    GrowCriterion.RANDOM,
                    UpdateTiming.AFTER_STEP))
        .hasMessage("method odd: a dense network has no connections to grow");
  }
}
