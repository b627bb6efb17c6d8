package dev.windfall.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Rewiring;
import dev.windfall.training.CheckpointFile;
import dev.windfall.training.ConnectionUpdates;
import dev.windfall.training.LayerHistory;
import dev.windfall.training.TinyDataset;
import dev.windfall.training.TrainingEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LayerMetricsTest {

  private static final String ALL =
      "[density, gradient-norm, activation-sparsity, connections-replaced, ever-active]";

  @TempDir Path parent;

  private static RunPlan plan(String metrics) {
    RecipeDraft draft =
        RecipeDraft.defaults()
            .with(
                """
                model: {name: mlp-20-10}
                data: {validation: 0.2}
                sparsity: {target: 0.5, update: {every: 5}}
                training: {epochs: 2, batch-size: 8, schedule: {lr: 0.01}}
                run: {engine: reference, layer-metrics: %s}
                """
                    .formatted(metrics),
                "small");
    return RunPlan.of(draft.recipe(), new TinyDataset(1000, 40));
  }

  private static Session open(RunPlan plan) {
    return plan.engine().open(plan.network(), plan.start().connections(), plan.sessionOptions());
  }

  private static LayerMetrics metrics(RunPlan plan, Session session, Set<LayerMetric> wanted) {
    return new LayerMetrics(
        wanted, 50, plan.network(), plan.training(), session, LayerHistory.NONE);
  }

  private static Map<String, Map<String, Number>> line(LayerMetrics metrics) {
    return Objects.requireNonNull(metrics.line());
  }

  private static Number value(Map<String, Map<String, Number>> line, String layer, String metric) {
    return Objects.requireNonNull(line.getOrDefault(layer, Map.of()).get(metric));
  }

  private Run.Finished run(String metrics, String name) throws IOException {
    Run run = new Run(plan(metrics), () -> RunFolder.create(parent, name), event -> {});
    return (Run.Finished) run.execute(() -> false);
  }

  @Test
  void whatIsReplacedAndWhatHasEverExistedIsCounted() {
    RunPlan plan = plan("[]");
    String tensor = plan.network().prunable().get(1).name();
    String layer = plan.network().prunable().get(1).layer();
    try (Session session = open(plan)) {
      Connectivity start = session.connectivity(tensor);
      LayerMetrics metrics = metrics(plan, session, EnumSet.allOf(LayerMetric.class));
      long[] off = offPositions(start);
      long[] on = start.toPositions();
      replace(session, metrics, tensor, new long[] {on[0], on[1]}, new long[] {off[0], off[1]});
      replace(session, metrics, tensor, new long[] {off[0]}, new long[] {on[0]});
      Map<String, Map<String, Number>> first = line(metrics);
      assertThat(value(first, layer, "connections_replaced")).isEqualTo(3L);
      assertThat(value(first, layer, "density")).isEqualTo(start.density());
      assertThat(value(first, layer, "ever_active"))
          .isEqualTo((start.count() + 2) / (double) start.positions());
      assertThat(value(line(metrics), layer, "connections_replaced")).isEqualTo(0L);
      assertThat(metrics.everActiveFraction())
          .isEqualTo((plan.densities().connections() + 2) / (double) plan.densities().weights());
      assertThat(metrics.history().everActive().get(tensor))
          .isEqualTo(start.union(session.connectivity(tensor)).union(positions(start, off)));
    }
  }

  private static Connectivity positions(Connectivity of, long[] off) {
    return Connectivity.ofPositions(of.rows(), of.rowLength(), new long[] {off[0], off[1]});
  }

  private static long[] offPositions(Connectivity connections) {
    long[] off = new long[2];
    int size = 0;
    for (long position = 0; size < 2; position++) {
      if (!connections.contains(position)) {
        off[size++] = position;
      }
    }
    return off;
  }

  private static void replace(
      Session session, LayerMetrics metrics, String tensor, long[] dropped, long[] grown) {
    session.rewire(List.of(new Rewiring(tensor, dropped, grown, new float[grown.length])));
    metrics.hear(
        new TrainingEvent.TopologyUpdated(
            0,
            0.1,
            new ConnectionUpdates.Outcome(
                Map.of(tensor, (long) grown.length), plan("[]").densities())));
  }

  @Test
  void theGradientIsThatOfTheLinesStep() {
    RunPlan plan = plan("[]");
    String tensor = plan.network().prunable().getFirst().name();
    try (Session session = open(plan)) {
      LayerMetrics metrics = metrics(plan, session, EnumSet.of(LayerMetric.GRADIENT_NORM));
      float[] gradient = new float[session.read(tensor, Slot.GRADIENT).length];
      Arrays.fill(gradient, 0, 2, 1);
      gradient[0] = 3;
      gradient[1] = -4;
      session.write(tensor, Slot.GRADIENT, gradient);
      metrics.hear(new TrainingEvent.GradientAccumulated(49));
      session.clearGradient();
      metrics.hear(new TrainingEvent.GradientAccumulated(50)); // no line comes at this step
      String layer = plan.network().prunable().getFirst().layer();
      assertThat(line(metrics).get(layer)).isEqualTo(Map.of("gradient_norm", 5.0));
    }
  }

  @Test
  void activationsThatAreAlmostZeroAreCounted() {
    RunPlan plan = plan("[]");
    try (Session session = open(plan)) {
      LayerMetrics metrics = metrics(plan, session, EnumSet.of(LayerMetric.ACTIVATION_SPARSITY));
      String tensor = plan.network().prunable().getFirst().name();
      session.write(tensor, Slot.VALUE, new float[session.read(tensor, Slot.VALUE).length]);
      Map<String, Map<String, Number>> line = line(metrics);
      assertThat(line).hasSize(2);
      // Biases are 0 at first: nothing comes out of either layer.
      assertThat(line.values()).allMatch(layer -> layer.equals(Map.of("activation_sparsity", 1.0)));
    }
  }

  @Test
  void aRunWritesThemIntoItsLines() throws IOException {
    Run.Finished finished = run(ALL, "on");
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(finished.folder().metrics())) {
      lines.add(new ObjectMapper().readTree(line));
    }
    for (JsonNode line : lines) {
      JsonNode layers = line.get("layers");
      assertThat(layers.findValues("density")).hasSize(3);
      assertThat(layers.findValues("activation_sparsity"))
          .hasSize(2)
          .allMatch(share -> share.asDouble() >= 0 && share.asDouble() <= 1);
      assertThat(layers.findValues("gradient_norm"))
          .hasSize(3)
          .allMatch(norm -> norm.asDouble() > 0);
      assertThat(
              layers.findValues("connections_replaced").stream().mapToLong(JsonNode::asLong).sum())
          .isEqualTo(line.get("connections_replaced").asLong());
    }
    Double fraction = Objects.requireNonNull(finished.summary().everActiveFraction());
    assertThat(fraction).isBetween(0.55, 1.0);
    assertThat(lines.getFirst().get("layers").findValues("ever_active").getFirst().asDouble())
        .isLessThanOrEqualTo(
            lines.getLast().get("layers").findValues("ever_active").getFirst().asDouble());
  }

  @Test
  void aRunIsTheSameWithAndWithoutThem() throws IOException {
    Run.Finished on = run(ALL, "on");
    Run.Finished off = run("[]", "off");
    assertThat(CheckpointFile.read(on.checkpoint()).state())
        .usingRecursiveComparison()
        .isEqualTo(CheckpointFile.read(off.checkpoint()).state());
    assertThat(on.summary().testLoss()).isCloseTo(off.summary().testLoss(), within(0.0));
    assertThat(off.summary().everActiveFraction()).isNull();
    assertThat(Files.readString(off.folder().metrics())).contains("\"layers\":null");
  }
}
