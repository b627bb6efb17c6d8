package dev.windfall.tweak;

import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Node;
import dev.windfall.network.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Skip connections that a network lacks: the input of a convolution is added to its result, after
 * the batch norm that follows and before the activation ("Spending Your Winning Lottery Better",
 * section 3.1). In a residual block of two convolutions {@code y = f(norm1(conv1(x)) + skip(x))}
 * and {@code z = f(norm2(conv2(y)) + skip(y) + shortcut(x))}.
 *
 * <p>Every convolution gets one, but for the first, which reads the image; those that are added to
 * a result of their own input already, as shortcuts are; and those that a skip does not fit: {@link
 * Skips#PLAIN} cannot lead to fewer channels, {@link Skips#LEARNED} not past a convolution that
 * makes maps smaller other than by its stride.
 */
public final class SkipInjection {

  private static final float START = 1e-4f;

  private final Network network;
  private final Skips skips;

  private SkipInjection(Network network, Skips skips) {
    this.network = network;
    this.skips = skips;
  }

  /**
   * Injects skips past every convolution that may have one.
   *
   * @param network whose nodes keep their names
   * @param skips of which form; the network itself for {@link Skips#NONE}
   * @throws IllegalArgumentException where there is no such convolution
   */
  public static Network into(Network network, Skips skips) {
    if (skips == Skips.NONE) {
      return network;
    }
    SkipInjection injection = new SkipInjection(network, skips);
    Map<String, Node> places = injection.places();
    if (places.isEmpty()) {
      throw new IllegalArgumentException(
          "skips %s: network %s has no convolution that one could lead past"
              .formatted(skips.label(), network.name()));
    }
    return injection.inject(places);
  }

  /** The convolutions that get a skip, by the name of the node to whose result it is added. */
  private Map<String, Node> places() {
    Map<String, Node> places = new LinkedHashMap<>();
    for (Node node : network.nodes()) {
      if (node.layer() instanceof Layer.Conv2d conv
          && !node.inputs().getFirst().equals(Network.INPUT)
          && fits(node, conv)) {
        Node end = end(node);
        if (!isAddedToItsInput(node, end)) {
          places.put(end.name(), node);
        }
      }
    }
    return places;
  }

  private List<Node> readers(String node) {
    return network.nodes().stream().filter(other -> other.inputs().contains(node)).toList();
  }

  /** The batch norm of a convolution's result, or the convolution where none follows. */
  private Node end(Node convolution) {
    List<Node> readers = readers(convolution.name());
    return readers.size() == 1 && readers.getFirst().layer() instanceof Layer.BatchNorm
        ? readers.getFirst()
        : convolution;
  }

  /** Whether the result goes into a sum, and the input elsewhere too. */
  private boolean isAddedToItsInput(Node convolution, Node end) {
    return readers(end.name()).stream().anyMatch(reader -> reader.layer() instanceof Layer.Add)
        && readers(convolution.inputs().getFirst()).size() > 1;
  }

  private Shape input(Node convolution) {
    return network.outputOf(convolution.inputs().getFirst());
  }

  private boolean fits(Node node, Layer.Conv2d conv) {
    return switch (skips) {
      case NONE -> false;
      case PLAIN ->
          node.output().channels() >= input(node).channels()
              && (isSameSize(input(node), node.output()) || pool(node, conv).isPresent());
      case LEARNED -> isSameSize(branch(node, conv).output(List.of(input(node))), node.output());
    };
  }

  private static boolean isSameSize(Shape one, Shape other) {
    return one.height() == other.height() && one.width() == other.width();
  }

  /** Windows as large as the stride where these fit, else those of the convolution itself. */
  private Optional<Layer.AveragePool> pool(Node node, Layer.Conv2d conv) {
    Shape input = input(node);
    List<Layer.AveragePool> pools = new ArrayList<>();
    if (Math.min(input.height(), input.width()) >= conv.stride()) {
      pools.add(new Layer.AveragePool(conv.stride(), conv.stride(), 0, true));
    }
    if (2 * conv.padding() <= conv.kernel()) {
      pools.add(new Layer.AveragePool(conv.kernel(), conv.stride(), conv.padding(), false));
    }
    return pools.stream()
        .filter(pool -> isSameSize(pool.output(List.of(input)), node.output()))
        .findFirst();
  }

  private static Layer.Conv2d branch(Node node, Layer.Conv2d conv) {
    return new Layer.Conv2d(node.output().channels(), 1, conv.stride(), 0, 1, false, START);
  }

  private Network inject(Map<String, Node> places) {
    NetworkCopy copy = new NetworkCopy(network);
    for (Node node : network.nodes()) {
      copy.append(node, node.layer());
      Node convolution = places.get(node.name());
      if (convolution != null && convolution.layer() instanceof Layer.Conv2d conv) {
        copy.builder().from(copy.source(convolution.inputs().getFirst()));
        append(copy.builder(), convolution, conv);
        String skip = copy.builder().current();
        copy.builder().from(node.name()).add(convolution.name() + ".skip-sum", skip);
        copy.stepInFor(node.name());
      }
    }
    return copy.network();
  }

  private void append(NetworkBuilder builder, Node node, Layer.Conv2d conv) {
    String name = node.name() + ".skip";
    if (skips == Skips.LEARNED) {
      builder.append(name, branch(node, conv)).batchNorm(name + "-norm");
      return;
    }
    if (!isSameSize(input(node), node.output())) {
      builder.append(name + "-pool", pool(node, conv).orElseThrow());
    }
    int channels = node.output().channels();
    if (channels > input(node).channels()) {
      builder.append(name + "-padding", new Layer.PadChannels(channels));
    }
  }
}
