package dev.windfall.data;

import java.util.Locale;
import java.util.function.DoubleBinaryOperator;

/**
 * The ten classes of {@link Shapes}, each a signed distance in its own coordinates: negative
 * inside, positive outside, about the true distance near the edge. Every outline fits the disc of
 * radius 1 about the origin. Only operations that are bit-exact on every JVM are used.
 */
enum ShapeOutline {
  DISC((u, v) -> disc(u, v, 0.85)),
  RING((u, v) -> Math.abs(disc(u, v, 0.68)) - 0.2),
  SQUARE((u, v) -> box(u, v, 0.7, 0.7)),
  TRIANGLE(Polygon.star(3, 0.5)),
  CROSS((u, v) -> Math.min(box(u, v, 0.9, 0.27), box(u, v, 0.27, 0.9))),
  STAR(Polygon.star(5, 0.42)),
  CRESCENT((u, v) -> Math.max(disc(u, v, 0.9), -disc(u - 0.42, v, 0.72))),
  STRIPES((u, v) -> box(u, Math.min(Math.abs(v), Math.abs(Math.abs(v) - 0.54)), 0.7, 0.16)),
  CHECKER(ShapeOutline::checker),
  SPIRAL(Spiral.distance(1.6, 0.15));

  @SuppressWarnings("ImmutableEnumChecker") // Pure functions, over arrays that nobody changes.
  private final DoubleBinaryOperator distance;

  ShapeOutline(DoubleBinaryOperator distance) {
    this.distance = distance;
  }

  /** The signed distance of the point (u, v) from this outline. */
  double distance(double u, double v) {
    return distance.applyAsDouble(u, v);
  }

  /** The class name, in lower case. */
  String className() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static double disc(double u, double v, double radius) {
    return Math.sqrt(u * u + v * v) - radius;
  }

  private static double box(double u, double v, double halfWidth, double halfHeight) {
    return Math.max(Math.abs(u) - halfWidth, Math.abs(v) - halfHeight);
  }

  /** The five dark cells of a board of three by three: the centre and the corners. */
  private static double checker(double u, double v) {
    double side = 0.47;
    double corner = box(Math.abs(u) - side, Math.abs(v) - side, side / 2, side / 2);
    return Math.min(box(u, v, side / 2, side / 2), corner);
  }

  /** The distance from the straight segment between two points. */
  static double segment(double u, double v, double u0, double v0, double u1, double v1) {
    double alongU = u1 - u0;
    double alongV = v1 - v0;
    double share = ((u - u0) * alongU + (v - v0) * alongV) / (alongU * alongU + alongV * alongV);
    double clamped = Math.max(0, Math.min(1, share));
    return disc(u - u0 - clamped * alongU, v - v0 - clamped * alongV, 0);
  }

  /** Signed distances from closed polygons. */
  private static final class Polygon {
    /** A star of so many points of radius 0.95, its notches at a share of that radius. */
    static DoubleBinaryOperator star(int points, double notch) {
      int corners = 2 * points;
      double[] us = new double[corners];
      double[] vs = new double[corners];
      for (int i = 0; i < corners; i++) {
        double radius = i % 2 == 0 ? 0.95 : 0.95 * notch;
        us[i] = radius * StrictMath.cos(StrictMath.PI * i / points);
        vs[i] = radius * StrictMath.sin(StrictMath.PI * i / points);
      }
      return (u, v) -> distance(u, v, us, vs);
    }

    private static double distance(double u, double v, double[] us, double[] vs) {
      double nearest = Double.MAX_VALUE;
      boolean inside = false;
      for (int i = 0, j = us.length - 1; i < us.length; j = i++) {
        nearest = Math.min(nearest, segment(u, v, us[j], vs[j], us[i], vs[i]));
        // A ray towards positive u crosses the outline an odd number of times from inside.
        if (vs[i] > v != vs[j] > v && u < us[i] + (v - vs[i]) / (vs[j] - vs[i]) * (us[j] - us[i])) {
          inside = !inside;
        }
      }
      return inside ? -nearest : nearest;
    }
  }

  /** Signed distances from a thick line along the spiral of Archimedes. */
  private static final class Spiral {
    private static final int SEGMENTS = 24;

    static DoubleBinaryOperator distance(double turns, double halfWidth) {
      double[] us = new double[SEGMENTS + 1];
      double[] vs = new double[SEGMENTS + 1];
      for (int i = 0; i <= SEGMENTS; i++) {
        // The square root spaces the points about evenly along the line.
        double share = StrictMath.sqrt((double) i / SEGMENTS);
        us[i] = 0.82 * share * StrictMath.cos(2 * StrictMath.PI * turns * share);
        vs[i] = 0.82 * share * StrictMath.sin(2 * StrictMath.PI * turns * share);
      }
      return (u, v) -> {
        double nearest = Double.MAX_VALUE;
        for (int i = 0; i < SEGMENTS; i++) {
          nearest = Math.min(nearest, segment(u, v, us[i], vs[i], us[i + 1], vs[i + 1]));
        }
        return nearest - halfWidth;
      };
    }
  }
}
