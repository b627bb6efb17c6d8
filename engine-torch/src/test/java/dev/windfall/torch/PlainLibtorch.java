package dev.windfall.torch;

import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Initialization;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.Node;
import dev.windfall.network.Parameter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A dense network trained as a program on libtorch would, with nothing of the engine in between:
 * functions on tensors, {@code backward} and libtorch's own SGD. Knows what residual networks are
 * made of.
 */
final class PlainLibtorch implements AutoCloseable {

  static final double MOMENTUM = 0.9;
  static final double WEIGHT_DECAY = 5e-4;

  private final Network network;
  private final PointerScope memory = new PointerScope();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final SGD optimizer;

  /** A network with the initial values that a session of the same seed has. */
  PlainLibtorch(Network network, Initialization initialization, long seed, double rate) {
    this.network = network;
    TensorVector trained = new TensorVector();
    for (Parameter parameter : network.parameters()) {
      Tensor tensor = initial(parameter, initialization, seed);
      if (parameter.role().isTrained()) {
        tensor.set_requires_grad(true);
        trained.push_back(tensor);
      }
      tensors.put(parameter.name(), tensor);
    }
    SGDOptions options = new SGDOptions(rate);
    options.momentum().put(MOMENTUM);
    options.nesterov().put(true);
    options.weight_decay().put(WEIGHT_DECAY);
    optimizer = new SGD(trained, options);
  }

  private static Tensor initial(Parameter parameter, Initialization initialization, long seed) {
    Initialization.Values initial = initialization.values(seed, parameter);
    float[] values = new float[Math.toIntExact(parameter.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = initial.at(i, parameter.isPrunable() ? parameter.rowLength() : 1);
    }
    long[] shape = parameter.shape().stream().mapToLong(Integer::longValue).toArray();
    Tensor tensor = floats(values, shape);
    return shape.length == 4 ? tensor.contiguous(MemoryFormat.ChannelsLast) : tensor;
  }

  private static Tensor floats(float[] values, long... shape) {
    Tensor tensor =
        torch.torch_empty(shape, new TensorOptions(ScalarType.Float), new MemoryFormatOptional());
    tensor.data_ptr_float().put(values);
    return tensor;
  }

  /** One step of training; returns the mean loss before it. */
  @SuppressWarnings("try") // Whatever is made meanwhile belongs to the scope.
  double step(float[] input, long[] labels) {
    try (PointerScope scope = new PointerScope()) {
      Tensor images =
          floats(
                  input,
                  labels.length,
                  network.input().channels(),
                  network.input().height(),
                  network.input().width())
              .contiguous(MemoryFormat.ChannelsLast);
      Tensor targets =
          torch.torch_empty(
              new long[] {labels.length},
              new TensorOptions(ScalarType.Long),
              new MemoryFormatOptional());
      targets.data_ptr_long().put(labels);
      optimizer.zero_grad();
      Tensor loss = torch.cross_entropy_loss(forward(images), targets);
      loss.backward();
      optimizer.step();
      return loss.item_double();
    }
  }

  private Tensor forward(Tensor images) {
    Map<String, Tensor> results = new HashMap<>();
    results.put(Network.INPUT, images);
    for (Node node : network.nodes()) {
      results.put(node.name(), forward(node, results));
    }
    return result(results, network.output().name());
  }

  private static Tensor result(Map<String, Tensor> results, String name) {
    Tensor found = results.get(name);
    if (found == null) {
      throw new IllegalStateException("nothing for " + name);
    }
    return found;
  }

  private Tensor tensor(Node node, Parameter.Role role) {
    return result(tensors, node.name() + "." + role.suffix());
  }

  private Tensor forward(Node node, Map<String, Tensor> results) {
    Tensor in = result(results, node.inputs().getFirst());
    return switch (node.layer()) {
      case Layer.Conv2d conv ->
          torch.conv2d(
              in,
              tensor(node, Parameter.Role.WEIGHT),
              new TensorOptional(),
              new long[] {conv.stride(), conv.stride()},
              new long[] {conv.padding(), conv.padding()},
              new long[] {1, 1},
              conv.groups());
      case Layer.BatchNorm norm ->
          torch.batch_norm(
              in,
              new TensorOptional(tensor(node, Parameter.Role.SCALE)),
              new TensorOptional(tensor(node, Parameter.Role.SHIFT)),
              new TensorOptional(tensor(node, Parameter.Role.RUNNING_MEAN)),
              new TensorOptional(tensor(node, Parameter.Role.RUNNING_VARIANCE)),
              true,
              norm.momentum(),
              norm.epsilon(),
              false);
      case Layer.Activation(ActivationFunction function) when function == ActivationFunction.RELU ->
          in.relu();
      case Layer.Add add -> in.add(result(results, node.inputs().getLast()));
      case Layer.GlobalAveragePool pool ->
          in.mean(new long[] {2, 3}, false, new ScalarTypeOptional());
      case Layer.Linear linear ->
          torch.linear(
              in,
              tensor(node, Parameter.Role.WEIGHT),
              new TensorOptional(tensor(node, Parameter.Role.BIAS)));
      default -> throw new IllegalArgumentException("no plain form of " + node.layer());
    };
  }

  @Override
  public void close() {
    memory.close();
  }
}
