package dev.windfall.report;

import de.erichseifert.vectorgraphics2d.Document;
import de.erichseifert.vectorgraphics2d.Processors;
import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Polygon;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jfree.chart.ChartUtils;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.HorizontalAlignment;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.YIntervalSeries;
import org.jfree.data.xy.YIntervalSeriesCollection;
import org.jspecify.annotations.Nullable;

/**
 * A chart of accuracies, as PNG and SVG. A line joins the points of one name; bars are one sample
 * standard deviation over the seeds.
 *
 * @param title above it
 * @param subtitle below the title
 * @param x the horizontal axis, which fits the points
 * @param isBySparsity whether dense points have no place on the horizontal axis, so that they are
 *     lines from one end to the other, and others of the same place stand side by side
 * @param points in the order of their lines
 */
record AccuracyChart(
    String title, String subtitle, TickedAxis x, boolean isBySparsity, List<Point> points) {

  /**
   * A point.
   *
   * @param line that it belongs to
   * @param isDense whether it is of a dense network
   * @param x its place, above 0
   * @param accuracy from 0 to 1
   * @param deviation sample standard deviation; null where there is none
   */
  record Point(
      String line, boolean isDense, double x, double accuracy, @Nullable Double deviation) {}

  private static final int WIDTH = 960;
  private static final int HEIGHT = 560;
  private static final int PIXELS_A_UNIT = 2;

  /** Told apart by colour-blind people, too (Okabe &amp; Ito 2008), but for its yellow. */
  private static final List<Color> COLORS =
      List.of(
          new Color(0x0072B2),
          new Color(0xD55E00),
          new Color(0x009E73),
          new Color(0xCC79A7),
          new Color(0xE69F00),
          new Color(0x56B4E9),
          new Color(0x7F4F24),
          new Color(0x5E3C99));

  /** Methods of a sparsity stand side by side, lest their bars hide each other; a logarithm. */
  private static final double SHIFT = 0.012;

  /** Of dense networks: several lengths, recipes or controls. */
  private static final List<Color> GREYS =
      List.of(new Color(0x333333), new Color(0x707070), new Color(0x9A9A9A), new Color(0x505050));

  private static final Color GRID = new Color(0xDDDDDD);
  private static final String FONT = Font.SANS_SERIF;

  private static final List<Shape> MARKERS =
      List.of(
          new Ellipse2D.Double(-4, -4, 8, 8),
          new Rectangle2D.Double(-3.5, -3.5, 7, 7),
          new Polygon(new int[] {-5, 5, 0}, new int[] {4, 4, -5}, 3),
          new Polygon(new int[] {-5, 0, 5, 0}, new int[] {0, 5, 0, -5}, 4));

  /**
   * Writes {@code name.png} and {@code name.svg}.
   *
   * @param folder that is there
   * @return the two files
   * @throws IOException where they cannot be written
   */
  List<Path> write(Path folder, String name) throws IOException {
    return List.of(
        writePng(folder.resolve(name + ".png")), writeSvg(folder.resolve(name + ".svg")));
  }

  private Path writePng(Path file) throws IOException {
    try (OutputStream output = Files.newOutputStream(file)) {
      ChartUtils.writeScaledChartAsPNG(
          output, chart(), WIDTH, HEIGHT, PIXELS_A_UNIT, PIXELS_A_UNIT);
    }
    return file;
  }

  private Path writeSvg(Path file) throws IOException {
    VectorGraphics2D graphics = new VectorGraphics2D();
    chart().draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, HEIGHT));
    Document document =
        Processors.get("svg")
            .getDocument(graphics.getCommands(), new PageSize(0, 0, WIDTH, HEIGHT));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    document.writeTo(bytes);
    // The font is this machine's; another takes one of its own without feet.
    String text =
        bytes
            .toString(StandardCharsets.UTF_8)
            .replaceAll("font-family:(&quot;.*?&quot;|[^;]*);", "font-family:$1,sans-serif;");
    Files.writeString(file, text);
    return file;
  }

  private JFreeChart chart() {
    NumberAxis y = new NumberAxis("test accuracy of the last epoch (%)");
    AccuracyRange range = AccuracyRange.of(points);
    y.setRange(range.lowest(), range.highest());
    XYPlot plot = new XYPlot();
    plot.setDomainAxis(x);
    plot.setRangeAxis(y);
    plot.setBackgroundPaint(Color.WHITE);
    plot.setOutlinePaint(GRID);
    plot.setDomainGridlinePaint(GRID);
    plot.setRangeGridlinePaint(GRID);
    plot.setDomainGridlineStroke(new BasicStroke(1));
    plot.setRangeGridlineStroke(new BasicStroke(1));
    plot.setAxisOffset(RectangleInsets.ZERO_INSETS);
    addLines(plot);
    x.setLabelFont(font(Font.PLAIN, 14));
    x.setTickLabelFont(font(Font.PLAIN, 13));
    y.setLabelFont(font(Font.PLAIN, 14));
    y.setTickLabelFont(font(Font.PLAIN, 13));
    JFreeChart chart = new JFreeChart(title, font(Font.BOLD, 17), plot, false);
    chart.setBackgroundPaint(Color.WHITE);
    chart.setPadding(new RectangleInsets(8, 8, 8, 16));
    TextTitle below = new TextTitle(subtitle + range.note(), font(Font.PLAIN, 13));
    below.setHorizontalAlignment(HorizontalAlignment.CENTER);
    chart.addSubtitle(below);
    LegendTitle legend = new LegendTitle(plot);
    legend.setPosition(RectangleEdge.RIGHT);
    legend.setItemFont(font(Font.PLAIN, 13));
    legend.setItemLabelPadding(new RectangleInsets(4, 4, 4, 4));
    chart.addSubtitle(legend);
    return chart;
  }

  private void addLines(XYPlot plot) {
    Map<String, List<Point>> lines = new LinkedHashMap<>();
    for (Point point : points) {
      lines.computeIfAbsent(point.line(), name -> new ArrayList<>()).add(point);
    }
    YIntervalSeriesCollection data = new YIntervalSeriesCollection();
    XYErrorRenderer renderer = new XYErrorRenderer();
    renderer.setDrawXError(false);
    renderer.setDefaultLinesVisible(true);
    renderer.setErrorStroke(new BasicStroke(1.2f));
    renderer.setCapLength(6);
    renderer.setLegendLine(new Line2D.Double(-16, 0, 16, 0));
    long sideBySide = lines.values().stream().filter(line -> !spans(line.getFirst())).count();
    int denseLines = 0;
    int others = 0;
    for (Map.Entry<String, List<Point>> line : lines.entrySet()) {
      int index = data.getSeriesCount();
      boolean isDense = line.getValue().getFirst().isDense();
      boolean spans = spans(line.getValue().getFirst());
      data.addSeries(
          spans
              ? across(line.getKey(), line.getValue().getFirst(), plot)
              : series(
                  line.getKey(),
                  line.getValue(),
                  isBySparsity ? Math.exp(-SHIFT * (others - (sideBySide - 1) / 2.0)) : 1,
                  plot.getRangeAxis().getLowerBound()));
      renderer.setSeriesPaint(index, color(isDense, isDense ? denseLines : others));
      renderer.setSeriesShape(
          index,
          isDense
              ? MARKERS.get((denseLines + 3) % MARKERS.size())
              : MARKERS.get((others + others / COLORS.size()) % MARKERS.size()));
      renderer.setSeriesShapesVisible(index, !spans);
      renderer.setSeriesShapesFilled(index, others < COLORS.size());
      renderer.setSeriesStroke(index, isDense ? dashed(denseLines) : new BasicStroke(1.8f));
      if (isDense) {
        denseLines++;
      } else {
        others++;
      }
    }
    plot.setDataset(data);
    plot.setRenderer(renderer);
  }

  /** Whether a dense network's point, which has no place by sparsity, is a line of its own. */
  private boolean spans(Point point) {
    return point.isDense() && isBySparsity;
  }

  private static Color color(boolean isDense, int which) {
    List<Color> colors = isDense ? GREYS : COLORS;
    return colors.get(which % colors.size());
  }

  private static BasicStroke dashed(int which) {
    float[][] patterns = {{9, 5}, {3, 4}, {12, 4, 3, 4}, {12, 4, 3, 4, 3, 4}};
    return new BasicStroke(
        1.8f,
        BasicStroke.CAP_BUTT,
        BasicStroke.JOIN_ROUND,
        10,
        patterns[(which + which / GREYS.size()) % patterns.length],
        0);
  }

  /** A point below the lowest has no bar, which would seem to be a line of its own. */
  private static YIntervalSeries series(
      String name, List<Point> points, double shift, double lowest) {
    YIntervalSeries series = new YIntervalSeries(name);
    for (Point point : points) {
      double accuracy = 100 * point.accuracy();
      double half = point.deviation() == null || accuracy < lowest ? 0 : 100 * point.deviation();
      series.add(shift * point.x(), accuracy, accuracy - half, accuracy + half);
    }
    return series;
  }

  /** The dense network has no sparsity: a line from one end to the other. */
  private static YIntervalSeries across(String name, Point point, XYPlot plot) {
    YIntervalSeries series = new YIntervalSeries(name);
    double accuracy = 100 * point.accuracy();
    series.add(plot.getDomainAxis().getLowerBound(), accuracy, accuracy, accuracy);
    series.add(plot.getDomainAxis().getUpperBound(), accuracy, accuracy, accuracy);
    return series;
  }

  private static Font font(int style, int size) {
    return new Font(FONT, style, size);
  }
}
