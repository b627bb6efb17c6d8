package dev.windfall.training;

import dev.windfall.data.DataLoader;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The mean of the weights that a training has taken so far. The network has the same connections in
 * all of them.
 *
 * @param count how many were taken
 * @param values the mean of every trained tensor by name, in connection order; empty where none was
 *     taken
 */
public record WeightAverage(long count, Map<String, float[]> values) {

  /** Nothing taken yet. */
  public static final WeightAverage NONE = new WeightAverage(0, Map.of());

  /** Copies the map. */
  public WeightAverage {
    if (count < 0 || (count == 0) != values.isEmpty()) {
      throw new IllegalArgumentException(
          "an average of %d weights of %d tensors".formatted(count, values.size()));
    }
    values = Map.copyOf(values);
  }

  private static List<Parameter> trained(Network network) {
    return network.parameters().stream().filter(parameter -> parameter.role().isTrained()).toList();
  }

  /** Whether nothing was taken yet. */
  public boolean isEmpty() {
    return count == 0;
  }

  /** With a session's weights: mean ← mean + (w − mean) / (n + 1). */
  WeightAverage plus(Network network, Session session) {
    Map<String, float[]> means = new LinkedHashMap<>();
    for (Parameter parameter : trained(network)) {
      float[] mean = session.read(parameter.name(), Slot.VALUE);
      float @Nullable [] before = values.get(parameter.name());
      for (int i = 0; before != null && i < mean.length; i++) {
        mean[i] = (float) (before[i] + ((double) mean[i] - before[i]) / (count + 1));
      }
      means.put(parameter.name(), mean);
    }
    return new WeightAverage(count + 1, means);
  }

  /**
   * Gives a session the mean weights, and estimates the statistics of its batch norms again: those
   * of other weights do not fit. An average of nothing changes nothing.
   *
   * @param network that is in the session
   * @param session of whose weights this is the mean
   * @param plan on whose samples statistics are estimated, all of them once
   * @param progress by which order, augmentation and dropout of the samples are drawn
   * @return samples that passed forward
   */
  public long putInto(Network network, Session session, TrainingPlan plan, Progress progress) {
    if (isEmpty()) {
      return 0;
    }
    values.forEach((name, mean) -> session.write(name, Slot.VALUE, mean));
    DataLoader samples = plan.samples();
    int epoch = plan.epochOf(Math.max(0, progress.step() - 1));
    return NormStatistics.estimate(network, session, samples, epoch, progress.step());
  }

  /** A session's own weights and statistics, to be given back to it after {@link #putInto}. */
  static Map<String, float[]> own(Network network, Session session) {
    Map<String, float[]> own = new LinkedHashMap<>();
    for (Parameter parameter : network.parameters()) {
      own.put(parameter.name(), session.read(parameter.name(), Slot.VALUE));
    }
    return own;
  }
}
