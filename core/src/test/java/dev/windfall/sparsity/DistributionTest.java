package dev.windfall.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.network.Zoo;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.LayerDensities.LayerDensity;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DistributionTest {

  private static final Distribution ERK = Distribution.named("erk");
  private static final Distribution UNIFORM = Distribution.named("uniform");
  private static final List<Distribution> SHARING = List.of(UNIFORM, Distribution.named("er"), ERK);
  private static final List<Parameter> WRN = prunable("wrn-22-2", new Shape(3, 32, 32));
  private static final List<Parameter> LENET = prunable("lenet-300-100", new Shape(1, 28, 28));

  private static final List<Double> SPARSITIES = List.of(0.5, 0.8, 0.9, 0.95);

  /** Shape; layers of it; connections of each at the four sparsities. */
  private static final String WRN_TABLE =
      """
      [16, 3, 3, 3]    1    432   432   432   432
      [32, 16, 3, 3]   1   4608  4083  1941   937
      [32, 32, 3, 3]   5   9216  5293  2516  1215
      [32, 16, 1, 1]   1    512   512   512   512
      [64, 32, 3, 3]   1  18432  7712  3666  1770
      [64, 64, 3, 3]   5  28109 10132  4816  2325
      [64, 32, 1, 1]   1   2048  2048  2048  1701
      [128, 64, 3, 3]  1  41534 14971  7116  3436
      [128, 128, 3, 3] 5  54959 19810  9416  4546
      [128, 64, 1, 1]  1   8192  8192  6973  3366
      [10, 128]        1   1280  1280  1280  1280
      """;

  private static List<Parameter> prunable(String model, Shape input) {
    return Zoo.build(model, Zoo.Options.of(input, 10)).prunable();
  }

  @Test
  void erkOfTheWideResNetIsTheKnownTable() {
    for (int column = 0; column < SPARSITIES.size(); column++) {
      double sparsity = SPARSITIES.get(column);
      Map<String, Long> expected = new HashMap<>();
      Map<String, Integer> layersOf = new HashMap<>();
      for (String line : WRN_TABLE.lines().toList()) {
        String[] fields = line.substring(line.indexOf(']') + 1).strip().split(" +", -1);
        String shape = line.substring(0, line.indexOf(']') + 1);
        layersOf.put(shape, Integer.valueOf(fields[0]));
        expected.put(shape, Long.valueOf(fields[column + 1]));
      }
      Map<String, Integer> seen = new HashMap<>();
      for (LayerDensity layer : ERK.densities(WRN, sparsity, Set.of()).layers()) {
        String shape = layer.weight().shape().toString();
        seen.merge(shape, 1, Integer::sum);
        assertThat(layer.connections())
            .as("%s at %s", layer.weight(), sparsity)
            .isEqualTo(expected.get(shape));
      }
      assertThat(seen).isEqualTo(layersOf);
    }
  }

  /** The scale ε of the densities ε · (sum of extents) / (product of extents). */
  @ParameterizedTest
  @CsvSource({
    "0.5,  209.766758, 209.865932",
    "0.8,   75.607675,  75.736215",
    "0.9,   35.938151,  36.072967",
    "0.95,  17.349126,  17.486895",
  })
  void erkScalesAsKnownWithAndWithoutTheFirstLayer(double sparsity, double all, double without) {
    assertThat(scale(ERK.densities(WRN, sparsity, Set.of()))).isCloseTo(all, within(0.005));
    assertThat(scale(ERK.densities(WRN, sparsity, Set.of("conv1.weight"))))
        .isCloseTo(without, within(0.005));
  }

  private static double scale(LayerDensities densities) {
    LayerDensity largest = densities.of("group3.block2.conv1.weight");
    return largest.connections() / (128.0 + 128 + 3 + 3);
  }

  @ParameterizedTest
  @CsvSource({
    "0.9,  0.079568, 0.230189, 1",
    "0.95, 0.038484, 0.111334, 0.918507",
    "0.98, 0.015394, 0.044534, 0.367403",
  })
  void erkOfLinearLayersIsErdosRenyi(double sparsity, double first, double second, double third) {
    List<LayerDensity> layers = ERK.densities(LENET, sparsity, Set.of()).layers();
    double[] expected = {first, second, third};
    for (int i = 0; i < expected.length; i++) {
      LayerDensity layer = layers.get(i);
      assertThat(layer.density())
          .isCloseTo(expected[i], within(1e-6 + 1.0 / layer.weight().elements()));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999})
  void erkMeetsTheBudgetButForOneConnectionALayer(double sparsity) {
    LayerDensities densities = ERK.densities(WRN, sparsity, Set.of());
    long budget =
        WRN.stream()
            .mapToLong(
                weight ->
                    weight.elements() - DecimalFraction.of(sparsity).floorOf(weight.elements()))
            .sum();
    assertThat(densities.connections()).isBetween(budget, budget + WRN.size());
    assertThat(densities.sparsity()).isCloseTo(sparsity, within(1e-4));
    assertThat(densities.weights()).isEqualTo(1_076_912);
  }

  @Test
  void densestErkLayersAreCapped() {
    assertThat(denseLayers(0.8))
        .containsExactlyInAnyOrder(
            "conv1.weight",
            "group1.block1.shortcut.weight",
            "group2.block1.shortcut.weight",
            "group3.block1.shortcut.weight",
            "classifier.weight");
    assertThat(denseLayers(0.95))
        .containsExactlyInAnyOrder(
            "conv1.weight", "group1.block1.shortcut.weight", "classifier.weight");
  }

  private static List<String> denseLayers(double sparsity) {
    return ERK.densities(WRN, sparsity, Set.of()).layers().stream()
        .filter(LayerDensity::isDense)
        .map(layer -> layer.weight().name())
        .toList();
  }

  @Test
  void uniformLeavesOutTheFloorOfEveryLayerButTheFirst() {
    for (double sparsity : SPARSITIES) {
      List<LayerDensity> layers = UNIFORM.densities(WRN, sparsity, Set.of()).layers();
      assertThat(layers.getFirst().isDense()).isTrue();
      for (LayerDensity layer : layers.subList(1, layers.size())) {
        long weights = layer.weight().elements();
        assertThat(layer.connections())
            .isEqualTo(weights - Math.round(sparsity * 100) * weights / 100);
      }
    }
  }

  @Test
  void uniformMayPruneTheFirstLayerToo() {
    LayerDensities densities = new Distribution.Uniform(false).densities(WRN, 0.9, Set.of());
    assertThat(densities.of("conv1.weight").connections()).isEqualTo(432 - 388);
    assertThat(densities.connections()).isEqualTo(107_702);
  }

  @ParameterizedTest
  @ValueSource(strings = {"uniform", "er", "erk"})
  void densitiesStandInNetworkOrder(String name) {
    assertThat(Distribution.named(name).densities(WRN, 0.9, Set.of()).layers())
        .extracting(LayerDensity::weight)
        .containsExactlyElementsOf(WRN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"uniform", "er", "erk"})
  void noSparsityIsDense(String name) {
    assertThat(Distribution.named(name).densities(WRN, 0, Set.of()))
        .isEqualTo(LayerDensities.dense(WRN));
    assertThat(LayerDensities.dense(WRN).sparsity()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"uniform", "er", "erk"})
  void everyLayerKeepsAConnection(String name) {
    List<Parameter> tiny =
        new NetworkBuilder("tiny", Shape.features(1))
            .linear("one", 1)
            .linear("two", 3)
            .linear("three", 500)
            .build()
            .prunable();
    for (double sparsity : List.of(0.5, 0.99, 0.999999, Math.nextDown(1.0))) {
      LayerDensities densities = Distribution.named(name).densities(tiny, sparsity, Set.of());
      assertThat(densities.layers()).allMatch(layer -> layer.connections() >= 1);
    }
  }

  /** Layers of random extents, among them many equal ones, at random sparsities. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void erkHoldsItsBudgetForAnyNetwork(long seed) {
    StatelessRandom random = StatelessRandom.of(seed, "distribution test");
    for (int round = 0; round < 200; round++) {
      NetworkBuilder builder = new NetworkBuilder("random", new Shape(1 + random.nextInt(4), 9, 9));
      for (int layer = 0; layer < 1 + random.nextInt(8); layer++) {
        builder.conv("conv" + layer, 1 + random.nextInt(20), random.nextInt(2) == 0 ? 1 : 3, 1);
      }
      List<Parameter> prunable = builder.build().prunable();
      double sparsity = random.nextInt(1000) / 1000.0;
      LayerDensities densities = ERK.densities(prunable, sparsity, Set.of());
      long budget =
          new Distribution.Uniform(false).densities(prunable, sparsity, Set.of()).connections();
      assertThat(densities.connections()).isBetween(budget, budget + prunable.size());
      assertThat(densities.layers()).allMatch(layer -> layer.connections() >= 1);
    }
  }

  @Test
  void denseLayersStandOutsideOfTheBudget() {
    Set<String> dense = Set.of("conv1.weight", "classifier.weight");
    for (Distribution distribution : SHARING) {
      LayerDensities densities = distribution.densities(WRN, 0.9, dense);
      assertThat(densities.of("conv1.weight").isDense()).isTrue();
      assertThat(densities.of("classifier.weight").isDense()).isTrue();
      long others = densities.connections() - 432 - 1280;
      assertThat(others).isBetween(107_520L, 107_520L + 21);
    }
    Set<String> all = Set.copyOf(WRN.stream().map(Parameter::name).toList());
    assertThat(ERK.densities(WRN, 0.9, all)).isEqualTo(LayerDensities.dense(WRN));
  }

  @Test
  void erkCountsLayersBeyondTheRangeOfAnInt() {
    List<Parameter> huge =
        new NetworkBuilder("huge", Shape.features(90_000))
            .linear("one", 90_000)
            .linear("two", 90_000)
            .build()
            .prunable();
    assertThat(ERK.densities(huge, 0.999, Set.of()).layers())
        .extracting(LayerDensity::connections)
        .containsExactly(8_100_000L, 8_100_000L);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, -0.1, 1.5, Double.NaN, Double.POSITIVE_INFINITY})
  void sparsitiesOutOfRangeAreRefused(double sparsity) {
    for (Distribution distribution : SHARING) {
      assertThatThrownBy(() -> distribution.densities(WRN, sparsity, Set.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("sparsity must be at least 0 and below 1, not " + sparsity);
    }
  }

  @Test
  void unknownNamesAreRefusedWithTheKnownOnes() {
    assertThatThrownBy(() -> Distribution.named("erdos"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unknown distribution 'erdos'; known: uniform er erk custom global");
    assertThatThrownBy(() -> ERK.densities(LENET, 0.9, Set.of("conv1.weight")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the dense layers name an unknown tensor 'conv1.weight'; known: linear1.weight"
                + " linear2.weight classifier.weight");
    assertThatThrownBy(() -> LayerDensities.dense(LENET).of("conv1.weight"))
        .hasMessageContaining("unknown tensor 'conv1.weight'; known: linear1.weight");
  }

  @Test
  void densitiesOfConnectionsThatExist() {
    LayerDensities drawn = ERK.densities(LENET, 0.9, Set.of());
    Map<String, Connectivity> connectivity = RandomConnectivity.draw(drawn, 3);
    assertThat(LayerDensities.of(LENET, connectivity)).isEqualTo(drawn);
    assertThatThrownBy(() -> LayerDensities.of(LENET, Map.of()))
        .hasMessage("the connectivity of linear1.weight is missing");
    assertThatThrownBy(() -> new LayerDensity(LENET.getLast(), 1001))
        .hasMessage("classifier.weight: 1001 connections in a tensor of 1000 weights");
    assertThatThrownBy(() -> new LayerDensity(LENET.getLast(), -1)).hasMessageContaining("-1");
  }

  /** The sum of extents over their product, or inputs + outputs over inputs · outputs. */
  private static double raw(Parameter weight, boolean kernel) {
    List<Integer> shape = weight.shape();
    return kernel
        ? shape.stream().mapToInt(Integer::intValue).sum() / (double) weight.elements()
        : (shape.get(0) + shape.get(1)) / ((double) shape.get(0) * shape.get(1));
  }

  /** Capacity handling as published (Evci et al. 2020), in floating point. */
  private static Map<String, Double> published(
      List<Parameter> prunable, SparsityBudget budget, boolean kernel) {
    Set<String> dense = new HashSet<>(budget.includesDense() ? budget.dense() : Set.of());
    Set<String> aside = new HashSet<>(budget.custom().keySet());
    aside.addAll(budget.includesDense() ? Set.of() : budget.dense());
    double scale = 0;
    for (boolean again = true; again; ) {
      double left = 0;
      double divisor = 0;
      double largest = 0;
      for (Parameter weight : prunable) {
        double absent = Math.floor(budget.sparsity() * weight.elements() + 1e-9);
        if (dense.contains(weight.name())) {
          left -= absent;
        } else if (!aside.contains(weight.name())) {
          left += weight.elements() - absent;
          divisor += raw(weight, kernel) * weight.elements();
          largest = Math.max(largest, raw(weight, kernel));
        }
      }
      scale = left / divisor;
      again = scale * largest > 1 + 1e-12;
      for (Parameter weight : prunable) {
        if (again && !aside.contains(weight.name()) && raw(weight, kernel) == largest) {
          dense.add(weight.name());
        }
      }
    }
    Map<String, Double> densities = new HashMap<>();
    for (Parameter weight : prunable) {
      boolean full = dense.contains(weight.name()) || budget.dense().contains(weight.name());
      densities.put(weight.name(), full ? 1 : scale * raw(weight, kernel));
    }
    budget.custom().forEach((name, sparsity) -> densities.put(name, 1 - sparsity));
    return densities;
  }

  @ParameterizedTest
  @CsvSource({
    "er,  0.8,  false",
    "er,  0.9,  true",
    "er,  0.95, false",
    "erk, 0.8,  true",
    "erk, 0.9,  false",
    "erk, 0.95, true"
  })
  void customLayersAreLeftOutOfBothSums(String name, double sparsity, boolean includesDense) {
    SparsityBudget budget =
        new SparsityBudget(
            sparsity,
            Set.of("conv1.weight", "classifier.weight"),
            includesDense,
            Map.of("group2.block1.conv1.weight", 0.5, "group3.block2.conv2.weight", 0.99));
    Map<String, Double> expected = published(WRN, budget, name.equals("erk"));
    for (LayerDensity layer : Distribution.named(name).densities(WRN, budget).layers()) {
      Parameter weight = layer.weight();
      assertThat((double) layer.connections())
          .as(weight.name())
          .isCloseTo(expected.getOrDefault(weight.name(), -1.0) * weight.elements(), within(1.001));
    }
    assertThat(layersOf(name, budget).of("group2.block1.conv1.weight").connections())
        .isEqualTo(9216);
  }

  private static LayerDensities layersOf(String name, SparsityBudget budget) {
    return Distribution.named(name).densities(WRN, budget);
  }

  @Test
  void erIgnoresKernels() {
    LayerDensities densities =
        Distribution.named("er").densities(WRN, SparsityBudget.outside(0.9, Set.of()));
    double large = densities.of("group3.block2.conv1.weight").density();
    double shortcut = densities.of("group3.block1.shortcut.weight").density();
    // (128 + 128) / 128² against (64 + 128) / (64 · 128), with nine positions a kernel or one.
    assertThat(shortcut / large).isCloseTo((192 / 8192.0) / (256 / 16384.0), within(1e-3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"uniform", "er", "erk"})
  void aBudgetWithItsDenseLayersHoldsOverAllLayers(String name) {
    for (double sparsity : List.of(0.5, 0.8, 0.9, 0.95, 0.99)) {
      SparsityBudget budget =
          new SparsityBudget(sparsity, Set.of("conv1.weight", "classifier.weight"), true, Map.of());
      LayerDensities densities = layersOf(name, budget);
      assertThat(densities.of("classifier.weight").isDense()).isTrue();
      long all =
          WRN.stream()
              .mapToLong(
                  weight ->
                      weight.elements() - DecimalFraction.of(sparsity).floorOf(weight.elements()))
              .sum();
      assertThat(densities.connections()).isBetween(all, all + WRN.size());
    }
  }

  @Test
  void uniformSharesWhatDenseLayersLeaveInProportion() {
    SparsityBudget budget = new SparsityBudget(0.9, Set.of("conv1.weight"), true, Map.of());
    LayerDensities densities = layersOf("uniform", budget);
    double density = (107_702.0 - 432) / (1_076_912 - 432);
    for (LayerDensity layer : densities.layers().subList(1, WRN.size())) {
      assertThat((double) layer.connections())
          .isCloseTo(density * layer.weight().elements(), within(1.0));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"uniform", "er", "erk"})
  void aBudgetThatDenseLayersExceedIsRefused(String name) {
    SparsityBudget budget =
        new SparsityBudget(0.95, Set.of("group3.block1.conv1.weight"), true, Map.of());
    assertThatThrownBy(() -> layersOf(name, budget))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "sparsity 0.95 leaves 53855 connections, of which the dense layers take 73728 and the"
                + " other 22 layers need one each: lower the sparsity, keep fewer layers dense or"
                + " leave them out of the budget");
    assertThat(layersOf(name, new SparsityBudget(0, Set.of("conv1.weight"), true, Map.of())))
        .isEqualTo(LayerDensities.dense(WRN));
  }

  @Test
  void customGivesEachLayerItsOwnSparsityOrTheTarget() {
    SparsityBudget budget =
        new SparsityBudget(0.9, Set.of("classifier.weight"), false, Map.of("conv1.weight", 0.25));
    LayerDensities densities = layersOf("custom", budget);
    assertThat(densities.of("conv1.weight").connections()).isEqualTo(324);
    assertThat(densities.of("classifier.weight").isDense()).isTrue();
    assertThat(densities.of("group3.block2.conv2.weight").connections())
        .isEqualTo(147_456 - 132_710);
    assertThatThrownBy(() -> layersOf("custom", SparsityBudget.outside(0.9, Set.of())))
        .hasMessage("distribution custom: sparsity.layers must say which layer has which sparsity");
  }

  @Test
  void contradictoryBudgetsAreRefused() {
    assertThatThrownBy(() -> new SparsityBudget(0.9, Set.of("a"), false, Map.of("a", 0.5)))
        .hasMessage("a shall be dense and has a sparsity of its own, 0.5: say one of them");
    assertThatThrownBy(() -> new SparsityBudget(0.9, Set.of(), false, Map.of("a", 1.0)))
        .hasMessage("sparsity of a must be at least 0 and below 1, not 1.0");
    assertThatThrownBy(
            () -> ERK.densities(LENET, new SparsityBudget(0.9, Set.of(), false, Map.of("b", 0.5))))
        .hasMessageStartingWith("the layers' own sparsities name an unknown tensor 'b'; known: l");
  }
}
