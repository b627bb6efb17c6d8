package dev.windfall.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;

/**
 * The operations of the Vector API whose last bits differ between the interpreter and the compiler,
 * or between machines: sums over lanes in no defined order, and the functions that the platform
 * takes from a mathematical library.
 */
final class BannedVectorOperations {

  private static final String API = "jdk.incubator.vector.";

  private static final Set<String> FLOATING_POINT_VECTORS =
      Set.of(API + "FloatVector", API + "DoubleVector");

  private static final Set<String> METHODS = Set.of("reduceLanes", "pow");

  private static final Set<String> OPERATORS =
      Set.of(
          "EXP", "EXPM1", "LOG", "LOG10", "LOG1P", "POW", "CBRT", "HYPOT", "SIN", "COS", "TAN",
          "ASIN", "ACOS", "ATAN", "ATAN2", "SINH", "COSH", "TANH");

  /** No class uses one of them. */
  static final ArchRule RULE =
      noClasses()
          .should()
          .accessTargetWhere(
              DescribedPredicate.describe("is banned", BannedVectorOperations::isBanned))
          .because(
              "the same bits are promised for every provider and number of threads: "
                  + "reduce in a fixed tree, and use fused multiply-add polynomials")
          .allowEmptyShould(true);

  private BannedVectorOperations() {}

  private static boolean isBanned(JavaAccess<?> access) {
    JavaClass owner = access.getTargetOwner();
    String name = access.getTarget().getName();
    return owner.getName().equals(API + "VectorOperators")
        ? OPERATORS.contains(name)
        : FLOATING_POINT_VECTORS.contains(owner.getName()) && METHODS.contains(name);
  }
}
