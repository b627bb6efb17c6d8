package dev.windfall.training;

import dev.windfall.data.Batches;
import dev.windfall.data.DataLoader;
import dev.windfall.data.ImageBatch;
import dev.windfall.engine.Batch;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.Node;
import dev.windfall.network.Parameter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Estimates the running statistics of batch norms anew: the mean over batches of each batch's mean
 * and unbiased variance, by its samples (Izmailov et al. 2018, section 3.2, "batch normalization").
 */
final class NormStatistics {

  /** One running statistic and the sum of what batches gave for it. */
  private static final class Statistic {
    private final String tensor;
    private final double momentum;
    private final double[] sums;

    Statistic(Parameter parameter, double momentum) {
      this.tensor = parameter.name();
      this.momentum = momentum;
      this.sums = new double[Math.toIntExact(parameter.elements())];
    }

    /** A batch moves the running value by the momentum's share: what it gave follows from that. */
    void add(float[] before, float[] after, int samples) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += samples * (after[i] - (1 - momentum) * before[i]) / momentum;
      }
    }

    float[] mean(long samples) {
      float[] mean = new float[sums.length];
      for (int i = 0; i < mean.length; i++) {
        mean[i] = (float) (sums[i] / samples);
      }
      return mean;
    }
  }

  private NormStatistics() {}

  /**
   * Passes samples forward through a session, as in training, and writes the statistics that they
   * give. Nothing else of the session changes.
   *
   * @param samples all of them once
   * @param epoch in whose order, and as augmented then
   * @param step by which dropout is drawn
   * @return how many samples there were; none pass where the network has no batch norm
   */
  static long estimate(Network network, Session session, DataLoader samples, int epoch, long step) {
    List<Statistic> statistics = statistics(network);
    if (statistics.isEmpty()) {
      return 0;
    }
    long count = 0;
    try (Batches batches = samples.epoch(epoch)) {
      for (@Nullable ImageBatch images = batches.next(); images != null; images = batches.next()) {
        List<float[]> before = values(session, statistics);
        session.logits(
            new Batch(images.pixels(), images.labels(), images.sampleIds(), images.count(), step),
            Mode.TRAIN);
        List<float[]> after = values(session, statistics);
        for (int i = 0; i < statistics.size(); i++) {
          statistics.get(i).add(before.get(i), after.get(i), images.count());
        }
        count += images.count();
      }
    }
    for (Statistic statistic : statistics) {
      session.write(statistic.tensor, Slot.VALUE, statistic.mean(count));
    }
    return count;
  }

  private static List<float[]> values(Session session, List<Statistic> statistics) {
    return statistics.stream()
        .map(statistic -> session.read(statistic.tensor, Slot.VALUE))
        .toList();
  }

  private static List<Statistic> statistics(Network network) {
    List<Statistic> statistics = new ArrayList<>();
    for (Node node : network.nodes()) {
      if (node.layer() instanceof Layer.BatchNorm norm) {
        node.parameters().stream()
            .filter(parameter -> !parameter.role().isTrained())
            .forEach(parameter -> statistics.add(new Statistic(parameter, norm.momentum())));
      }
    }
    return statistics;
  }
}
