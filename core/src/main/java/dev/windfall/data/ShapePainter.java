package dev.windfall.data;

import dev.windfall.random.StatelessRandom;
import java.util.function.DoubleBinaryOperator;

/**
 * Draws one image of {@link Shapes}: a shaded background, clutter, the shape, a line across it, and
 * noise. Everything about the image but its class comes from one random sequence.
 */
final class ShapePainter {
  /** Height and width of an image, in pixels. */
  static final int SIDE = 32;

  private static final double FULL_TURN = 2 * StrictMath.PI;

  /** Shapes are turned by up to 30 degrees to either side. */
  private static final double MOST_TURN = FULL_TURN / 12;

  private final StatelessRandom random;
  private final Canvas canvas = new Canvas(SIDE);

  private ShapePainter(StatelessRandom random) {
    this.random = random;
  }

  /**
   * Draws one image.
   *
   * @param outline the shape, which is the image's class
   * @param random where everything else comes from
   * @param into takes 3 × 32 × 32 bytes, channel by channel
   * @param offset where they start
   */
  static void paint(ShapeOutline outline, StatelessRandom random, byte[] into, int offset) {
    ShapePainter painter = new ShapePainter(random);
    painter.paint(outline);
    painter.canvas.write(into, offset);
  }

  private void paint(ShapeOutline outline) {
    double[] background = colour();
    shade(background);

    double radius = uniform(7.5, 13);
    double centreX = SIDE / 2.0 + uniform(-1, 1) * (17 - radius);
    double centreY = SIDE / 2.0 + uniform(-1, 1) * (17 - radius);
    clutter();
    // One image in five is of low contrast.
    double contrast = random.nextInt(5) == 0 ? uniform(0.15, 0.25) : uniform(0.25, 0.8);
    canvas.fill(contrasting(background, contrast), placed(outline, centreX, centreY, radius));
    if (random.nextInt(3) == 0) {
      occlude(centreX, centreY, radius);
    }
    canvas.noise(uniform(0.01, 0.08), random);
  }

  /** A background that gets lighter or darker, each channel by itself, in any direction. */
  private void shade(double[] middle) {
    double[] from = new double[middle.length];
    double[] to = new double[middle.length];
    for (int channel = 0; channel < middle.length; channel++) {
      double change = uniform(-0.15, 0.15);
      from[channel] = middle[channel] - change;
      to[channel] = middle[channel] + change;
    }
    double angle = uniform(0, FULL_TURN);
    canvas.gradient(from, to, StrictMath.cos(angle), StrictMath.sin(angle));
  }

  /** Thin lines and small spots behind the shape, none of them as large as a shape. */
  private void clutter() {
    int lines = random.nextInt(2);
    for (int i = 0; i < lines; i++) {
      canvas.fill(colour(), line(uniform(0, SIDE), uniform(0, SIDE), uniform(0.4, 0.9)));
    }
    int spots = random.nextInt(4);
    for (int i = 0; i < spots; i++) {
      ShapeOutline spot = random.nextInt(2) == 0 ? ShapeOutline.DISC : ShapeOutline.SQUARE;
      double x = uniform(0, SIDE);
      double y = uniform(0, SIDE);
      canvas.fill(colour(), placed(spot, x, y, uniform(1.5, 3.5)));
    }
  }

  /** A bar of any colour through a point near the shape's middle. */
  private void occlude(double centreX, double centreY, double radius) {
    double x = centreX + uniform(-0.6, 0.6) * radius;
    double y = centreY + uniform(-0.6, 0.6) * radius;
    canvas.fill(colour(), line(x, y, uniform(0.08, 0.2) * radius));
  }

  /** A straight line across the whole image, through a point, in any direction. */
  private DoubleBinaryOperator line(double throughX, double throughY, double halfWidth) {
    double angle = uniform(0, FULL_TURN);
    double normalX = StrictMath.cos(angle);
    double normalY = StrictMath.sin(angle);
    return (x, y) -> Math.abs((x - throughX) * normalX + (y - throughY) * normalY) - halfWidth;
  }

  /** An outline turned by any angle, stretched, skewed, scaled and moved to its place. */
  private DoubleBinaryOperator placed(
      ShapeOutline outline, double centreX, double centreY, double radius) {
    double angle = uniform(-MOST_TURN, MOST_TURN);
    double stretch = uniform(0.8, 1.25);
    double skew = uniform(-0.3, 0.3);
    double cos = StrictMath.cos(angle);
    double sin = StrictMath.sin(angle);
    return (x, y) -> {
      double turnedX = (cos * (x - centreX) + sin * (y - centreY)) / radius;
      double turnedY = (cos * (y - centreY) - sin * (x - centreX)) / radius;
      double v = turnedY * stretch;
      double u = turnedX / stretch + skew * v;
      return outline.distance(u, v) * radius;
    };
  }

  private double[] colour() {
    return new double[] {random.nextDouble(), random.nextDouble(), random.nextDouble()};
  }

  /**
   * A colour about so far from another one, by the distance below: of a few random colours the one
   * that comes closest to it, since not every distance is possible from every colour.
   */
  private double[] contrasting(double[] other, double distance) {
    double[] best = colour();
    for (int i = 0; i < 15; i++) {
      double[] candidate = colour();
      if (Math.abs(distance(candidate, other) - distance)
          < Math.abs(distance(best, other) - distance)) {
        best = candidate;
      }
    }
    return best;
  }

  /** From 0 to 1; green counts most and blue least, roughly as for the eye. */
  private static double distance(double[] a, double[] b) {
    double red = a[0] - b[0];
    double green = a[1] - b[1];
    double blue = a[2] - b[2];
    return Math.sqrt(0.3 * red * red + 0.5 * green * green + 0.2 * blue * blue);
  }

  private double uniform(double from, double to) {
    return from + random.nextDouble() * (to - from);
  }
}
