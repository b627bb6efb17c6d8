package dev.windfall.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class KernelChoiceTest {

  private final String before = System.getProperty(KernelChoice.PROPERTY, "");

  @AfterEach
  void restoreProperty() {
    if (before.isEmpty()) {
      System.clearProperty(KernelChoice.PROPERTY);
    } else {
      System.setProperty(KernelChoice.PROPERTY, before);
    }
  }

  /** The second run of these tests forces 8 lanes: it must not silently test 16 again. */
  @Test
  void kernelsHaveTheWidthThatWasAskedFor() {
    String lanes =
        switch (before) {
          case "8", "16" -> before;
          default -> FloatVector.SPECIES_PREFERRED.length() >= 16 ? "16" : "8";
        };
    assertThat(new VectorKernels().description()).isEqualTo("Vector API, " + lanes + " lanes");
  }

  @Test
  void scalarKernelsCanBeForced() {
    System.setProperty(KernelChoice.PROPERTY, "scalar");
    assertThat(KernelChoice.choose().kernels()).isInstanceOf(ScalarKernels.class);
    assertThat(new VectorEngine().description())
        .isEqualTo("truly sparse, pure Java; scalar (chosen by windfall.vector.kernels)");
  }

  @Test
  void anUnknownChoiceIsRefusedWithTheKnownOnes() {
    System.setProperty(KernelChoice.PROPERTY, "32");
    assertThatThrownBy(KernelChoice::choose)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'32' is not one of 16, 8, scalar");
  }
}
