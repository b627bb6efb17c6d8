package dev.windfall.engine.contract;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Mode;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.Node;
import dev.windfall.network.Parameter.Role;
import dev.windfall.random.DropoutHash;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** One batch on its way through a {@link DenseNetwork}. */
public final class DensePass {

  private final DenseNetwork network;
  private final Batch batch;
  private final Mode mode;
  private final long seed;
  private final Map<String, DenseMaps> outputs = new LinkedHashMap<>();
  private final Map<String, DenseMaps> outputGradients = new LinkedHashMap<>();
  private final Map<String, double[]> gradients = new LinkedHashMap<>();
  private final Map<String, double[]> statistics = new LinkedHashMap<>();
  private double margin = Double.POSITIVE_INFINITY;

  DensePass(DenseNetwork network, Batch batch, Mode mode, long seed) {
    this.network = network;
    this.batch = batch;
    this.mode = mode;
    this.seed = seed;
  }

  /** The running statistics after the way forward. */
  public Map<String, double[]> statistics() {
    return statistics;
  }

  /** The smallest distance to a kink; exact zeros and ties, which have rules, do not count. */
  public double margin() {
    return margin;
  }

  private void approach(double distance) {
    margin = distance == 0 ? margin : Math.min(margin, Math.abs(distance));
  }

  private static <T> T found(Map<String, T> map, String name) {
    T value = map.get(name);
    if (value == null) {
      throw new IllegalStateException("nothing yet for " + name);
    }
    return value;
  }

  private DenseMaps input(Node node) {
    return found(outputs, node.inputs().getFirst());
  }

  public DenseMaps forward() {
    DenseMaps input = DenseMaps.zeros(batch.count(), network.network().input());
    Arrays.setAll(input.values(), i -> batch.input()[i]);
    outputs.put(Network.INPUT, input);
    for (Node node : network.network().nodes()) {
      outputs.put(node.name(), forward(node, input(node)));
    }
    return found(outputs, network.network().output().name());
  }

  private DenseMaps forward(Node node, DenseMaps in) {
    return switch (node.layer()) {
      case Layer.Conv2d conv ->
          biased(node, conv.bias(), convolution(node).forward(in, node.output()));
      case Layer.Linear linear ->
          biased(node, linear.bias(), convolution(node).forward(in, node.output()));
      case Layer.BatchNorm norm -> norm(node, norm).forward(in, statistics(node, norm, in));
      case Layer.Activation(ActivationFunction function) -> {
        DenseMaps out = DenseMaps.like(in);
        for (int i = 0; i < in.values().length; i++) {
          out.values()[i] = DenseFunctions.value(function, in.values()[i]);
          approach(function == ActivationFunction.RELU ? in.values()[i] : 0);
        }
        yield out;
      }
      case Layer.MaxPool pool -> {
        DensePools.Maxima maxima = DensePools.max(pool, in, node.output());
        approach(maxima.margin());
        yield maxima.result();
      }
      case Layer.AveragePool pool -> DensePools.average(pool, in, node.output());
      case Layer.GlobalAveragePool pool -> DensePools.average(in);
      case Layer.Add add -> {
        DenseMaps out = DenseMaps.like(in);
        out.add(in);
        out.add(found(outputs, node.inputs().getLast()));
        yield out;
      }
      case Layer.PadChannels padding -> resized(in, DenseMaps.zeros(batch.count(), node.output()));
      case Layer.Flatten flatten -> in.as(node.output());
      case Layer.Dropout dropout -> dropped(node, dropout, in);
    };
  }

  /** As many channels as both maps have, from one into the other. */
  private static DenseMaps resized(DenseMaps from, DenseMaps into) {
    for (int i = 0; i < into.values().length; i++) {
      int size = Math.toIntExact(into.shape().elements());
      int place = i % size;
      if (place < from.shape().elements()) {
        into.values()[i] =
            from.values()[i / size * Math.toIntExact(from.shape().elements()) + place];
      }
    }
    return into;
  }

  private DenseConvolution convolution(Node node) {
    double[] weight = network.tensor(node, Role.WEIGHT);
    return node.layer() instanceof Layer.Conv2d conv
        ? DenseConvolution.of(conv, weight)
        : DenseConvolution.linear(weight);
  }

  private DenseMaps biased(Node node, boolean bias, DenseMaps out) {
    if (bias) {
      double[] addends = network.tensor(node, Role.BIAS);
      for (int i = 0; i < out.values().length; i++) {
        out.values()[i] += addends[out.channel(i)];
      }
    }
    return out;
  }

  private DenseNorm norm(Node node, Layer.BatchNorm layer) {
    return new DenseNorm(
        layer.epsilon(), network.tensor(node, Role.SCALE), network.tensor(node, Role.SHIFT));
  }

