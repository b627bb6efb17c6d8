package dev.windfall.report;

import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jfree.chart.axis.AxisState;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTick;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.Range;

/** A logarithmic axis with ticks at given places, as people would choose them. */
final class TickedAxis extends LogAxis {

  private static final long serialVersionUID = 1;

  /** The space left and right of the outermost points, as a factor. */
  private static final double MARGIN = 1.12;

  private static final List<String> FEW = List.of("1", "2", "5");
  private static final List<String> MANY = List.of("1", "1.5", "2", "3", "4", "5", "6", "8");

  private final TreeMap<Double, String> ticks;

  private TickedAxis(String title, Range range, Map<Double, String> ticks) {
    super(title);
    this.ticks = new TreeMap<>(ticks);
    setRange(range);
    setMinorTickMarksVisible(false);
  }

  /**
   * An axis around points, with round numbers on it.
   *
   * @param points above 0, at least one
   */
  static TickedAxis around(String title, List<Double> points) {
    Range range = rangeOf(points);
    Map<Double, String> ticks = round(range, FEW);
    return new TickedAxis(title, range, ticks.size() < 4 ? round(range, MANY) : ticks);
  }

  /**
   * An axis on which a point further right is a larger sparsity, with a tick at each.
   *
   * @param sparsities by their densities, above 0, at least one
   */
  static TickedAxis ofDensities(String title, Map<Double, String> sparsities) {
    TickedAxis axis = new TickedAxis(title, rangeOf(List.copyOf(sparsities.keySet())), sparsities);
    axis.setInverted(true);
    return axis;
  }

  private static Range rangeOf(List<Double> points) {
    double lowest = points.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    double highest = points.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    double margin = highest / lowest < MARGIN ? 2 : MARGIN;
    return new Range(lowest / margin, highest * margin);
  }

  private static Map<Double, String> round(Range range, List<String> digits) {
    Map<Double, String> ticks = new TreeMap<>();
    int from = (int) Math.floor(Math.log10(range.getLowerBound()));
    int to = (int) Math.ceil(Math.log10(range.getUpperBound()));
    for (int power = from; power <= to; power++) {
      for (String digit : digits) {
        BigDecimal value = new BigDecimal(digit).scaleByPowerOfTen(power);
        if (range.contains(value.doubleValue())) {
          ticks.put(value.doubleValue(), value.stripTrailingZeros().toPlainString());
        }
      }
    }
    return ticks;
  }

  @Override
  public List<NumberTick> refreshTicks(
      Graphics2D graphics, AxisState state, Rectangle2D area, RectangleEdge edge) {
    List<NumberTick> result = new ArrayList<>();
    Font font = getTickLabelFont();
    graphics.setFont(font);
    double last = Double.NEGATIVE_INFINITY;
    for (double value : isInverted() ? ticks.descendingKeySet() : ticks.keySet()) {
      String label = ticks.get(value);
      double place = valueToJava2D(value, area, edge);
      double half = graphics.getFontMetrics(font).stringWidth(label) / 2.0;
      boolean fits = place - half > last;
      if (fits) {
        last = place + half + font.getSize() / 2.0;
      }
      result.add(
          new NumberTick(value, fits ? label : "", TextAnchor.TOP_CENTER, TextAnchor.CENTER, 0));
    }
    return result;
  }
}
