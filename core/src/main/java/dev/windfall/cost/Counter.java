package dev.windfall.cost;

import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.Node;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A convention for counting floating-point operations. All of them count convolutions and linear
 * layers alone: batch norms, pools and additions of skip connections are left out.
 */
public enum Counter {
  /**
   * One multiplication per connection and output position, and the additions that sum them up; no
   * biases, no activations. The convention of the reproducibility report on RigL (Sundar &amp;
   * Dwaraknath 2021).
   */
  REPORT("multiplications and additions of the connections; no bias, no activation") {
    @Override
    long flops(Network network, Node node, long connections) {
      // An output with c connections takes c - 1 additions; one without any takes none, not -1.
      long additions = Math.max(0, connections - weight(node).rows());
      return Math.multiplyExact(connections + additions, positions(node.output()));
    }
  },
  /**
   * What {@link #REPORT} counts, and one addition of a bias and one operation of a ReLU for every
   * output, in every layer, whether the network has them or not. The convention of the figures that
   * Evci et al. 2020 publish, with its two peculiarities: a first convolution with a stride above 1
   * is counted on an input that is padded twice, and a depthwise convolution as one output channel
   * that sees all input channels.
   */
  RIGL("multiplications and additions of the connections; bias and ReLU in every layer") {
    @Override
    long flops(Network network, Node node, long connections) {
      return Math.multiplyExact(2 * connections + biases(node), positions(counted(network, node)));
    }

    @Override
    long biases(Node node) {
      return isDepthwise(node) ? 1 : weight(node).rows();
    }

    private static Shape counted(Network network, Node node) {
      String source = node.inputs().getFirst();
      return source.equals(Network.INPUT)
              && node.layer() instanceof Layer.Conv2d conv
              && conv.stride() > 1
          ? conv.output(List.of(padded(network.input(), conv.padding())))
          : node.output();
    }

    private static Shape padded(Shape input, int padding) {
      return new Shape(input.channels(), input.height() + 2 * padding, input.width() + 2 * padding);
    }

    private static boolean isDepthwise(Node node) {
      return node.layer() instanceof Layer.Conv2d conv
          && conv.groups() > 1
          && conv.groups() == conv.channels();
    }
  },
  /** Two operations for every multiply-accumulate. */
  MAC("two for every multiply-accumulate") {
    @Override
    long flops(Network network, Node node, long connections) {
      return Math.multiplyExact(2 * connections, positions(node.output()));
    }
  };

  private final String description;

  Counter(String description) {
    this.description = description;
  }

  /**
   * The operations of one layer on one sample.
   *
   * @param network that has the layer
   * @param node a convolution or linear layer
   * @param connections how many of its connections exist
   * @throws ArithmeticException where a long does not hold them
   */
  abstract long flops(Network network, Node node, long connections);

  /** How many biases are counted in a layer, which need not be those that it has. */
  long biases(Node node) {
    return 0;
  }

  /**
   * The bits that a layer takes in a file: 32 for every connection and counted bias, and where
   * connections are missing one for every weight, which says whether it exists.
   *
   * @param node a convolution or linear layer
   * @param connections how many of its connections exist
   * @throws ArithmeticException where a long does not hold them
   */
  final long bits(Node node, long connections) {
    long weights = weight(node).elements();
    return Math.addExact(
        Math.multiplyExact(Float.SIZE, connections + biases(node)),
        connections < weights ? weights : 0);
  }

  static Parameter weight(Node node) {
    return node.parameters().stream().filter(Parameter::isMatrix).findFirst().orElseThrow();
  }

  /** Rows · columns of an output map; 1 for a linear layer. */
  private static long positions(Shape output) {
    return (long) output.height() * output.width();
  }

  /** The name on the command line: lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** One line: what is counted. */
  public String description() {
    return description;
  }

  /**
   * The counter with the given {@link #label()}.
   *
   * @throws IllegalArgumentException naming the known ones when there is none of that name
   */
  public static Counter named(String label) {
    return Arrays.stream(values())
        .filter(counter -> counter.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown counter '%s'; known: %s"
                        .formatted(
                            label,
                            Arrays.stream(values())
                                .map(Counter::label)
                                .collect(Collectors.joining(" ")))));
  }
}