  private DenseNorm.Statistics statistics(Node node, Layer.BatchNorm layer, DenseMaps in) {
    double[] mean = network.tensor(node, Role.RUNNING_MEAN);
    double[] variance = network.tensor(node, Role.RUNNING_VARIANCE);
    DenseNorm.Statistics ofBatch = DenseNorm.Statistics.of(in);
    boolean moves = mode == Mode.TRAIN;
    double weight = moves ? layer.momentum() : 0;
    keep(node, Role.RUNNING_MEAN, mixed(mean, ofBatch.mean(), weight));
    keep(node, Role.RUNNING_VARIANCE, mixed(variance, ofBatch.unbiased(), weight));
    return mode == Mode.EVALUATE
        ? new DenseNorm.Statistics(mean, variance, ofBatch.count())
        : ofBatch;
  }

  private void keep(Node node, Role role, double[] values) {
    statistics.put(node.name() + "." + role.suffix(), values);
  }

  private static double[] mixed(double[] old, double[] newest, double weight) {
    double[] result = new double[old.length];
    Arrays.setAll(result, i -> (1 - weight) * old[i] + weight * newest[i]);
    return result;
  }

  /** Zeroes what the engine's hash says, in training: the hash is part of the contract. */
  private DenseMaps dropped(Node node, Layer.Dropout dropout, DenseMaps in) {
    if (mode != Mode.TRAIN) {
      return in;
    }
    DenseMaps out = DenseMaps.like(in);
    int size = Math.toIntExact(in.shape().elements());
    for (int i = 0; i < in.values().length; i++) {
      int key = DropoutHash.key(seed, node.name(), batch.step(), batch.sampleIds()[i / size]);
      int upper = DropoutHash.of(key, i % size) >>> 8;
      boolean drops = upper < DropoutHash.threshold(dropout.probability());
      out.values()[i] = drops ? 0 : in.values()[i] / (1 - dropout.probability());
    }
    return out;
  }

  /** The gradients of all trained tensors, from that of the last result. */
  public Map<String, double[]> backward(DenseMaps ofResult) {
    outputGradients.put(network.network().output().name(), ofResult);
    for (Node node : network.network().nodes().reversed()) {
      DenseMaps gradient = found(outputGradients, node.name());
      if (node.layer() instanceof Layer.Add) {
        node.inputs().forEach(input -> addGradient(input, gradient));
      } else {
        addGradient(node.inputs().getFirst(), backward(node, input(node), gradient));
      }
    }
    return gradients;
  }

  private void addGradient(String node, DenseMaps more) {
    outputGradients.computeIfAbsent(node, key -> DenseMaps.like(more)).add(more);
  }

  private DenseMaps backward(Node node, DenseMaps in, DenseMaps gradient) {
    return switch (node.layer()) {
      case Layer.Conv2d conv -> productGradient(node, conv.bias(), in, gradient);
      case Layer.Linear linear -> productGradient(node, linear.bias(), in, gradient);
      case Layer.BatchNorm norm -> {
        DenseNorm.Gradients result =
            norm(node, norm).backward(in, gradient, DenseNorm.Statistics.of(in));
        gradients.put(node.name() + "." + Role.SCALE.suffix(), result.scale());
        gradients.put(node.name() + "." + Role.SHIFT.suffix(), result.shift());
        yield result.input();
      }
      case Layer.Activation(ActivationFunction function) -> {
        DenseMaps input = DenseMaps.like(in);
        for (int i = 0; i < in.values().length; i++) {
          double slope = DenseFunctions.derivative(function, in.values()[i]);
          input.values()[i] = gradient.values()[i] * slope;
        }
        yield input;
      }
      case Layer.MaxPool pool ->
          DensePools.max(pool, in, node.output()).inputGradient(in, gradient);
      case Layer.AveragePool pool -> DensePools.averageGradient(pool, in, gradient);
      case Layer.GlobalAveragePool pool -> DensePools.averageGradient(in, gradient);
      case Layer.Add add -> throw new IllegalStateException("an addition has two inputs");
      case Layer.PadChannels padding -> resized(gradient, DenseMaps.like(in));
      case Layer.Flatten flatten -> gradient.as(in.shape());
      case Layer.Dropout dropout -> dropped(node, dropout, gradient);
    };
  }

  private DenseMaps productGradient(Node node, boolean bias, DenseMaps in, DenseMaps gradient) {
    DenseConvolution convolution = convolution(node);
    gradients.put(
        node.name() + "." + Role.WEIGHT.suffix(), convolution.weightGradient(in, gradient));
    if (bias) {
      double[] ofBias = new double[node.output().channels()];
      for (int i = 0; i < gradient.values().length; i++) {
        ofBias[gradient.channel(i)] += gradient.values()[i];
      }
      gradients.put(node.name() + "." + Role.BIAS.suffix(), ofBias);
    }
    return convolution.inputGradient(in, gradient);
  }
}
