package dev.windfall.report;

import de.erichseifert.vectorgraphics2d.Document;
import de.erichseifert.vectorgraphics2d.Processors;
import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import dev.windfall.experiment.comparison.Comparison;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Polygon;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
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
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
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
 * Charts of a comparison, as PNG and SVG: test accuracy against sparsity, against the training's
 * FLOPs and against its seconds. A line joins one method's sparsities; bars are one sample standard
 * deviation over the seeds.
 */
public final class AccuracyCharts {

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

  private static final Color DENSE = new Color(0x333333);
  private static final Color DENSE_CONTROL = new Color(0x999999);
  private static final Color GRID = new Color(0xDDDDDD);
  private static final String FONT = Font.SANS_SERIF;

  private static final List<Shape> MARKERS =
      List.of(
          new Ellipse2D.Double(-4, -4, 8, 8),
          new Rectangle2D.Double(-3.5, -3.5, 7, 7),
          new Polygon(new int[] {-5, 5, 0}, new int[] {4, 4, -5}, 3),
          new Polygon(new int[] {-5, 0, 5, 0}, new int[] {0, 5, 0, -5}, 4));

  private final ComparisonReport report;

  /** The charts of a report. */
  public AccuracyCharts(ComparisonReport report) {
    this.report = report;
  }

  /** What a chart has on its horizontal axis. */
  private enum Quantity {
    SPARSITY("sparsity"),
    TRAINING_FLOPS("training-flops"),
    SECONDS("seconds");

    private final String label;

    Quantity(String label) {
      this.label = label;
    }

    /** The place of a row; sparsities go by their densities, so that halves are as far apart. */
    @Nullable Double of(ReportRow row) {
      return switch (this) {
        case SPARSITY -> 1 - row.sparsity();
        case TRAINING_FLOPS -> row.trainingFlopsRatio();
        case SECONDS -> row.seconds();
      };
    }
  }

  /** A row's place on both axes. */
  private record Point(ReportRow row, double x, double accuracy) {

    /** Whether the network has all of its connections, so that it has no place by sparsity. */
    boolean isDense() {
      return row.sparsity() == 0;
    }

    /** Rows of one line. */
    String line() {
      String name =
          row.distribution() == null ? row.method() : row.method() + " " + row.distribution();
      return row.multiplier() == 1 ? name : name + " " + number(row.multiplier()) + "×";
    }
  }

