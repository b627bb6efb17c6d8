package dev.windfall.network;

import java.util.ArrayList;
import java.util.List;

/**
 * Writes a network line by line. Each call appends a node that takes the result of the node before
 * it; {@link #from} continues elsewhere, and {@link #add} closes a skip connection.
 *
 * <pre>{@code
 * Network network =
 *     new NetworkBuilder("tiny", new Shape(3, 32, 32))
 *         .conv("conv1", 16, 3, 2).batchNorm("norm1").relu("relu1")
 *         .conv("conv2", 16, 3, 1).batchNorm("norm2")
 *         .add("sum", "relu1").relu("relu2")
 *         .globalAveragePool("pool")
 *         .linear("classifier", 10)
 *         .build();
 * }</pre>
 */
public final class NetworkBuilder {

  private final String name;
  private final Shape input;
  private final List<Network.Definition> definitions = new ArrayList<>();
  private String current = Network.INPUT;

  /**
   * Begins a network.
   *
   * @param name of the network
   * @param input shape of one sample
   */
  public NetworkBuilder(String name, Shape input) {
    this.name = name;
    this.input = input;
  }

  /** Appends any layer with one input to the current node. */
  public NetworkBuilder append(String node, Layer layer) {
    return define(node, layer, List.of(current));
  }

  /** A convolution without bias, padded by half its kernel so that stride 1 keeps the extents. */
  public NetworkBuilder conv(String node, int channels, int kernel, int stride) {
    return append(node, new Layer.Conv2d(channels, kernel, stride, kernel / 2, false));
  }

  /**
   * A depthwise convolution without bias, padded by half its kernel: each channel is filtered by
   * itself.
   *
   * @param channels of input and output
   */
  public NetworkBuilder depthwiseConv(String node, int channels, int kernel, int stride) {
    return append(node, new Layer.Conv2d(channels, kernel, stride, kernel / 2, channels, false));
  }

  /** A fully connected layer with bias. */
  public NetworkBuilder linear(String node, int features) {
    return append(node, new Layer.Linear(features, true));
  }

  /** Batch norm with the usual constants. */
  public NetworkBuilder batchNorm(String node) {
    return append(node, Layer.BatchNorm.standard());
  }

  /** The function max(0, x). */
  public NetworkBuilder relu(String node) {
    return activation(node, ActivationFunction.RELU);
  }

  /** An element-wise function. */
  public NetworkBuilder activation(String node, ActivationFunction function) {
    return append(node, new Layer.Activation(function));
  }

  /** A max pool without padding. */
  public NetworkBuilder maxPool(String node, int kernel, int stride) {
    return append(node, new Layer.MaxPool(kernel, stride, 0));
  }

  /** An average pool without padding. */
  public NetworkBuilder averagePool(String node, int kernel, int stride) {
    return append(node, new Layer.AveragePool(kernel, stride, 0, true));
  }

  /** The mean over all positions of each channel. */
  public NetworkBuilder globalAveragePool(String node) {
    return append(node, new Layer.GlobalAveragePool());
  }

  /** Feature maps as one vector. */
  public NetworkBuilder flatten(String node) {
    return append(node, new Layer.Flatten());
  }

  /** Dropout; nothing is appended for probability 0. */
  public NetworkBuilder dropout(String node, double probability) {
    Layer.Dropout layer = new Layer.Dropout(probability);
    return probability == 0 ? this : append(node, layer);
  }

  /** The sum of the current node's result and another's. */
  public NetworkBuilder add(String node, String other) {
    return define(node, new Layer.Add(), List.of(current, other));
  }

  /** Makes an earlier node, or {@link Network#INPUT}, the current one. */
  public NetworkBuilder from(String node) {
    current = node;
    return this;
  }

  /** The name of the current node: what the next call takes as its input. */
  public String current() {
    return current;
  }

  /**
   * The network.
   *
   * @throws IllegalArgumentException naming node and shapes where something does not fit
   */
  public Network build() {
    return new Network(name, input, definitions);
  }

  private NetworkBuilder define(String node, Layer layer, List<String> inputs) {
    definitions.add(new Network.Definition(node, layer, inputs));
    current = node;
    return this;
  }
}
