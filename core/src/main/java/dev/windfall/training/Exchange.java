package dev.windfall.training;

import dev.windfall.engine.DenseTrace;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.Parameter;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.GrowCriterion;
import dev.windfall.sparsity.GrownValues;
import dev.windfall.sparsity.LayerShares;
import dev.windfall.sparsity.Redistribution;
import dev.windfall.sparsity.Replacement;
import dev.windfall.sparsity.Rewiring;
import dev.windfall.sparsity.TopologyUpdate;
import dev.windfall.sparsity.UpdateRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * An update in which connections are dropped and grown.
 *
 * @param plan whose update it is
 * @param step of the update
 * @param fraction of each layer's connections that are up for replacement
 * @param layers the tensors that are not dense
 * @param momenta mean magnitude of each layer's velocities; empty unless they are asked for before
 *     the batch
 */
record Exchange(
    ConnectionUpdates plan, long step, double fraction, List<Sparse> layers, double[] momenta)
    implements ConnectionUpdates.Update {

  /** A sparse tensor before the update. */
  record Sparse(Parameter weight, Connectivity before) {
    long inactive() {
      return before.positions() - before.count();
    }
  }

  /** How many connections a layer drops and grows. */
  private record Counts(int dropped, int grown) {}

  /** The update of a step that has one. */
  static Exchange of(ConnectionUpdates plan, long step, Session session) {
    List<Sparse> layers = new ArrayList<>();
    for (Parameter weight : plan.network().prunable()) {
      Connectivity before = session.connectivity(weight.name());
      if (!before.isDense()) {
        layers.add(new Sparse(weight, before));
      }
    }
    double[] momenta =
        plan.method().redistribution() == Redistribution.MOMENTUM && !growsByTrace(plan)
            ? means(layers, weight -> session.read(weight.name(), Slot.MOMENTUM))
            : new double[0];
    return new Exchange(plan, step, plan.schedule().dropFraction(step), layers, momenta);
  }

  private static double[] means(List<Sparse> layers, Function<Parameter, float[]> values) {
    return layers.stream()
        .mapToDouble(layer -> GrownValues.meanMagnitude(values.apply(layer.weight())))
        .toArray();
  }

  private static boolean growsByTrace(ConnectionUpdates plan) {
    return plan.method().grow() == GrowCriterion.MOMENTUM;
  }

  /** Whether the fraction is less than one connection of every layer. */
  boolean isEmpty() {
    return layers.stream().allMatch(layer -> dropCount(layer) == 0);
  }

  private int dropCount(Sparse layer) {
    return TopologyUpdate.dropCount(fraction, layer.before(), rule());
  }

  private UpdateRule rule() {
    return plan.schedule().rule();
  }

  @Override
  public boolean replacesStep() {
    return plan.replaceSteps();
  }

  @Override
  public Growth growth() {
    if (plan.method().grow() != GrowCriterion.GRADIENT) {
      return Growth.NONE;
    }
    Map<String, Integer> candidates = new LinkedHashMap<>();
    long[] most = mostGrown();
    for (int i = 0; i < most.length; i++) {
      int wanted = (int) Math.min(most[i], layers.get(i).inactive());
      if (wanted > 0) {
        candidates.put(layers.get(i).weight().name(), wanted);
      }
    }
    return new Growth(candidates);
  }

  /**
   * The most that each layer can grow. By gradients their shares are known only after the batch, so
   * that each may get everything; a rounding may add a connection for every layer.
   */
  private long[] mostGrown() {
    return switch (plan.method().redistribution()) {
      case NONE -> layers.stream().mapToLong(this::dropCount).toArray();
      case MOMENTUM -> counts(momenta).stream().mapToLong(Counts::grown).toArray();
      case GRADIENT -> {
        long rounded = plan.rounding() == LayerShares.Rounding.EXACT ? 0 : layers.size();
        long all = layers.stream().mapToLong(this::dropCount).sum() + missing() + rounded;
        yield layers.stream().mapToLong(layer -> Math.max(0, all)).toArray();
      }
    };
  }

  /** Connections that earlier roundings lost. */
  private long missing() {
    if (plan.rounding() == LayerShares.Rounding.EXACT) {
      return 0;
    }
    long dense =
        plan.network().prunable().stream().mapToLong(Parameter::elements).sum()
            - layers.stream().mapToLong(layer -> layer.before().positions()).sum();
    return plan.connections()
        - dense
        - layers.stream().mapToLong(layer -> layer.before().count()).sum();
  }

  private List<Counts> counts(double[] statistics) {
    LayerShares shares =
        new LayerShares(
            layers.stream().mapToLong(layer -> layer.before().positions()).toArray(),
            layers.stream().mapToLong(layer -> layer.before().count()).toArray(),
            statistics);
    long[] removed = shares.removed(fraction, rule());
    long[] grown = shares.grown(removed, missing(), plan.rounding());
    List<Counts> counts = new ArrayList<>();
    for (int i = 0; i < removed.length; i++) {
      counts.add(new Counts(Math.toIntExact(removed[i]), Math.toIntExact(grown[i])));
    }
    return counts;
  }

  @Override
  public ConnectionUpdates.Change prepare(Session session) {
    Map<String, float[]> gradients = new LinkedHashMap<>();
    if (plan.needsGradients()) {
      for (Sparse layer : layers) {
        String tensor = layer.weight().name();
        gradients.put(tensor, session.read(tensor, Slot.GRADIENT));
      }
    }
    List<Counts> counts =
        switch (plan.method().redistribution()) {
          case NONE ->
              layers.stream().map(layer -> new Counts(dropCount(layer), dropCount(layer))).toList();
          case MOMENTUM -> counts(growsByTrace(plan) ? traceMeans(session) : momenta);
          case GRADIENT -> counts(means(layers, weight -> of(gradients, weight)));
        };
    return trained -> {
      List<Rewiring> changes = new ArrayList<>();
      for (int i = 0; i < counts.size(); i++) {
        if (counts.get(i).dropped() > 0 || counts.get(i).grown() > 0) {
          changes.add(change(layers.get(i), counts.get(i), gradients, trained));
        }
      }
      return plan.made(trained, changes);
    };
  }

  /** With this batch's gradients, whose candidates the average has to give. */
  private double[] traceMeans(Session session) {
    DenseTrace trace = ConnectionUpdates.trace(session);
    return means(layers, weight -> trace.read(weight.name()));
  }

  private static float[] of(Map<String, float[]> gradients, Parameter weight) {
    float[] found = gradients.get(weight.name());
    if (found == null) {
      throw new IllegalStateException("the gradients of %s were not read".formatted(weight.name()));
    }
    return found;
  }

  private Rewiring change(
      Sparse layer, Counts counts, Map<String, float[]> gradients, Session session) {
    String tensor = layer.weight().name();
    float[] values = session.read(tensor, Slot.VALUE);
    int[] dropped = TopologyUpdate.weakest(values, counts.dropped());
    if (counts.grown() == 0) {
      return TopologyUpdate.prune(tensor, layer.before(), dropped).with(new float[0]);
    }
    Replacement replacement =
        switch (plan.method().grow()) {
          case RANDOM ->
              TopologyUpdate.growAtRandom(
                  tensor, layer.before(), dropped, counts.grown(), plan.seed(), step);
          case GRADIENT ->
              TopologyUpdate.growByGradient(
                  tensor,
                  layer.before(),
                  dropped,
                  of(dropped, of(gradients, layer.weight())),
                  session.candidates(tensor),
                  counts.grown());
          case MOMENTUM -> {
            DenseTrace trace = ConnectionUpdates.trace(session);
            int most = (int) Math.min(counts.grown(), layer.inactive());
            yield TopologyUpdate.growByGradient(
                tensor,
                layer.before(),
                dropped,
                of(dropped, trace.read(tensor)),
                trace.candidates(tensor, most),
                counts.grown());
          }
          case NONE, DROPPED ->
              throw new IllegalStateException(plan.method().name() + " grows nothing new");
        };
    GrownValues.Values grown =
        plan.grownValues().of(layer.weight(), layer.before(), values, plan.seed(), step);
    if (!rule().keepsRegrownValues() && replacement.regrown().length > 0) {
      restart(layer, replacement, grown, values);
      session.write(tensor, Slot.VALUE, values);
    }
    return replacement.with(grown.at(replacement.grown(), replacement.grownScores()));
  }

  /** Connections that are dropped and grown again start anew. */
  private static void restart(
      Sparse layer, Replacement replacement, GrownValues.Values grown, float[] values) {
    float[] restarted = grown.at(replacement.regrown(), replacement.regrownScores());
    for (int i = 0; i < restarted.length; i++) {
      values[(int) layer.before().indexOf(replacement.regrown()[i])] = restarted[i];
    }
  }

  private static float[] of(int[] indices, float[] values) {
    float[] found = new float[indices.length];
    for (int i = 0; i < found.length; i++) {
      found[i] = values[indices[i]];
    }
    return found;
  }
}
