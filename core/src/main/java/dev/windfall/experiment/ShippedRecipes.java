package dev.windfall.experiment;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The recipes that come with Windfall, by name. */
public final class ShippedRecipes {

  private ShippedRecipes() {}

  /**
   * A recipe.
   *
   * @param name by which {@link #text} finds it
   * @param description one line: the comment with which its file begins
   */
  public record Entry(String name, String description) {}

  private static final List<String> NAMES =
      List.of(
          "default",
          "lenet-300-100-mnist",
          "lenet-5-fashion-mnist",
          "wrn-22-2-cifar-10-short",
          "wrn-22-2-cifar-10-rigl-erk-90",
          "wrn-22-2-cifar-10-rigl-authors",
          "resnet-50-cifar-100-rigl-erk-90",
          "resnet-18-cifar-100-lottery");

  /** What there is. */
  public static List<Entry> entries() {
    return NAMES.stream()
        .map(name -> new Entry(name, text(name).lines().findFirst().orElse("").substring(2)))
        .toList();
  }

  /** Whether there is a recipe of this name. */
  public static boolean has(String name) {
    return NAMES.contains(name);
  }

  /**
   * The YAML of a recipe.
   *
   * @throws IllegalArgumentException listing the known names, where there is none of this name
   */
  public static String text(String name) {
    if (!has(name)) {
      throw new IllegalArgumentException(
          "unknown recipe '%s'; known: %s".formatted(name, String.join(" ", NAMES)));
    }
    try (InputStream input =
        ShippedRecipes.class.getResourceAsStream("recipes/" + name + ".yaml")) {
      if (input == null) {
        throw new IllegalStateException("this build of Windfall lacks its recipe " + name);
      }
      return new String(input.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("recipe " + name, e);
    }
  }
}
