package dev.windfall.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.windfall.network.Network;
import dev.windfall.network.Shape;
import dev.windfall.network.Zoo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerPatternTest {

  private static final Network WRN =
      Zoo.build("wrn-10-2", Zoo.Options.of(new Shape(3, 32, 32), 10));

  @ParameterizedTest
  @CsvSource({
    "conv1, conv1, true",
    "conv1, conv11, false",
    "conv1, group1.block1.conv1, false",
    "*conv1, group1.block1.conv1, true",
    "group*.conv1, group1.block1.conv1, true",
    "group*block*conv1, group1.block1.conv1, true",
    "group*block2*conv1, group1.block1.conv1, false",
    "*, anything, true",
    "a*a, a, false",
    "a*a, aa, true",
    "a*b*a, aba, true",
    "a*ba*a, abaa, true",
    "a*ba*a, aba, false",
    "**x**, axb, true",
    "conv.1, convx1, false",
    "'', conv1, false",
    "'', '', true",
  })
  void starsStandForAnyText(String pattern, String name, boolean expected) {
    assertThat(new LayerPattern(pattern).matches(name)).isEqualTo(expected);
  }

  @Test
  void denseLayersAreNamedByPlaceKindOrPattern() {
    assertThat(LayerPattern.dense(WRN, List.of("last", "first")))
        .containsExactly("conv1.weight", "classifier.weight");
    assertThat(LayerPattern.dense(WRN, List.of("group2.*", "conv1.weight")))
        .containsExactly(
            "conv1.weight",
            "group2.block1.conv1.weight",
            "group2.block1.conv2.weight",
            "group2.block1.shortcut.weight");
    Network mobile = Zoo.build("mobilenet-v1", Zoo.Options.of(new Shape(3, 32, 32), 10));
    assertThat(LayerPattern.dense(mobile, List.of("first", "depthwise")))
        .containsExactlyInAnyOrderElementsOf(mobile.denseByDefault());
    assertThat(LayerPattern.dense(WRN, List.of())).isEmpty();
  }

  @Test
  void theLastPatternThatFitsDecides() {
    Map<String, Double> sparsities = new LinkedHashMap<>();
    sparsities.put("*conv*", 0.9);
    sparsities.put("group1.*", 0.5);
    sparsities.put("conv1", 0.0);
    assertThat(LayerPattern.sparsities(WRN, sparsities))
        .containsOnly(
            entry("conv1.weight", 0.0),
            entry("group1.block1.conv1.weight", 0.5),
            entry("group1.block1.conv2.weight", 0.5),
            entry("group1.block1.shortcut.weight", 0.5),
            entry("group2.block1.conv1.weight", 0.9),
            entry("group2.block1.conv2.weight", 0.9),
            entry("group3.block1.conv1.weight", 0.9),
            entry("group3.block1.conv2.weight", 0.9));
  }

  @Test
  void aPatternThatDecidesNothingIsRefused() {
    Network small = Zoo.build("lenet-300-100", Zoo.Options.of(new Shape(1, 28, 28), 10));
    String layers = "decides on no layer of lenet-300-100; its layers: linear1 linear2 classifier";
    assertThatThrownBy(() -> LayerPattern.dense(small, List.of("first", "conv1")))
        .hasMessage("sparsity.dense: the pattern 'conv1' " + layers);
    Map<String, Double> hidden = new LinkedHashMap<>();
    hidden.put("linear1", 0.5);
    hidden.put("*", 0.9);
    assertThatThrownBy(() -> LayerPattern.sparsities(small, hidden))
        .hasMessage("sparsity.layers: the pattern 'linear1' " + layers);
  }
}