  /**
   * Writes all charts of which there are points.
   *
   * @param folder that is made where it is missing
   * @return the files
   * @throws IOException where they cannot be written
   */
  public List<Path> write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Map<String, List<ReportRow>> groups = new LinkedHashMap<>();
    for (ReportRow row : report.rows()) {
      groups.computeIfAbsent(row.model() + "-" + row.data(), name -> new ArrayList<>()).add(row);
    }
    List<Path> files = new ArrayList<>();
    for (Map.Entry<String, List<ReportRow>> group : groups.entrySet()) {
      for (Quantity quantity : Quantity.values()) {
        List<Point> points = points(group.getValue(), quantity);
        boolean hasLevels = points.stream().anyMatch(point -> !point.isDense());
        if (!points.isEmpty() && (hasLevels || quantity != Quantity.SPARSITY)) {
          String name = group.getKey() + "-accuracy-by-" + quantity.label;
          files.add(writePng(chart(points, quantity), folder.resolve(name + ".png")));
          files.add(writeSvg(chart(points, quantity), folder.resolve(name + ".svg")));
        }
      }
    }
    return files;
  }

  private static List<Point> points(List<ReportRow> rows, Quantity quantity) {
    List<Point> points = new ArrayList<>();
    for (ReportRow row : rows) {
      Double x = quantity.of(row);
      Double accuracy = row.testAccuracyMean();
      if (x != null && accuracy != null) {
        points.add(new Point(row, x, 100 * accuracy));
      }
    }
    return points;
  }

  private static Path writePng(JFreeChart chart, Path file) throws IOException {
    try (OutputStream output = Files.newOutputStream(file)) {
      ChartUtils.writeScaledChartAsPNG(output, chart, WIDTH, HEIGHT, PIXELS_A_UNIT, PIXELS_A_UNIT);
    }
    return file;
  }

  private static Path writeSvg(JFreeChart chart, Path file) throws IOException {
    VectorGraphics2D graphics = new VectorGraphics2D();
    chart.draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, HEIGHT));
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

  private JFreeChart chart(List<Point> points, Quantity quantity) {
    TickedAxis x = axis(points, quantity);
    NumberAxis y = new NumberAxis("test accuracy of the last epoch (%)");
    y.setAutoRangeIncludesZero(false);
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
    addLines(plot, points, quantity);
    x.setLabelFont(font(Font.PLAIN, 14));
    x.setTickLabelFont(font(Font.PLAIN, 13));
    y.setLabelFont(font(Font.PLAIN, 14));
    y.setTickLabelFont(font(Font.PLAIN, 13));
    ReportRow first = points.getFirst().row();
    JFreeChart chart =
        new JFreeChart(
            "%s on %s".formatted(first.model(), first.data()), font(Font.BOLD, 17), plot, false);
    chart.setBackgroundPaint(Color.WHITE);
    chart.setPadding(new RectangleInsets(8, 8, 8, 16));
    chart.addSubtitle(subtitle());
    LegendTitle legend = new LegendTitle(plot);
    legend.setPosition(RectangleEdge.RIGHT);
    legend.setItemFont(font(Font.PLAIN, 13));
    legend.setItemLabelPadding(new RectangleInsets(4, 4, 4, 4));
    chart.addSubtitle(legend);
    return chart;
  }

  private TextTitle subtitle() {
    TextTitle subtitle =
        new TextTitle(
            "budget %s; bars: mean ± one sample standard deviation over %s seeds"
                .formatted(report.budget(), seeds()),
            font(Font.PLAIN, 13));
    subtitle.setHorizontalAlignment(HorizontalAlignment.CENTER);
    return subtitle;
  }

  private String seeds() {
    int fewest = report.rows().stream().mapToInt(ReportRow::runsFinished).min().orElse(0);
    int most = report.rows().stream().mapToInt(ReportRow::runsFinished).max().orElse(0);
    return fewest == most ? Integer.toString(most) : fewest + " to " + most;
  }

  private TickedAxis axis(List<Point> points, Quantity quantity) {
    List<Double> places = points.stream().map(Point::x).toList();
    return switch (quantity) {
      case SPARSITY -> {
        Map<Double, String> labels = new TreeMap<>();
        for (Point point : points) {
          if (!point.isDense()) {
            labels.put(point.x(), number(100 * point.row().sparsity()) + " %");
          }
        }
        yield TickedAxis.ofDensities("sparsity asked for (methods side by side)", labels);
      }
      case TRAINING_FLOPS ->
          TickedAxis.around(
              "training FLOPs as a multiple of the dense training's (counter %s)"
                  .formatted(report.counter()),
              places);
      case SECONDS ->
          TickedAxis.around(
              "seconds of all training steps, measured alone (%d threads)"
                  .formatted(report.threads()),
              places);
    };
  }

  private static void addLines(XYPlot plot, List<Point> points, Quantity quantity) {
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
    int denseLines = 0;
    int others = 0;
    for (Map.Entry<String, List<Point>> line : lines.entrySet()) {
      int index = data.getSeriesCount();
      boolean isDense = line.getValue().getFirst().isDense();
      boolean spans = isDense && quantity == Quantity.SPARSITY;
      data.addSeries(
          spans
              ? across(line.getKey(), line.getValue().getFirst(), plot)
              : series(
                  line.getKey(),
                  line.getValue(),
                  quantity == Quantity.SPARSITY
                      ? Math.exp(-SHIFT * (others - lines.size() / 2))
                      : 1));
      renderer.setSeriesPaint(index, paint(line.getValue().getFirst(), others));
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

  private static Color paint(Point point, int others) {
    if (point.isDense()) {
      return point.row().method().equals(Comparison.DENSE) ? DENSE : DENSE_CONTROL;
    }
    return COLORS.get(others % COLORS.size());
  }

  private static BasicStroke dashed(int which) {
    float[][] patterns = {{9, 5}, {3, 4}, {12, 4, 3, 4}};
    return new BasicStroke(
        1.8f,
        BasicStroke.CAP_BUTT,
        BasicStroke.JOIN_ROUND,
        10,
        patterns[which % patterns.length],
        0);
  }

  private static YIntervalSeries series(String name, List<Point> points, double shift) {
    YIntervalSeries series = new YIntervalSeries(name);
    for (Point point : points) {
      Double deviation = point.row().testAccuracySd();
      double half = deviation == null ? 0 : 100 * deviation;
      series.add(
          shift * point.x(), point.accuracy(), point.accuracy() - half, point.accuracy() + half);
    }
    return series;
  }

  /** The dense network has no sparsity: a line from one end to the other. */
  private static YIntervalSeries across(String name, Point point, XYPlot plot) {
    YIntervalSeries series = new YIntervalSeries(name);
    double accuracy = point.accuracy();
    series.add(plot.getDomainAxis().getLowerBound(), accuracy, accuracy, accuracy);
    series.add(plot.getDomainAxis().getUpperBound(), accuracy, accuracy, accuracy);
    return series;
  }

  private static Font font(int style, int size) {
    return new Font(FONT, style, size);
  }

  private static String number(double number) {
    return String.format(Locale.ROOT, "%.4f", number).replaceAll("\\.?0+$", "");
  }
}
