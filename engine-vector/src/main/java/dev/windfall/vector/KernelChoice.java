package dev.windfall.vector;

import java.util.Set;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Chooses the kernels once, when the engine is loaded: the Vector API with 16 or 8 lanes on x86-64,
 * as wide as the processor has them; plain loops elsewhere, and where the JVM was started without
 * the module {@code jdk.incubator.vector}. The system property {@code windfall.vector.kernels}
 * ({@code 16}, {@code 8} or {@code scalar}) overrides the choice, for tests and for comparisons.
 */
final class KernelChoice {

  static final String PROPERTY = "windfall.vector.kernels";

  private KernelChoice() {}

  /** What {@link #kernels} found, and why. */
  record Choice(Kernels kernels, String reason) {}

  /**
   * The kernels for this machine.
   *
   * @throws IllegalArgumentException where the system property names no known kernels
   */
  static Choice choose() {
    String forced = System.getProperty(PROPERTY, "");
    if (!Set.of("", "16", "8", "scalar").contains(forced)) {
      throw new IllegalArgumentException(
          "system property %s: '%s' is not one of 16, 8, scalar".formatted(PROPERTY, forced));
    }
    if (forced.equals("scalar")) {
      return new Choice(new ScalarKernels(), "chosen by " + PROPERTY);
    }
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return new Choice(
          new ScalarKernels(),
          "start the JVM with --add-modules jdk.incubator.vector for the fast kernels");
    }
    if (!Set.of("amd64", "x86_64").contains(System.getProperty("os.arch"))) {
      return new Choice(
          new ScalarKernels(), "no vector kernels yet for " + System.getProperty("os.arch"));
    }
    return forced.isEmpty()
        ? preferred()
        : new Choice(new VectorKernels(), "chosen by " + PROPERTY);
  }

  private static Choice preferred() {
    int lanes = FloatVector.SPECIES_PREFERRED.length();
    return lanes < 8
        ? new Choice(new ScalarKernels(), "the processor has vectors of %d lanes".formatted(lanes))
        : new Choice(new VectorKernels(), "the processor's widest vectors");
  }

  /** The width that {@link VectorKernels} computes with. */
  static VectorSpecies<Float> species() {
    return switch (System.getProperty(PROPERTY, "")) {
      case "16" -> FloatVector.SPECIES_512;
      case "8" -> FloatVector.SPECIES_256;
      default ->
          FloatVector.SPECIES_PREFERRED.length() >= 16
              ? FloatVector.SPECIES_512
              : FloatVector.SPECIES_256;
    };
  }
}
