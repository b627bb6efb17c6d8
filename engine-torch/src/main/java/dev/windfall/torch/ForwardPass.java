package dev.windfall.torch;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Mode;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.Node;
import dev.windfall.network.Parameter.Role;
import dev.windfall.network.Shape;
import dev.windfall.random.DropoutHash;
import dev.windfall.torch.tensor.ElementType;
import dev.windfall.torch.tensor.Tensor;
import dev.windfall.torch.tensor.TensorLibrary;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The computation of a network for one batch. Between nodes, everything is N×C×H×W with channels
 * fastest in memory; vectors have height and width 1.
 */
final class ForwardPass {

  /** What measures the time of each kind of work. */
  @FunctionalInterface
  interface Clock {
    /** Runs a piece of work and books its time under a kind. */
    void time(String kind, Runnable work);
  }

  private final TensorLibrary library;
  private final Network network;
  private final Map<String, Tensor> tensors;
  private final long seed;
  private final Batch batch;
  private final Mode mode;
  private final boolean movesStatistics;
  private final ElementType type;
  private final Map<String, Tensor> results = new HashMap<>();

  /**
   * A pass.
   *
   * @param tensors values of all tensors by name
   * @param type theirs, in which is computed
   * @param seed of dropout
   * @param movesStatistics whether training moves the running statistics in {@code tensors}
   */
  ForwardPass(
      TensorLibrary library,
      Network network,
      Map<String, Tensor> tensors,
      ElementType type,
      long seed,
      Batch batch,
      Mode mode,
      boolean movesStatistics) {
    this.library = library;
    this.network = network;
    this.tensors = tensors;
    this.type = type;
    this.seed = seed;
    this.batch = batch;
    this.mode = mode;
    this.movesStatistics = movesStatistics && mode == Mode.TRAIN;
  }

  /** The network's results: N×classes. */
  Tensor logits(Clock clock) {
    clock.time("input", () -> results.put(Network.INPUT, input()));
    for (Node node : network.nodes()) {
      clock.time(kind(node.layer()), () -> results.put(node.name(), forward(node)));
    }
    return flat(result(network.output().name()));
  }

  private static String kind(Layer layer) {
    return switch (layer) {
      case Layer.Conv2d conv -> "conv forward";
      case Layer.Linear linear -> "linear forward";
      case Layer.BatchNorm norm -> "norm forward";
      case Layer.Activation activation -> "activation forward";
      case Layer.MaxPool pool -> "pool forward";
      case Layer.AveragePool pool -> "pool forward";
      case Layer.GlobalAveragePool pool -> "pool forward";
      case Layer.Add add -> "add forward";
      case Layer.PadChannels padding -> "pad forward";
      case Layer.Flatten flatten -> "flatten forward";
      case Layer.Dropout dropout -> "dropout forward";
    };
  }

  private Tensor input() {
    Shape shape = network.input();
    return library
        .of(batch.input(), batch.count(), shape.channels(), shape.height(), shape.width())
        .as(type)
        .channelsLast();
  }

  private Tensor result(String node) {
    Tensor found = results.get(node);
    if (found == null) {
      throw new IllegalStateException("no result of " + node);
    }
    return found;
  }

  private Tensor tensor(Node node, Role role) {
    Tensor found = optionalTensor(node, role);
    if (found == null) {
      throw new IllegalStateException(node.name() + " has no " + role.suffix());
    }
    return found;
  }

  private @Nullable Tensor optionalTensor(Node node, Role role) {
    return tensors.get(node.name() + "." + role.suffix());
  }

