package dev.windfall.engine;

import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.Node;
import dev.windfall.network.Parameter.Role;
import dev.windfall.random.StatelessRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Every layer forward and backward, one node after the other. */
final class ReferenceLayers {

  private static final double DIFFERENCE = 1e-6;

  private final Network network;
  private final Map<String, ReferenceTensor> tensors;
  private final long seed;

  private Batch batch = new Batch(new float[0], new int[1], new long[1], 1, 0);
  private Mode mode = Mode.EVALUATE;

  /** What becomes of averaged gradients on the next way back. */
  double decay;

  double share;
  private final Map<String, double[]> outputs = new HashMap<>();
  private final Map<String, double[]> slopes = new HashMap<>();

  ReferenceLayers(Network network, Map<String, ReferenceTensor> tensors, long seed) {
    this.network = network;
    this.tensors = tensors;
    this.seed = seed;
  }

  /** The last node's result, in (sample, channel, row, column) order. */
  double[] forward(Batch samples, Mode computed) {
    batch = samples;
    mode = computed;
    double[] input = new double[Math.toIntExact(network.input().elements() * samples.count())];
    Arrays.setAll(input, i -> samples.input()[i]);
    outputs.put(Network.INPUT, input);
    network.nodes().forEach(node -> outputs.put(node.name(), forward(node)));
    return output(network.output().name());
  }

  /** What the last way forward computed, in numbers. */
  List<LayerOutput> inspect(float small) {
    return network.nodes().stream()
        .map(
            node -> {
              double[] output = output(node.name());
              long nearlyZero = Arrays.stream(output).filter(x -> Math.abs(x) <= small).count();
              long nonFinite = Arrays.stream(output).filter(x -> !Double.isFinite(x)).count();
              return new LayerOutput(node.name(), output.length, nearlyZero, nonFinite);
            })
        .toList();
  }

  /** Adds to the tensors' gradients what the given slopes of the last result make of them. */
  void backward(double[] ofResult) {
    slopes.clear();
    slopes.put(network.output().name(), ofResult);
    for (Node node : network.nodes().reversed()) {
      double[] slope = slopes.getOrDefault(node.name(), new double[output(node.name()).length]);
      if (node.layer() instanceof Layer.Add) {
        node.inputs().forEach(input -> addSlope(input, slope));
      } else {
        addSlope(node.inputs().getFirst(), backward(node, slope));
      }
    }
  }

  private void addSlope(String node, double[] more) {
    slopes.merge(
        node,
        more.clone(),
        (one, other) -> {
          Arrays.setAll(one, i -> one[i] + other[i]);
          return one;
        });
  }

  private double[] output(String node) {
    return outputs.getOrDefault(node, new double[0]);
  }

  private double[] input(Node node) {
    return output(node.inputs().getFirst());
  }

  private ReferenceTensor tensor(Node node, Role role) {
    ReferenceTensor tensor = tensors.get(node.name() + "." + role.suffix());
    if (tensor == null) {
      throw new IllegalStateException(node.name() + " has no " + role);
    }
    return tensor;
  }

  private double[] forward(Node node) {
    double[] in = input(node);
    return switch (node.layer()) {
      case Layer.Linear linear -> linear(node, linear, in);
      case Layer.BatchNorm norm -> normalise(node, norm, in);
      case Layer.Activation(ActivationFunction function) ->
          Arrays.stream(in).map(x -> activate(function, x)).toArray();
      case Layer.Dropout(double probability) -> multiply(in, kept(node, probability, in.length));
      case Layer.Add add -> {
        double[] other = output(node.inputs().getLast());
        double[] sum = in.clone();
        Arrays.setAll(sum, i -> in[i] + other[i]);
        yield sum;
      }
      default -> in.clone();
    };
  }

