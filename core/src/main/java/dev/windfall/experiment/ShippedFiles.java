package dev.windfall.experiment;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * YAML files that come with Windfall, by name; each begins with a comment that describes it.
 *
 * @param anchor a class beside whose package's files they lie
 * @param kind of file, such as {@code comparison}
 * @param names of the files, without their ending
 */
public record ShippedFiles(Class<?> anchor, String kind, List<String> names) {

  /** Copies the list. */
  public ShippedFiles {
    names = List.copyOf(names);
  }

  /** One line: the comment with which a file begins. */
  public String description(String name) {
    return text(name).lines().findFirst().orElse("").substring(2);
  }

  /**
   * The YAML of a file.
   *
   * @throws IllegalArgumentException listing the known names, where there is none of this name
   */
  public String text(String name) {
    if (!names.contains(name)) {
      throw new IllegalArgumentException(
          "there is neither a file '%s' nor a shipped %s of this name; shipped: %s"
              .formatted(name, kind, String.join(" ", names)));
    }
    try (InputStream input = anchor.getResourceAsStream(name + ".yaml")) {
      if (input == null) {
        throw new IllegalStateException(
            "this build of Windfall lacks its %s %s".formatted(kind, name));
      }
      return new String(input.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(kind + " " + name, e);
    }
  }
}
