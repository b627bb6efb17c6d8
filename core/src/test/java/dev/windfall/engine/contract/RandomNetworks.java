package dev.windfall.engine.contract;

import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Shape;
import dev.windfall.random.StatelessRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Small networks in which any layer may follow any other, results are read by several nodes, and
 * additions join what happens to fit. All that nobody has read ends in the logits.
 */
public final class RandomNetworks {

  private static final int CLASSES = 3;

  private final StatelessRandom random;
  private final NetworkBuilder builder;
  private final Map<String, Shape> shapes = new LinkedHashMap<>();
  private final Set<String> unread = new LinkedHashSet<>();
  private int nodes;

  private RandomNetworks(StatelessRandom random, NetworkBuilder builder) {
    this.random = random;
    this.builder = builder;
  }

  /** The network of a seed. */
  public static Network draw(long seed) {
    StatelessRandom random = StatelessRandom.of(seed, "network");
    Shape input =
        random.nextInt(5) == 0
            ? Shape.features(1 + random.nextInt(9))
            : new Shape(1 + random.nextInt(3), 2 + random.nextInt(9), 2 + random.nextInt(9));
    RandomNetworks drawing =
        new RandomNetworks(random, new NetworkBuilder("random " + seed, input));
    drawing.shapes.put(Network.INPUT, input);
    int layers = 4 + random.nextInt(12);
    for (int i = 0; i < layers; i++) {
      drawing.append();
    }
    return drawing.finish();
  }

  private <T> T any(List<T> options) {
    return options.get(random.nextInt(options.size()));
  }

  private void define(String source, Layer layer) {
    builder.from(source).append("n" + ++nodes, layer);
    read(source, layer.output(List.of(shape(source))));
  }

  private void read(String source, Shape output) {
    unread.remove(source);
    unread.add("n" + nodes);
    shapes.put("n" + nodes, output);
  }

  private Shape shape(String node) {
    return shapes.getOrDefault(node, Shape.features(1));
  }

  /** One more layer on the last node, or on an earlier one. */
  private void append() {
    List<String> all = new ArrayList<>(shapes.keySet());
    String source = random.nextInt(3) > 0 ? all.getLast() : any(all);
    Shape shape = shape(source);
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> define(source, product(shape));
      case 3 ->
          define(source, new Layer.BatchNorm(any(List.of(0.5, 0.05)), any(List.of(0.1, 1.0))));
      case 4 -> define(source, new Layer.Activation(any(List.of(ActivationFunction.values()))));
      case 5 -> define(source, new Layer.Dropout(any(List.of(0.0, 0.2, 0.5))));
      case 6 -> define(source, pool(shape));
      case 7 -> define(source, new Layer.PadChannels(shape.channels() + random.nextInt(3)));
      default -> addSimilar(source, all);
    }
  }

  private Layer product(Shape shape) {
    if (shape.isVector()) {
      return new Layer.Linear(1 + random.nextInt(6), random.nextInt(2) == 0);
    }
    for (int attempt = 0; attempt < 10; attempt++) {
      int kernel = any(List.of(1, 2, 3, 3, 5));
      int padding = random.nextInt(Math.min(3, kernel));
      int room = Math.min(shape.height(), shape.width()) + 2 * padding - kernel;
      // Similar channels, so that many results can be added.
      Layer.Conv2d conv =
          new Layer.Conv2d(
              shape.channels() == 3 ? 3 : any(List.of(1, 3, 3, 3)),
              kernel,
              1 + random.nextInt(2),
              padding,
              shape.channels() == 3 && random.nextInt(4) == 0 ? 3 : 1,
              random.nextInt(3) == 0);
      if (room >= 0 && !conv.output(List.of(shape)).isVector()) {
        return conv;
      }
    }
    return new Layer.Conv2d(3, 1, 1, 0, false);
  }

  private Layer pool(Shape shape) {
    int kernel = 1 + random.nextInt(3);
    int padding = random.nextInt(kernel / 2 + 1);
    Layer.MaxPool pool = new Layer.MaxPool(kernel, 1 + random.nextInt(3), padding);
    boolean fits = Math.min(shape.height(), shape.width()) + 2 * padding >= kernel;
    if (fits && !shape.isVector() && !pool.output(List.of(shape)).isVector()) {
      return random.nextInt(3) > 0
          ? pool
          : new Layer.AveragePool(kernel, pool.stride(), padding, random.nextInt(2) == 0);
    }
    return random.nextInt(2) == 0 ? new Layer.GlobalAveragePool() : new Layer.Flatten();
  }

  /** An addition of two results of one shape, which may be the same. */
  private void addSimilar(String source, List<String> all) {
    List<String> similar = all.stream().filter(node -> shape(node).equals(shape(source))).toList();
    String other = any(similar);
    builder.from(source).add("n" + ++nodes, other);
    unread.remove(other);
    read(source, shape(source));
  }

  /** Brings what nobody has read to the same number of classes, and adds it up. */
  private Network finish() {
    List<String> logits = new ArrayList<>();
    for (String node : List.copyOf(unread)) {
      String source = node;
      if (!shape(source).isVector()) {
        define(
            source, random.nextInt(2) == 0 ? new Layer.Flatten() : new Layer.GlobalAveragePool());
        source = "n" + nodes;
      }
      define(source, new Layer.Linear(CLASSES, random.nextInt(2) == 0));
      logits.add("n" + nodes);
    }
    for (int i = 1; i < logits.size(); i++) {
      builder.from("n" + nodes).add("n" + ++nodes, i == 1 ? logits.getFirst() : logits.get(i - 1));
    }
    return builder.build();
  }
}
