package dev.windfall.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.EvaluationResult;
import java.util.function.BinaryOperator;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ban on vector operations, tried on small offenders and on one that does nothing wrong. */
final class BannedVectorOperationsTest {

  @ParameterizedTest
  @ValueSource(
      classes = {
        SumsFloats.class,
        SumsDoubles.class,
        TakesExponentials.class,
        TakesHyperbolicTangents.class,
        TakesLogarithmsUnderMask.class,
        RaisesToPowers.class,
        RefersToPower.class
      })
  void catchesOffender(Class<?> offender) {
    EvaluationResult result =
        BannedVectorOperations.RULE.evaluate(new ClassFileImporter().importClasses(offender));

    assertThat(result.hasViolation()).isTrue();
    assertThat(result.getFailureReport().getDetails())
        .singleElement()
        .asString()
        .contains(offender.getSimpleName());
  }

  @Test
  void allowsExactOperations() {
    EvaluationResult result =
        BannedVectorOperations.RULE.evaluate(
            new ClassFileImporter().importClasses(ComputesExactly.class));

    assertThat(result.getFailureReport().getDetails()).isEmpty();
  }

  static final class SumsFloats {
    static float sum(FloatVector v) {
      return v.reduceLanes(VectorOperators.ADD);
    }
  }

  static final class SumsDoubles {
    static double sum(DoubleVector v) {
      return v.reduceLanes(VectorOperators.ADD);
    }
  }

  static final class TakesExponentials {
    static FloatVector exponential(FloatVector v) {
      return v.lanewise(VectorOperators.EXP);
    }
  }

  static final class TakesHyperbolicTangents {
    static FloatVector tangent(FloatVector v) {
      return v.lanewise(VectorOperators.TANH);
    }
  }

  static final class TakesLogarithmsUnderMask {
    static FloatVector logarithm(FloatVector v) {
      return v.lanewise(VectorOperators.LOG, v.test(VectorOperators.IS_FINITE));
    }
  }

  static final class RaisesToPowers {
    static FloatVector square(FloatVector v) {
      return v.pow(2f);
    }
  }

  static final class RefersToPower {
    static final BinaryOperator<FloatVector> POWER = FloatVector::pow;
  }

  static final class ComputesExactly {
    static FloatVector product(FloatVector a, FloatVector b, FloatVector c) {
      return a.lanewise(VectorOperators.FMA, b, c).lanewise(VectorOperators.ABS).sqrt();
    }

    static int sum(IntVector v) {
      return v.reduceLanes(VectorOperators.ADD);
    }
  }
}
