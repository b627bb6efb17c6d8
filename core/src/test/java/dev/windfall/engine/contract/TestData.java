package dev.windfall.engine.contract;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.network.Parameter.Role;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.Connectivity;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.LongStream;

/** Seeded connections, values and batches. */
public final class TestData {

  private TestData() {}

  /** Each connection exists with the given probability; every fifth row is empty. */
  public static Connectivity connections(Parameter weight, double density, long seed) {
    StatelessRandom random = StatelessRandom.of(seed, weight.name());
    if (density == 1) {
      return Connectivity.dense(weight.rows(), weight.rowLength());
    }
    long[] positions =
        LongStream.range(0, weight.elements())
            .filter(position -> random.nextDouble() < density)
            .filter(position -> position / weight.rowLength() % 5 != 3)
            .toArray();
    return Connectivity.ofPositions(weight.rows(), weight.rowLength(), positions);
  }

  /** Connections of all tensors. */
  public static Map<String, Connectivity> connections(Network network, double density, long seed) {
    Map<String, Connectivity> result = new LinkedHashMap<>();
    for (Parameter weight : network.prunable()) {
      result.put(weight.name(), connections(weight, density, seed));
    }
    return result;
  }

  /** Gives biases, scales, shifts and running statistics values as if they had been trained. */
  public static void fillVectors(Network network, Session session, long seed) {
    for (Parameter parameter : network.parameters()) {
      if (!parameter.isPrunable()) {
        StatelessRandom random = StatelessRandom.of(seed, parameter.name());
        float[] values = new float[(int) parameter.elements()];
        for (int i = 0; i < values.length; i++) {
          double noise = 0.3 * random.nextGaussian();
          boolean scales =
              parameter.role() == Role.SCALE || parameter.role() == Role.RUNNING_VARIANCE;
          values[i] = (float) (scales ? StrictMath.exp(noise) : noise);
        }
        session.write(parameter.name(), Slot.VALUE, values);
      }
    }
  }

  /** A batch of whole numbers from −2 to 2. */
  public static Batch wholeNumbers(Network network, int samples, long seed) {
    Batch batch = batch(network, samples, seed);
    float[] input = batch.input();
    for (int i = 0; i < input.length; i++) {
      input[i] = Math.clamp(Math.round(input[i]), -2, 2);
    }
    return batch;
  }

  /** A batch of normally distributed inputs and teacher's logits. */
  public static Batch batch(Network network, int samples, long seed) {
    StatelessRandom random = StatelessRandom.of(seed, "batch");
    float[] input = new float[Math.toIntExact(samples * network.input().elements())];
    for (int i = 0; i < input.length; i++) {
      input[i] = (float) random.nextGaussian();
    }
    int[] labels = new int[samples];
    long[] sampleIds = new long[samples];
    for (int i = 0; i < samples; i++) {
      labels[i] = random.nextInt(network.output().output().channels());
      sampleIds[i] = random.nextLong(1000);
    }
    StatelessRandom teacher = StatelessRandom.of(seed, "teacher");
    float[] logits = new float[samples * network.output().output().channels()];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = 2 * (float) teacher.nextGaussian();
    }
    return new Batch(input, labels, sampleIds, samples, seed).withTeacher(logits);
  }
}
