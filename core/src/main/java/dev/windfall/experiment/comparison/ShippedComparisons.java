package dev.windfall.experiment.comparison;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The comparisons that come with Windfall, by name. */
public final class ShippedComparisons {

  private static final List<String> NAMES =
      List.of(
          "lenet-5-fashion-mnist",
          "shapes-inference-flops",
          "report-wrn-22-2-cifar-10-validation",
          "report-wrn-22-2-cifar-10-full-data",
          "report-resnet-50-cifar-100-validation",
          "rigl-wrn-22-2-cifar-10-full-data",
          "rigl-resnet-50-imagenet-full-data",
          "rigl-mobilenet-v1-imagenet-full-data",
          "rigl-mobilenet-v1-imagenet-big-sparse-full-data",
          "rigl-mobilenet-v1-imagenet-long-full-data");

  private ShippedComparisons() {}

  /** What there is. */
  public static List<String> names() {
    return NAMES;
  }

  /** One line: the comment with which a comparison's file begins. */
  public static String description(String name) {
    return text(name).lines().findFirst().orElse("").substring(2);
  }

  /**
   * The YAML of a comparison.
   *
   * @throws IllegalArgumentException listing the known names, where there is none of this name
   */
  public static String text(String name) {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "there is neither a file '%s' nor a shipped comparison of this name; shipped: %s"
              .formatted(name, String.join(" ", NAMES)));
    }
    try (InputStream input = ShippedComparisons.class.getResourceAsStream(name + ".yaml")) {
      if (input == null) {
        throw new IllegalStateException("this build of Windfall lacks its comparison " + name);
      }
      return new String(input.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("comparison " + name, e);
    }
  }
}
