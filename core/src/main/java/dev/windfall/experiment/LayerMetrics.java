package dev.windfall.experiment;

import dev.windfall.data.Batches;
import dev.windfall.data.DataLoader;
import dev.windfall.data.ImageBatch;
import dev.windfall.engine.Batch;
import dev.windfall.engine.LayerOutput;
import dev.windfall.engine.Mode;
import dev.windfall.engine.OutputInspection;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.Node;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.training.LayerHistory;
import dev.windfall.training.TrainingEvent;
import dev.windfall.training.TrainingPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the metrics say of each layer, as far as a recipe switches it on. It looks at the session
 * and changes nothing in it, so a training is the same with and without.
 *
 * <p>Activations are those of one batch that stays the same: the first of the validation samples,
 * or of the test samples where there are none, computed as in an evaluation.
 */
final class LayerMetrics {

  /** Up to here, an activation counts as none. */
  private static final float SMALL = 1e-2f;

  private final Set<LayerMetric> wanted;
  private final int stepsBetweenLines;
  private final Network network;
  private final TrainingPlan training;
  private final Session session;
  private final @Nullable Batch batch;
  private final Map<String, Double> gradientNorms = new TreeMap<>();
  private final Map<String, Long> replaced;
  private final Map<String, Connectivity> everActive;

  /**
   * Metrics that go on from a history.
   *
   * @param wanted what to say of each layer; nothing is measured that is not in here
   * @param stepsBetweenLines of the metrics, evaluations apart
   * @param session at rest, with the network's state at that point
   * @throws IllegalArgumentException where the engine cannot show activations that are wanted
   */
  LayerMetrics(
      Set<LayerMetric> wanted,
      int stepsBetweenLines,
      Network network,
      TrainingPlan training,
      Session session,
      LayerHistory from) {
    this.wanted = wanted;
    this.stepsBetweenLines = stepsBetweenLines;
    this.network = network;
    this.training = training;
    this.session = session;
    batch = wanted.contains(LayerMetric.ACTIVATION_SPARSITY) ? fixedBatch(training) : null;
    if (batch != null && session.capability(OutputInspection.class).isEmpty()) {
      throw new IllegalArgumentException(
          "run.layer-metrics: this engine cannot show activations; leave activation-sparsity out");
    }
    replaced = new TreeMap<>(from.replaced());
    everActive = new TreeMap<>(from.everActive());
    if (wanted.contains(LayerMetric.CONNECTIONS_REPLACED)) {
      network.prunable().forEach(weight -> replaced.putIfAbsent(weight.name(), 0L));
    }
    remember();
  }

  private static Batch fixedBatch(TrainingPlan training) {
    DataLoader loader =
        training.validation().batchesPerEpoch() > 0 ? training.validation() : training.test();
    try (Batches batches = loader.epoch(0)) {
      ImageBatch images =
          Objects.requireNonNull(batches.next(), "a loader with batches has a first");
      return new Batch(
          images.pixels().clone(),
          images.labels().clone(),
          images.sampleIds().clone(),
          images.count(),
          0);
    }
  }

  /** Must hear of every event. */
  void hear(TrainingEvent event) {
    if (event instanceof TrainingEvent.GradientAccumulated accumulated
        && wanted.contains(LayerMetric.GRADIENT_NORM)
        && mayHaveLine(accumulated.step())) {
      for (Parameter weight : network.prunable()) {
        gradientNorms.put(weight.name(), length(session.read(weight.name(), Slot.GRADIENT)));
      }
    }
    if (event instanceof TrainingEvent.TopologyUpdated updated) {
      if (wanted.contains(LayerMetric.CONNECTIONS_REPLACED)) {
        updated
            .outcome()
            .grown()
            .forEach((tensor, count) -> replaced.merge(tensor, count, Long::sum));
      }
      remember();
    }
  }

  private boolean mayHaveLine(long step) {
    return (step + 1) % stepsBetweenLines == 0 || (step + 1) % training.stepsPerEpoch() == 0;
  }

  private static double length(float[] values) {
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    return Math.sqrt(squares);
  }

  private void remember() {
    if (wanted.contains(LayerMetric.EVER_ACTIVE)) {
      for (Parameter weight : network.prunable()) {
        everActive.merge(weight.name(), session.connectivity(weight.name()), Connectivity::union);
      }
    }
  }

  /**
   * What is to say now, by layer; what was counted since the last line is counted anew.
   *
   * @return null where nothing is wanted
   */
  @Nullable Map<String, Map<String, Number>> line() {
    if (wanted.isEmpty()) {
      return null;
    }
    Map<String, Double> activations = activationSparsities();
    Map<String, Map<String, Number>> line = new LinkedHashMap<>();
    for (Node node : network.nodes()) {
      Map<String, Number> layer = new LinkedHashMap<>();
      node.parameters().stream()
          .filter(Parameter::isPrunable)
          .forEach(weight -> describe(weight.name(), layer));
      put(layer, LayerMetric.ACTIVATION_SPARSITY, activations.get(node.name()));
      if (!layer.isEmpty()) {
        line.put(node.name(), layer);
      }
    }
    replaced.replaceAll((tensor, count) -> 0L);
    return line;
  }

  private void describe(String tensor, Map<String, Number> layer) {
    if (wanted.contains(LayerMetric.DENSITY)) {
      put(layer, LayerMetric.DENSITY, session.connectivity(tensor).density());
    }
    put(layer, LayerMetric.GRADIENT_NORM, gradientNorms.get(tensor));
    put(layer, LayerMetric.CONNECTIONS_REPLACED, replaced.get(tensor));
    Connectivity ever = everActive.get(tensor);
    put(layer, LayerMetric.EVER_ACTIVE, ever == null ? null : ever.density());
  }

  private static void put(Map<String, Number> layer, LayerMetric metric, @Nullable Number value) {
    if (value != null) {
      layer.put(metric.field(), value);
    }
  }

  private Map<String, Double> activationSparsities() {
    Map<String, Double> shares = new TreeMap<>();
    OutputInspection inspection = session.capability(OutputInspection.class).orElse(null);
    if (batch != null && inspection != null) {
      List<LayerOutput> outputs = inspection.of(batch, Mode.EVALUATE, SMALL);
      for (LayerOutput output : outputs) {
        if (network.node(output.layer()).layer() instanceof Layer.Activation) {
          shares.put(output.layer(), (double) output.nearlyZero() / output.values());
        }
      }
    }
    return shares;
  }

  /** Share of all prunable positions that have ever existed; null where nobody asks. */
  @Nullable Double everActiveFraction() {
    long positions = 0;
    long ever = 0;
    for (Connectivity connections : everActive.values()) {
      positions += connections.positions();
      ever += connections.count();
    }
    return positions == 0 ? null : (double) ever / positions;
  }

  /** What a stopped training must remember. */
  LayerHistory history() {
    return new LayerHistory(everActive, replaced);
  }
}