  private double[] backward(Node node, double[] slope) {
    double[] in = input(node);
    return switch (node.layer()) {
      case Layer.Linear linear -> linearBackward(node, linear, in, slope);
      case Layer.BatchNorm norm -> normaliseBackward(node, norm, in, slope);
      case Layer.Activation(ActivationFunction function) -> {
        double[] result = slope.clone();
        Arrays.setAll(result, i -> slope[i] * slopeOf(function, in[i]));
        yield result;
      }
      case Layer.Dropout(double probability) ->
          multiply(slope, kept(node, probability, slope.length));
      default -> slope;
    };
  }

  private double[] linear(Node node, Layer.Linear linear, double[] in) {
    ReferenceTensor weight = tensor(node, Role.WEIGHT);
    long[] positions = weight.connectivity.toPositions();
    int inputs = (int) weight.connectivity.rowLength();
    double[] out = new double[batch.count() * linear.features()];
    for (int sample = 0; sample < batch.count(); sample++) {
      for (int row = 0; row < linear.features() && linear.bias(); row++) {
        out[sample * linear.features() + row] = tensor(node, Role.BIAS).values[row];
      }
      for (int i = 0; i < positions.length; i++) {
        int row = (int) (positions[i] / inputs);
        int column = (int) (positions[i] % inputs);
        out[sample * linear.features() + row] += weight.values[i] * in[sample * inputs + column];
      }
    }
    return out;
  }

  private double[] linearBackward(Node node, Layer.Linear linear, double[] in, double[] slope) {
    ReferenceTensor weight = tensor(node, Role.WEIGHT);
    int inputs = (int) weight.connectivity.rowLength();
    double[] dense = new double[linear.features() * inputs];
    for (int sample = 0; sample < batch.count(); sample++) {
      for (int row = 0; row < linear.features(); row++) {
        double out = slope[sample * linear.features() + row];
        for (int column = 0; column < inputs; column++) {
          dense[row * inputs + column] += out * in[sample * inputs + column];
        }
        if (linear.bias()) {
          tensor(node, Role.BIAS).gradient[row] += out;
        }
      }
    }
    if (mode == Mode.TRAIN) {
      weight.average(dense, decay, share);
    }
    double[] sums = weight.denseGradient;
    if (sums != null) {
      Arrays.setAll(sums, i -> sums[i] + dense[i]);
    }
    double[] result = new double[in.length];
    long[] positions = weight.connectivity.toPositions();
    for (int i = 0; i < positions.length; i++) {
      weight.gradient[i] += dense[(int) positions[i]];
      int row = (int) (positions[i] / inputs);
      int column = (int) (positions[i] % inputs);
      for (int sample = 0; sample < batch.count(); sample++) {
        result[sample * inputs + column] +=
            weight.values[i] * slope[sample * linear.features() + row];
      }
    }
    return result;
  }

  /** Mean and variance of a channel: of the batch, or the running ones in evaluation. */
  private double[] moments(Node node, double[] in, int channel) {
    if (mode == Mode.EVALUATE) {
      return new double[] {
        tensor(node, Role.RUNNING_MEAN).values[channel],
        tensor(node, Role.RUNNING_VARIANCE).values[channel]
      };
    }
    List<Integer> places = places(node, channel);
    double mean = places.stream().mapToDouble(i -> in[i]).sum() / places.size();
    double variance =
        places.stream().mapToDouble(i -> (in[i] - mean) * (in[i] - mean)).sum() / places.size();
    return new double[] {mean, variance};
  }

  /** Where a channel's values stand in an activation. */
  private List<Integer> places(Node node, int channel) {
    int area = node.output().height() * node.output().width();
    int sampleLength = area * node.output().channels();
    return IntStream.range(0, batch.count() * area)
        .map(i -> i / area * sampleLength + channel * area + i % area)
        .boxed()
        .toList();
  }

