package dev.windfall.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The arrows between modules and packages, as {@code docs/architecture.md} draws them. */
final class ArchitectureTest {

  private static final String ROOT = "dev.windfall.";

  /** What each package of the core may know besides itself; a package need not exist yet. */
  private static final Map<String, List<String>> CORE =
      Map.of(
          "random", List.of(),
          "network", List.of("random"),
          "sparsity", List.of("random", "network"),
          "cost", List.of("network", "sparsity"),
          "data", List.of("random"),
          "engine", List.of("network", "sparsity"),
          "training", List.of("random", "network", "sparsity", "cost", "data", "engine"),
          "tweak", List.of("network", "data", "engine", "training"),
          "lottery", List.of("random", "network", "sparsity", "engine", "training"),
          "experiment",
              List.of(
                  "random",
                  "network",
                  "sparsity",
                  "cost",
                  "data",
                  "engine",
                  "training",
                  "tweak",
                  "lottery"));

  private static final List<String> CORE_PACKAGES = CORE.keySet().stream().sorted().toList();

  private static final JavaClasses PRODUCTION =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.windfall");

  @Test
  void allModulesAreSeen() {
    assertThat(PRODUCTION)
        .extracting(type -> type.getPackageName())
        .contains(ROOT + "network", ROOT + "vector", ROOT + "torch", ROOT + "cli")
        .doesNotContain(ROOT + "architecture");
  }

  @Test
  void everyPackageHasItsPlace() {
    classes()
        .should()
        .resideInAnyPackage(trees(CORE_PACKAGES, "vector", "torch", "report", "cli"))
        .because("a new package needs a line in this test and in docs/architecture.md")
        .check(PRODUCTION);
  }

  @Test
  void everyPackageIsNullMarked() {
    assertThat(PRODUCTION)
        .extracting(type -> type.getPackage())
        .allSatisfy(
            it -> assertThat(it.isAnnotatedWith(NullMarked.class)).as(it.getName()).isTrue());
  }

  @ParameterizedTest
  @FieldSource("CORE_PACKAGES")
  void corePackageKnowsOnlyWhatIsBelowIt(String name) {
    noClasses()
        .that()
        .resideInAPackage(tree(name))
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.windfall..")
                .and(not(resideInAnyPackage(trees(CORE.getOrDefault(name, List.of()), name)))))
        .allowEmptyShould(true)
        .check(PRODUCTION);
  }

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching("dev.windfall.(**)").should().beFreeOfCycles().check(PRODUCTION);
  }

  @Test
  void coreUsesNoLibraryButItsOwnFour() {
    noClasses()
        .that()
        .resideInAnyPackage(trees(CORE_PACKAGES))
        .should()
        .dependOnClassesThat(
            not(
                resideInAnyPackage(
                    "java..",
                    "javax.imageio..",
                    "com.sun.management..",
                    "dev.windfall..",
                    "org.jspecify.annotations..",
                    "com.fasterxml.jackson..",
                    "org.apache.commons.compress..",
                    "org.tukaani.xz..")))
        .check(PRODUCTION);
  }

  @Test
  void coreCallsNoNativeCode() {
    noClasses()
        .that()
        .resideInAnyPackage(trees(CORE_PACKAGES))
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Linker.class, SymbolLookup.class)
        .orShould()
        .accessTargetWhere(describe("loads a library", ArchitectureTest::loadsLibrary))
        .check(PRODUCTION);
    noMethods().should().haveModifier(JavaModifier.NATIVE).allowEmptyShould(true).check(PRODUCTION);
  }

  @Test
  void vectorEngineKnowsOnlyThePortAndWhatThePortSpeaksOf() {
    noClasses()
        .that()
        .resideInAPackage(tree("vector"))
        .should()
        .dependOnClassesThat(
            not(
                resideInAnyPackage(
                    trees(
                        List.of("random", "network", "sparsity", "engine", "vector"),
                        "java..",
                        "jdk.incubator.vector..",
                        "org.jspecify.annotations.."))))
        .check(PRODUCTION);
  }

  @Test
  void torchEngineKnowsOnlyThePortItsFacadeAndWhatThePortSpeaksOf() {
    noClasses()
        .that()
        .resideInAPackage(tree("torch"))
        .should()
        .dependOnClassesThat(
            not(
                resideInAnyPackage(
                    trees(
                        List.of("random", "network", "sparsity", "engine", "torch"),
                        "java..",
                        "org.bytedeco..",
                        "org.jspecify.annotations.."))))
        .check(PRODUCTION);
  }

  @Test
  void onlyTheBindingKnowsLibtorch() {
    noClasses()
        .that()
        .resideOutsideOfPackage(tree("torch.libtorch"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.bytedeco..")
        .check(PRODUCTION);
    noMethods()
        .that()
        .areDeclaredInClassesThat()
        .resideInAPackage(tree("torch.libtorch"))
        .and()
        .arePublic()
        .and()
        .areDeclaredInClassesThat()
        .arePublic()
        .should()
        .haveRawReturnType(resideInAPackage("org.bytedeco.."))
        .check(PRODUCTION);
  }

  @Test
  void theFacadeKnowsNoBindingAndNothingOfNetworks() {
    noClasses()
        .that()
        .resideInAPackage(tree("torch.tensor"))
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.windfall..").and(not(resideInAPackage(tree("torch.tensor")))))
        .check(PRODUCTION);
  }

  @Test
  void commandLineFindsEnginesAtRunTimeOnly() {
    noClasses()
        .that()
        .resideInAPackage(tree("cli"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(tree("vector"), tree("torch"))
        .check(PRODUCTION);
  }

  @Test
  void reportKnowsTheCoreAlone() {
    noClasses()
        .that()
        .resideInAPackage(tree("report"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(trees(List.of("vector", "torch", "cli")))
        .check(PRODUCTION);
  }

  @Test
  void onlyReportComputesStatisticsAndDraws() {
    noClasses()
        .that()
        .resideOutsideOfPackage(tree("report"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.apache.commons.math3..", "org.jfree..", "de.erichseifert.vectorgraphics2d..")
        .check(PRODUCTION);
  }

  @Test
  void onlyTheCommandLineLogsThroughSlf4j() {
    noClasses()
        .that()
        .resideOutsideOfPackage(tree("cli"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.slf4j..", "ch.qos.logback..")
        .check(PRODUCTION);
  }

  @Test
  void nothingDrawsUnseededNumbers() {
    noClasses()
        .should()
        .callMethod(Math.class, "random")
        .orShould()
        .callConstructor(Random.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(ThreadLocalRandom.class)
        .because("a run is a function of its seed")
        .check(PRODUCTION);
  }

  @Test
  void vectorOperationsAreExact() {
    BannedVectorOperations.RULE.check(PRODUCTION);
  }

  private static boolean loadsLibrary(JavaAccess<?> access) {
    return List.of("load", "loadLibrary").contains(access.getTarget().getName())
        && (access.getTargetOwner().isEquivalentTo(System.class)
            || access.getTargetOwner().isEquivalentTo(Runtime.class));
  }

  private static String tree(String name) {
    return ROOT + name + "..";
  }

  /** Package patterns: the trees of the names, and of further names or patterns. */
  private static String[] trees(List<String> names, String... further) {
    List<String> patterns = new ArrayList<>();
    for (String name : names) {
      patterns.add(tree(name));
    }
    for (String name : further) {
      patterns.add(name.endsWith("..") ? name : tree(name));
    }
    return patterns.toArray(String[]::new);
  }
}
