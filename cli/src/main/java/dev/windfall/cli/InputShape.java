package dev.windfall.cli;

import dev.windfall.network.Shape;
import dev.windfall.network.Zoo;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The option {@code --input}: the shape of a sample, and how many classes such samples have. */
final class InputShape {

  /** Five digits an extent, so that no count of operations can overflow. */
  private static final Pattern FORM = Pattern.compile("(\\d{1,5})x(\\d{1,5})x(\\d{1,5})");

  private InputShape() {}

  /**
   * Reads channels, height and width, such as {@code 3x224x224}.
   *
   * @throws IllegalArgumentException where the text has another form
   */
  static Shape parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "--input '%s': say channels x height x width, each up to 99999, such as 3x224x224"
              .formatted(text));
    }
    return new Shape(
        Integer.parseInt(matcher.group(1)),
        Integer.parseInt(matcher.group(2)),
        Integer.parseInt(matcher.group(3)));
  }

  /** As {@link #parse} reads it. */
  static String text(Shape shape) {
    return "%dx%dx%d".formatted(shape.channels(), shape.height(), shape.width());
  }

  /** Whether images are of the size for which networks have first layers of their own. */
  static boolean isSmall(Shape shape) {
    return Zoo.Options.of(shape, 1).isSmallImage();
  }

  /** Those of CIFAR-10 for small images, those of ImageNet for larger ones. */
  static int usualClasses(Shape shape) {
    return isSmall(shape) ? 10 : 1000;
  }
}