  private double[] normalise(Node node, Layer.BatchNorm norm, double[] in) {
    double[] out = new double[in.length];
    for (int channel = 0; channel < node.output().channels(); channel++) {
      List<Integer> places = places(node, channel);
      double[] moments = moments(node, in, channel);
      double scale = tensor(node, Role.SCALE).values[channel];
      double shift = tensor(node, Role.SHIFT).values[channel];
      for (int i : places) {
        out[i] = scale * (in[i] - moments[0]) / Math.sqrt(moments[1] + norm.epsilon()) + shift;
      }
      if (mode == Mode.TRAIN) {
        int count = places.size();
        double unbiased = moments[1] * count / Math.max(1, count - 1);
        follow(tensor(node, Role.RUNNING_MEAN), channel, moments[0], norm.momentum());
        follow(tensor(node, Role.RUNNING_VARIANCE), channel, unbiased, norm.momentum());
      }
    }
    return out;
  }

  private static void follow(ReferenceTensor running, int channel, double newest, double weight) {
    running.values[channel] = (float) ((1 - weight) * running.values[channel] + weight * newest);
  }

  private double[] normaliseBackward(Node node, Layer.BatchNorm norm, double[] in, double[] slope) {
    double[] result = new double[in.length];
    for (int channel = 0; channel < node.output().channels(); channel++) {
      List<Integer> places = places(node, channel);
      double[] moments = moments(node, in, channel);
      double deviation = Math.sqrt(moments[1] + norm.epsilon());
      double sum = 0;
      double weighted = 0;
      for (int i : places) {
        sum += slope[i];
        weighted += slope[i] * (in[i] - moments[0]) / deviation;
      }
      tensor(node, Role.SHIFT).gradient[channel] += sum;
      tensor(node, Role.SCALE).gradient[channel] += weighted;
      double scale = tensor(node, Role.SCALE).values[channel] / deviation;
      for (int i : places) {
        double normal = (in[i] - moments[0]) / deviation;
        result[i] = scale * (slope[i] - (sum + normal * weighted) / places.size());
      }
    }
    return result;
  }

  private double[] kept(Node node, double probability, int length) {
    double[] factors = new double[length];
    if (mode != Mode.TRAIN) {
      Arrays.fill(factors, 1);
      return factors;
    }
    int elements = length / batch.count();
    for (int i = 0; i < length; i++) {
      long sample = batch.sampleIds()[i / elements];
      double draw =
          StatelessRandom.of(seed, node.name(), batch.step(), sample, i % elements).nextDouble();
      factors[i] = draw < probability ? 0 : 1 / (1 - probability);
    }
    return factors;
  }

  private static double[] multiply(double[] one, double[] other) {
    double[] product = one.clone();
    Arrays.setAll(product, i -> one[i] * other[i]);
    return product;
  }

  /** Φ(x) by its series of odd powers, which is exact for the small x of these networks. */
  private static double normal(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 200; n++) {
      term *= x * x / (2 * n + 1);
      sum += term;
    }
    return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  private static double activate(ActivationFunction function, double x) {
    return switch (function) {
      case IDENTITY -> x;
      case RELU -> Math.max(0, x);
      case SWISH -> x / (1 + Math.exp(-x));
      case MISH -> x * Math.tanh(Math.log1p(Math.exp(x)));
      case GELU -> x * normal(x);
      case PSWISH -> x / (1 + Math.exp(-2 * x));
      case ELU -> x > 0 ? x : Math.expm1(x);
      case SOFTPLUS -> Math.log1p(Math.exp(x));
      case LISHT -> x * Math.tanh(x);
      case TANH -> Math.tanh(x);
      case SIGMOID -> 1 / (1 + Math.exp(-x));
    };
  }

  /** By central differences, but exact for the functions with a kink. */
  private static double slopeOf(ActivationFunction function, double x) {
    return switch (function) {
      case IDENTITY -> 1;
      case RELU -> x > 0 ? 1 : 0;
      default ->
          (activate(function, x + DIFFERENCE) - activate(function, x - DIFFERENCE))
              / (2 * DIFFERENCE);
    };
  }
}
