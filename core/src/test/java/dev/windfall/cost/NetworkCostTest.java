package dev.windfall.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Shape;
import dev.windfall.network.Zoo;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.LayerDensities.LayerDensity;
import dev.windfall.sparsity.SparseTrainingMethod;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkCostTest {

  private static final Network WRN = build("wrn-22-2");

  private static Network build(String model) {
    return Zoo.build(model, Zoo.Options.of(new Shape(3, 32, 32), 10));
  }

  private static NetworkCost dense(Network network, Counter counter) {
    return NetworkCost.of(network, LayerDensities.dense(network.prunable()), counter);
  }

  private static NetworkCost sparse(String distribution, double sparsity) {
    return sparse(distribution, sparsity, Set.of(), Counter.REPORT);
  }

  private static NetworkCost sparse(
      String distribution, double sparsity, Set<String> dense, Counter counter) {
    LayerDensities densities =
        Distribution.named(distribution).densities(WRN.prunable(), sparsity, dense);
    return NetworkCost.of(WRN, densities, counter);
  }

  private static double trainingFlops(NetworkCost cost, String name, long every) {
    SparseTrainingMethod method = SparseTrainingMethod.named(name);
    return cost.trainingFlops(method, every, cost.meanForwardFlops(method, 0, 0.75));
  }

  private static double trainingFlopsRatio(NetworkCost cost, String name, long every) {
    return trainingFlops(cost, name, every) / (3.0 * cost.denseFlops());
  }

  @ParameterizedTest
  @CsvSource({
    "wrn-22-2, REPORT, 315042294",
    "wrn-22-2, MAC, 315460096",
    "resnet-18, MAC, 1110845440",
    "vgg-16, MAC, 626403328",
  })
  void denseNetworksCostWhatIsPublished(String model, Counter counter, long expected) {
    NetworkCost cost = dense(build(model), counter);
    assertThat(cost.denseFlops()).isEqualTo(expected);
    assertThat(cost.inferenceFlops()).isEqualTo(expected);
    assertThat(cost.inferenceFlopsRatio()).isEqualTo(1);
    assertThat(trainingFlops(cost, "dense", 100)).isEqualTo(3.0 * expected);
    assertThat(trainingFlopsRatio(cost, "dense", 100)).isEqualTo(1);
  }

  /** The report's table: 90 % sparse, ΔT = 100; the uniform one with its first layer dense. */
  @Test
  void wideResNetAtNinetyPercent() {
    NetworkCost erk = sparse("erk", 0.9);
    assertThat(erk.inferenceFlopsRatio()).isCloseTo(0.1725, within(0.00005));
    assertThat(trainingFlopsRatio(erk, "rigl", 100)).isCloseTo(0.1752, within(0.00005));
    assertThat(trainingFlopsRatio(erk, "snfs", 100)).isCloseTo(0.4483, within(0.00005));
    assertThat(trainingFlopsRatio(erk, "set", 100)).isEqualTo(erk.inferenceFlopsRatio());
    assertThat(trainingFlopsRatio(erk, "static", 100)).isEqualTo(erk.inferenceFlopsRatio());
    // Published for exactly a tenth of every layer; whole connections are a little more.
    assertThat(sparse("uniform", 0.9).inferenceFlopsRatio())
        .isCloseTo(0.1013, within(0.0001))
        .isCloseTo(0.10136114, within(1e-8));
    assertThat(erk.totalWeights()).isEqualTo(1_076_912);
    assertThat(erk.activeWeights()).isBetween(107_690L, 107_720L);
    assertThat(erk.denseFlops()).isEqualTo(315_042_294);
  }

  @ParameterizedTest
  @CsvSource({"0.5, 0.7284", "0.8, 0.3527", "0.9, 0.1742", "0.95, 0.0888"})
  void wideResNetWithItsFirstLayerOutsideOfTheBudget(double sparsity, double expected) {
    NetworkCost cost = sparse("erk", sparsity, Set.of("conv1.weight"), Counter.MAC);
    assertThat(cost.inferenceFlopsRatio()).isCloseTo(expected, within(0.00005));
  }

  /** One layer whose cost is exactly its density: mean training cost by f_S and ΔT. */
  @ParameterizedTest
  @CsvSource({"0.1, 100, 0.102970", "0.2, 100, 0.202640", "0.1, 1000, 0.100300"})
  void gradientGrowthPaysForItsDenseGradient(double density, long every, double expected) {
    Network network =
        new NetworkBuilder("line", Shape.features(1000)).linear("linear", 1000).build();
    long connections = Math.round(density * 1_000_000);
    LayerDensities densities =
        new LayerDensities(List.of(new LayerDensity(network.prunable().getFirst(), connections)));
    NetworkCost cost = NetworkCost.of(network, densities, Counter.MAC);
    assertThat(trainingFlopsRatio(cost, "rigl", every)).isCloseTo(expected, within(5e-7));
  }

  private static NetworkCost imageNet(String model, String distribution, double sparsity) {
    Network network = Zoo.build(model, Zoo.Options.of(new Shape(3, 224, 224), 1000));
    LayerDensities densities =
        Distribution.named(distribution)
            .densities(network.prunable(), sparsity, network.denseByDefault());
    return NetworkCost.of(network, densities, Counter.RIGL);
  }

  /**
   * The published multipliers of ResNet-50 on ImageNet (Evci et al. 2020 and the sizes of its
   * published networks): inference, training five times as long, and megabytes.
   */
  @ParameterizedTest
  @CsvSource({
    "erk,     0.8,  0.42, 2.09, 23.683",
    "erk,     0.9,  0.24, 1.23, 13.499",
    "erk,     0.95, 0.12, 0.63,  8.399",
    "uniform, 0.8,  0.23, 1.14, 23.729",
    "uniform, 0.9,  0.13, 0.66, 13.532",
    "uniform, 0.95, 0.08, 0.42,  8.433",
  })
  void resNet50CostsWhatIsPublished(
      String distribution, double sparsity, double inference, double training, double megabytes) {
    NetworkCost cost = imageNet("resnet-50", distribution, sparsity);
    assertThat(cost.denseFlops()).isEqualTo(8_202_340_776L);
    assertThat(cost.denseBytes() / 1e6).isCloseTo(102.122, within(0.0005));
    assertThat(cost.inferenceFlopsRatio()).isCloseTo(inference, within(0.005));
    assertThat(5 * trainingFlopsRatio(cost, "rigl", 100)).isCloseTo(training, within(0.005));
    // Published sizes are cut off, not rounded; that of uniform 0.8 is 23.685, which is no count of
    // a dense first layer under a mask for all others.
    assertThat(cost.bytes() / 1e6).isCloseTo(megabytes, within(0.001));
  }

  /** 1.1e9 operations are published, and 16.864 MB, with one bias a depthwise convolution. */
  @Test
  void mobileNetHasItsPublishedSize() {
    NetworkCost cost = imageNet("mobilenet-v1", "erk", 0);
    assertThat(cost.denseFlops()).isEqualTo(1_141_010_274L);
    assertThat(cost.denseBytes()).isEqualTo(16_864_340);
  }

  /**
   * The published multipliers of MobileNet on ImageNet (Evci et al. 2020) are those of networks
   * whose depthwise convolutions are sparse like all others: uniform but for the first layer, ERK
   * over all layers.
   */
  @ParameterizedTest
  @CsvSource({
    "erk,     0.75, 0.52, 0.51502",
    "erk,     0.9,  0.27, 0.27354",
    "uniform, 0.75, 0.27, 0.26657",
    "uniform, 0.9,  0.12, 0.11995",
  })
  void mobileNetCostsWhatIsPublished(
      String distribution, double sparsity, double published, double exactly) {
    Network network = Zoo.build("mobilenet-v1", Zoo.Options.of(new Shape(3, 224, 224), 1000));
    LayerDensities densities =
        Distribution.named(distribution).densities(network.prunable(), sparsity, Set.of());
    NetworkCost cost = NetworkCost.of(network, densities, Counter.RIGL);
    assertThat(cost.inferenceFlopsRatio())
        .isCloseTo(published, within(0.005))
        .isCloseTo(exactly, within(0.00005));
  }

  @Test
  void sizeIsConnectionsAndABitForEachWeightOfSparseLayers() {
    NetworkCost cost = sparse("erk", 0.9);
    long denseLayers = 432 + 512 + 2048 + 1280;
    assertThat(cost.denseBytes()).isEqualTo(4 * 1_076_912);
    assertThat(cost.bytes()).isEqualTo(4 * 107_708 + (1_076_912 - denseLayers) / 8);
  }

  @Test
  void layersAreListedInNetworkOrder() {
    NetworkCost cost = sparse("erk", 0.9);
    assertThat(cost.network()).isEqualTo("wrn-22-2");
    assertThat(cost.counter()).isEqualTo(Counter.REPORT);
    assertThat(cost.layers()).hasSize(23);
    LayerCost stem = cost.layers().getFirst();
    assertThat(stem.name()).isEqualTo("conv1");
    assertThat(stem.type()).isEqualTo("conv");
    assertThat(stem.shape()).containsExactly(16, 3, 3, 3);
    assertThat(stem.density()).isEqualTo(1);
    assertThat(stem.flops()).isEqualTo((432 + 416) * 1024).isEqualTo(stem.denseFlops());
    LayerCost classifier = cost.layers().getLast();
    assertThat(classifier.type()).isEqualTo("linear");
    assertThat(classifier.flops()).isEqualTo(1280 + 1270);
    LayerCost shortcut = cost.layers().get(17);
    assertThat(shortcut.name()).isEqualTo("group3.block1.shortcut");
    assertThat(shortcut.active()).isEqualTo(6973);
    assertThat(shortcut.weights()).isEqualTo(8192);
    assertThat(shortcut.density()).isCloseTo(0.851196, within(1e-6));
    assertThat(shortcut.flops()).isEqualTo((6973 + 6973 - 128) * 64);
    assertThat(shortcut.denseFlops()).isEqualTo((8192 + 8192 - 128) * 64);
  }

  @Test
  void outputsWithoutConnectionsTakeNoAdditions() {
    Network network = new NetworkBuilder("line", Shape.features(9)).linear("linear", 100).build();
    LayerDensities densities =
        new LayerDensities(List.of(new LayerDensity(network.prunable().getFirst(), 3)));
    assertThat(NetworkCost.of(network, densities, Counter.REPORT).inferenceFlops()).isEqualTo(3);
  }

  @Test
  void countersAreKnownByName() {
    assertThat(Counter.named("report")).isEqualTo(Counter.REPORT);
    assertThat(Counter.named("rigl")).isEqualTo(Counter.RIGL);
    assertThat(Counter.named("mac")).isEqualTo(Counter.MAC);
    assertThat(Counter.values()).allMatch(counter -> !counter.description().isBlank());
    assertThatThrownBy(() -> Counter.named("flops"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unknown counter 'flops'; known: report rigl mac");
  }

  /** One layer is too large by itself, or several are together; by operations or by bits. */
  @ParameterizedTest
  @CsvSource({"mlp-900000000-900000000", "wrn-9994-9999", "mlp-300000000-500000000-500000000"})
  void countsBeyondALongAreRefused(String model) {
    Network network = Zoo.build(model, Zoo.Options.of(new Shape(3, 64, 64), 10));
    assertThatThrownBy(() -> dense(network, Counter.RIGL))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("network %s is too large: its operations or bits are beyond 2^63", model);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> NetworkCost.of(WRN, new LayerDensities(List.of()), Counter.MAC))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unknown tensor 'conv1.weight'");
    NetworkCost cost = sparse("erk", 0.9);
    assertThatThrownBy(() -> trainingFlops(cost, "rigl", 0))
        .hasMessage("updates of connections must be at least 1 step apart, not 0");
  }

  /** The share of dense training's operations when the goal costs a tenth of the dense network. */
  @ParameterizedTest
  @CsvSource({
    // The cubic schedule's mean is three quarters of the way; from 0.25 to 0.75 of the training.
    "gmp,      0.25, 0.75, 0.4375",
    "gmp,      0,    1,    0.325",
    "one-shot, 0,    0.75, 0.775",
    "set,      0,    0.75, 0.1",
    "snip,     0,    0.75, 0.1",
    "snfs,     0,    0.75, 0.4",
    "rigl-sm,  0,    0.75, 0.10297",
    "dense,    0,    0.75, 1",
  })
  void pruningIsCountedInTheMeanOverItsSchedule(
      String name, double begin, double end, double expected) {
    Network network =
        new NetworkBuilder("line", Shape.features(1000)).linear("linear", 1000).build();
    long connections = name.equals("dense") ? 1_000_000 : 100_000;
    LayerDensities densities =
        new LayerDensities(List.of(new LayerDensity(network.prunable().getFirst(), connections)));
    NetworkCost cost = NetworkCost.of(network, densities, Counter.MAC);
    SparseTrainingMethod method = SparseTrainingMethod.named(name);
    assertThat(cost.trainingFlopsRatio(method, 100, cost.meanForwardFlops(method, begin, end)))
        .isCloseTo(expected, within(5e-7));
  }
}
