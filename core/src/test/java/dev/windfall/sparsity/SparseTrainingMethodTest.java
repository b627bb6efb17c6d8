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
    "dense,    NEVER,          NONE,      NONE,     NEVER,           NONE",
    "static,   FROM_THE_START, NONE,      NONE,     NEVER,           NONE",
    "set,      FROM_THE_START, MAGNITUDE, RANDOM,   AFTER_STEP,      NONE",
    "snfs,     FROM_THE_START, MAGNITUDE, MOMENTUM, AFTER_STEP,      MOMENTUM",
    "rigl,     FROM_THE_START, MAGNITUDE, GRADIENT, INSTEAD_OF_STEP, NONE",
    "rigl-sm,  FROM_THE_START, MAGNITUDE, GRADIENT, INSTEAD_OF_STEP, MOMENTUM",
    "rigl-sg,  FROM_THE_START, MAGNITUDE, GRADIENT, INSTEAD_OF_STEP, GRADIENT",
    "snip,     BEFORE_TRAINING, CONNECTION_SENSITIVITY, NONE, NEVER,    NONE",
    "grasp,    BEFORE_TRAINING, GRADIENT_FLOW,          NONE, NEVER,    NONE",
    "synflow,  BEFORE_TRAINING, SYNAPTIC_FLOW,          NONE, NEVER,    NONE",
    "gmp,      GRADUALLY,      MAGNITUDE, NONE,     AFTER_STEP,      NONE",
    "one-shot, AT_ONCE,        MAGNITUDE, NONE,     AFTER_STEP,      NONE",
    "retraining, NEVER,        MAGNITUDE, DROPPED,  INSTEAD_OF_STEP, NONE",
  })
  void methodsAreRowsOfATable(
      String name,
      Sparsification sparsification,
      DropCriterion drop,
      GrowCriterion grow,
      UpdateTiming timing,
      Redistribution redistribution) {
    SparseTrainingMethod method = SparseTrainingMethod.named(name);
    assertThat(method.sparsification()).isEqualTo(sparsification);
    assertThat(method.drop()).isEqualTo(drop);
    assertThat(method.grow()).isEqualTo(grow);
    assertThat(method.timing()).isEqualTo(timing);
    assertThat(method.redistribution()).isEqualTo(redistribution);
    assertThat(method.updatesConnections()).isEqualTo(timing != UpdateTiming.NEVER);
    assertThat(method.description()).isNotBlank().doesNotContain("\n");
  }

  @Test
  void rulesAndOptionsMakeOtherCompositions() {
    SparseTrainingMethod set = SparseTrainingMethod.named("set");
    assertThat(set.by(UpdateRule.AUTHORS)).isEqualTo(set);
    assertThat(set.by(UpdateRule.REPORT).timing()).isEqualTo(UpdateTiming.INSTEAD_OF_STEP);
    SparseTrainingMethod never = SparseTrainingMethod.named("static");
    assertThat(never.by(UpdateRule.REPORT)).isEqualTo(never);
    SparseTrainingMethod rigl = SparseTrainingMethod.named("rigl");
    SparseTrainingMethod wandering = rigl.redistributing(Redistribution.MOMENTUM);
    assertThat(wandering.redistribution()).isEqualTo(Redistribution.MOMENTUM);
    assertThat(wandering.name()).isEqualTo("rigl");
    assertThatThrownBy(
            () -> SparseTrainingMethod.named("rigl-sm").redistributing(Redistribution.NONE))
        .hasMessage(
            "method rigl-sm redistributes by momentum; for none use rigl with"
                + " sparsity.redistribution");
    for (Redistribution any : Redistribution.values()) {
      assertThat(SparseTrainingMethod.named("snfs").redistributing(any).redistribution())
          .isEqualTo(any);
    }
    assertThatThrownBy(() -> never.redistributing(Redistribution.GRADIENT))
        .hasMessage("method static grows nothing that could wander by gradient");
  }

  @Test
  void namesAreKnown() {
    assertThat(SparseTrainingMethod.all())
        .extracting(SparseTrainingMethod::name)
        .containsExactly(
            "dense",
            "static",
            "set",
            "snfs",
            "rigl",
            "rigl-sm",
            "rigl-sg",
            "snip",
            "grasp",
            "synflow",
            "gmp",
            "one-shot",
            "retraining");
    assertThatThrownBy(() -> SparseTrainingMethod.named("dsr"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "unknown method 'dsr'; known: dense static set snfs rigl rigl-sm rigl-sg snip grasp synflow gmp one-shot"
                + " retraining");
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

  private static SparseTrainingMethod odd(
      Sparsification sparsification, GrowCriterion grow, UpdateTiming timing) {
    return new SparseTrainingMethod(
        "odd", "", sparsification, DropCriterion.MAGNITUDE, grow, timing, Redistribution.NONE);
  }

  @Test
  void halfMethodsAreRefused() {
    assertThatThrownBy(
            () -> odd(Sparsification.FROM_THE_START, GrowCriterion.NONE, UpdateTiming.AFTER_STEP))
        .hasMessage(
            "method odd: drop MAGNITUDE, grow NONE, update AFTER_STEP: all of them or none, and"
                + " pruning grows nothing");
    assertThatThrownBy(
            () -> odd(Sparsification.GRADUALLY, GrowCriterion.RANDOM, UpdateTiming.AFTER_STEP))
        .hasMessageContaining("pruning grows nothing");
    assertThatThrownBy(
            () -> odd(Sparsification.NEVER, GrowCriterion.RANDOM, UpdateTiming.AFTER_STEP))
        .hasMessage(
            "method odd: a dense network has no connections to grow but those just dropped");
  }
}