  private Tensor forward(Node node) {
    Tensor in = result(node.inputs().getFirst());
    return switch (node.layer()) {
      case Layer.Conv2d conv ->
          in.convolution(
              tensor(node, Role.WEIGHT),
              optionalTensor(node, Role.BIAS),
              conv.stride(),
              conv.padding(),
              conv.groups());
      case Layer.Linear linear ->
          flat(in)
              .linear(tensor(node, Role.WEIGHT), optionalTensor(node, Role.BIAS))
              .reshaped(batch.count(), linear.features(), 1, 1);
      case Layer.BatchNorm norm -> normalize(node, norm, in);
      case Layer.Activation(ActivationFunction function) -> activate(function, in);
      case Layer.MaxPool pool -> in.maxPool(pool.kernel(), pool.stride(), pool.padding());
      case Layer.AveragePool pool ->
          in.averagePool(pool.kernel(), pool.stride(), pool.padding(), pool.countsPadding());
      case Layer.GlobalAveragePool pool -> in.meanOverPositions();
      case Layer.Add add -> in.plus(result(node.inputs().getLast()));
      case Layer.PadChannels padding -> in.paddedChannels(padding.channels());
      case Layer.Flatten flatten -> {
        Tensor vectors = flat(in);
        yield vectors.reshaped(batch.count(), node.output().channels(), 1, 1);
      }
      case Layer.Dropout(double probability) -> dropout(node, probability, in);
    };
  }

  /** Feature maps as rows, in (channel, row, column) order. */
  private Tensor flat(Tensor maps) {
    long[] shape = maps.shape();
    return maps.reshaped(shape[0], shape[1] * shape[2] * shape[3]);
  }

  private static Tensor activate(ActivationFunction function, Tensor in) {
    return switch (function) {
      case IDENTITY -> in;
      case RELU -> in.relu();
      case SWISH -> in.swish();
      case MISH -> in.mish();
      case GELU -> in.gelu();
      case PSWISH -> in.times(in.times(2).sigmoid());
      case ELU -> in.elu();
      case SOFTPLUS -> in.softplus();
      case LISHT -> in.times(in.tanh());
      case TANH -> in.tanh();
      case SIGMOID -> in.sigmoid();
    };
  }

  private Tensor normalize(Node node, Layer.BatchNorm norm, Tensor in) {
    Tensor scale = tensor(node, Role.SCALE);
    Tensor shift = tensor(node, Role.SHIFT);
    Tensor mean = tensor(node, Role.RUNNING_MEAN);
    Tensor variance = tensor(node, Role.RUNNING_VARIANCE);
    if (mode == Mode.EVALUATE) {
      return in.normalized(scale, shift, mean, variance, norm.epsilon());
    }
    boolean alone = batch.count() * (long) node.output().height() * node.output().width() == 1;
    if (movesStatistics && alone) {
      // One value has no unbiased variance; it counts as 0.
      mean.multiply(1 - norm.momentum());
      mean.add(in.copy().reshaped(node.output().channels()), norm.momentum());
      variance.multiply(1 - norm.momentum());
    }
    Tensor.@Nullable RunningStatistics running =
        movesStatistics && !alone
            ? new Tensor.RunningStatistics(mean, variance, norm.momentum())
            : null;
    return in.normalizedByBatch(scale, shift, running, norm.epsilon());
  }

  private Tensor dropout(Node node, double probability, Tensor in) {
    if (mode != Mode.TRAIN) {
      return in;
    }
    Shape shape = node.output();
    int[] keys = new int[batch.count()];
    for (int sample = 0; sample < keys.length; sample++) {
      keys[sample] = DropoutHash.key(seed, node.name(), batch.step(), batch.sampleIds()[sample]);
    }
    Tensor elements = library.range(Math.toIntExact(shape.elements()));
    elements.multiplyWrapping(DropoutHash.ELEMENT_FACTOR);
    Tensor maps = elements.reshaped(1, shape.channels(), shape.height(), shape.width());
    Tensor hash = maps.channelsLast().xor(library.of(keys, keys.length, 1, 1, 1));
    hash.xorShifted(16);
    hash.multiplyWrapping(DropoutHash.FIRST_FACTOR);
    hash.xorShifted(13);
    hash.multiplyWrapping(DropoutHash.SECOND_FACTOR);
    hash.xorShifted(16);
    Tensor kept = hash.upperBitsReach(DropoutHash.threshold(probability), type);
    kept.multiply(1 / (1 - probability));
    return in.times(kept);
  }
}
