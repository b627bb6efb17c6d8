package dev.windfall.vector;

import dev.windfall.engine.SessionOptions;
import dev.windfall.network.ActivationFunction;
import dev.windfall.network.Layer;
import dev.windfall.network.Network;
import dev.windfall.network.Node;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.sparsity.Connectivity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Turns a network into operations. Element-wise layers are not computed where they stand: they are
 * collected until a layer needs their result, and then done in one pass. An addition of two raw
 * results becomes the starting value of the later convolution.
 */
final class Planner {

  /** What a node's result is while planning. */
  sealed interface Symbol permits Tensor, Pending {}

  /**
   * An element-wise expression that is not computed yet: function(Σ terms), then dropout.
   *
   * @param dropout the node of a dropout, or null
   */
  record Pending(
      List<PointwiseOperation.Term> terms, ActivationFunction function, @Nullable Node dropout)
      implements Symbol {

    /** One summand and nothing else. */
    static Pending of(PointwiseOperation.Term term) {
      return new Pending(List.of(term), ActivationFunction.IDENTITY, null);
    }

    /** Whether a summand, with its factor and addend, is all there is. */
    boolean isTerm() {
      return terms.size() == 1 && isSum();
    }

    /** Whether no function has been applied yet. */
    boolean isSum() {
      return function == ActivationFunction.IDENTITY && dropout == null;
    }
  }

  private final Network network;
  private final Map<String, Connectivity> connectivity;
  private final SessionOptions options;
  private final MemoryPlan memory;
  private final Map<String, Symbol> symbols = new HashMap<>();
  private final IdentityHashMap<Symbol, Tensor> materialized = new IdentityHashMap<>();
  private final List<Operation> operations = new ArrayList<>();
  private final IdentityHashMap<Operation, Plan.Result> results = new IdentityHashMap<>();
  private final List<Tensor> tensors = new ArrayList<>();
  private final Map<String, SparseWeights> weights = new LinkedHashMap<>();
  private final Map<String, DenseParameter> parameters = new LinkedHashMap<>();
  private final WorkArray transposedValues = new WorkArray();
  private final int gradientHalo;
  private long sumBytes;

  private Planner(Network network, Map<String, Connectivity> connectivity, SessionOptions options) {
    this.network = network;
    this.connectivity = connectivity;
    this.options = options;
    this.memory = new MemoryPlan(options.batchSize());
    this.gradientHalo =
        network.nodes().stream()
            .filter(node -> !node.inputs().getFirst().equals(Network.INPUT))
            .mapToInt(
                node -> node.layer() instanceof Layer.Conv2d c ? c.kernel() - 1 - c.padding() : 0)
            .max()
            .orElse(0);
  }

  /**
   * Plans a network.
   *
   * @throws IllegalArgumentException naming the node that the vector engine cannot run
   */
  static Plan plan(
      Network network, Map<String, Connectivity> connectivity, SessionOptions options) {
    return new Planner(network, connectivity, options).plan();
  }

  private Plan plan() {
    Tensor input = planInput();
    for (Node node : network.nodes()) {
      Symbol symbol = plan(node);
      if (symbol instanceof Pending && consumers(node.name()).size() > 1) {
        symbol = materialize(symbol, node.name());
      }
      symbols.put(node.name(), symbol);
    }
    Node last = network.output();
    if (!last.output().isVector()) {
      throw unsupported(last, "the last layer must yield a vector of classes");
    }
    Tensor logits = materialize(symbol(last.name()), last.name());
    return finish(input, logits);
  }

  /** Marks all uses in time, places the buffers, and plans the way back. */
  private Plan finish(Tensor input, Tensor logits) {
    int count = operations.size();
    input.data().use(0);
    for (int i = 0; i < count; i++) {
      operations.get(i).planForward(i + 1);
    }
    BackwardPlan backward = new BackwardPlan();
    backward.at(count + 1);
    backward.ofLoss(logits);
    backward.read(logits.data());
    for (int i = count - 1; i >= 0; i--) {
      backward.at(2 * count + 1 - i);
      operations.get(i).planBackward(backward);
    }
    List<Buffer> buffers = new ArrayList<>(backward.buffers());
    tensors.forEach(tensor -> buffers.add(tensor.data()));
    memory.place(buffers);
    return new Plan(
        new InputOperation(input),
        List.copyOf(operations),
        results,
        new SoftmaxLoss(logits),
        weights,
        parameters,
        transposedValues,
        memory,
        scratchBytes(),
        sumBytes);
  }

  /** What a worker needs: a panel's partial sums, or the sums of a piece's channels and a row. */
  private long scratchBytes() {
    long pixels = Math.max(WeightGradient.LARGEST_PANEL, DenseGradient.PANEL) + 64L;
    for (Tensor tensor : tensors) {
      Geometry geometry = tensor.data().geometry();
      pixels = Math.max(pixels, 2L * geometry.channelsPerItem() + 2L * geometry.width());
    }
    return pixels * Geometry.PIXEL_BYTES;
  }

  /** A flatten of the input costs nothing: the input is written as vectors at once. */
  private Tensor planInput() {
    List<Node> readers = consumers(Network.INPUT);
    Shape shape = network.input();
    if (readers.stream().allMatch(node -> node.layer() instanceof Layer.Flatten)) {
      shape = Shape.features(Math.toIntExact(shape.elements()));
    }
    Tensor input = keep(Tensor.input(Geometry.of(shape, haloFor(Network.INPUT))));
    symbols.put(Network.INPUT, input);
    return input;
  }

  private <T extends Tensor> T keep(T tensor) {
    tensors.add(tensor);
    return tensor;
  }

  /** The nodes that read a result; one that reads it twice stands there twice. */
  private List<Node> consumers(String name) {
    return network.nodes().stream()
        .flatMap(node -> node.inputs().stream().filter(name::equals).map(input -> node))
        .toList();
  }

  /** The widest padding with which a convolution reads the node's result. */
  private int haloFor(String name) {
    return consumers(name).stream()
        .mapToInt(node -> node.layer() instanceof Layer.Conv2d conv ? conv.padding() : 0)
        .max()
        .orElse(0);
  }

  private Symbol symbol(String name) {
    Symbol symbol = symbols.get(name);
    if (symbol == null) {
      throw new IllegalStateException("node " + name + " is used before it is planned");
    }
    return symbol;
  }

  private static IllegalArgumentException unsupported(Node node, String why) {
    return new IllegalArgumentException(
        "the vector engine cannot run node '%s' (%s → %s): %s"
            .formatted(node.name(), node.layer(), node.output(), why));
  }

  private Symbol plan(Node node) {
    String source = node.inputs().getFirst();
    return switch (node.layer()) {
      case Layer.Conv2d conv -> planConvolution(node, conv);
      case Layer.Linear linear -> {
        Tensor in = materialize(symbol(source), source);
        yield product(node, in, InputWindow.ofLinear(in.data().geometry()));
      }
      case Layer.BatchNorm norm -> planNorm(node, norm);
      case Layer.Activation activation -> planFunction(source, activation.function());
      case Layer.Dropout dropout -> planDropout(node);
      case Layer.Add add -> planAddition(node);
      case Layer.PadChannels padding -> planPadding(node);
      case Layer.MaxPool pool -> planPool(node, (in, out) -> new MaxPoolOperation(pool, in, out));
      case Layer.AveragePool pool ->
          planPool(node, (in, out) -> new AveragePoolOperation(pool, in, out));
      case Layer.GlobalAveragePool pool -> planGlobalAveragePool(node);
      case Layer.Flatten flatten -> planFlatten(node);
    };
  }

  private void add(Operation operation, String layer, Tensor output) {
    operations.add(operation);
    results.put(operation, new Plan.Result(layer, output));
  }

  /** The layer whose output a dropout passes on, when it is off. */
  private String beforeDropout(String name) {
    String layer = name;
    while (!layer.equals(Network.INPUT) && network.node(layer).layer() instanceof Layer.Dropout) {
      layer = network.node(layer).inputs().getFirst();
    }
    return layer;
  }

  private Tensor activationTensor(String name) {
    Geometry geometry = Geometry.of(network.outputOf(name), haloFor(name));
    return keep(Tensor.activation(geometry, gradientHaloFor(name, geometry)));
  }

  /**
   * What kernels need beside a map's gradient: with a stride of 2, a tile of four pixels is eight
   * columns wide, and on a narrow map it ends in the halo.
   */
  private int gradientHaloFor(String name, Geometry geometry) {
    boolean strided =
        consumers(name).stream()
            .anyMatch(node -> node.layer() instanceof Layer.Conv2d conv && conv.stride() == 2);
    return strided && Geometry.isNarrow(geometry.width()) ? Geometry.TILE / 4 : 0;
  }

  private Symbol planConvolution(Node node, Layer.Conv2d conv) {
    if (conv.stride() > 2) {
      throw unsupported(node, "strides of 1 and 2 only");
    }
    String source = node.inputs().getFirst();
    if (network.outputOf(source).isVector() || node.output().isVector()) {
      throw unsupported(node, "maps of one pixel are vectors: use a linear layer");
    }
    Tensor in = materialize(symbol(source), source);
    return product(node, in, InputWindow.of(conv, in.data().geometry()));
  }

  private Symbol product(Node node, Tensor in, InputWindow window) {
    Parameter parameter = node.parameters().getFirst();
    Connectivity connections = connections(parameter);
    Geometry plain = Geometry.of(node.output(), 0);
    Tensor out = keep(Tensor.raw(plain, gradientHalo));
    SparseWeights owned =
        new SparseWeights(parameter, window, plain.withHalo(gradientHalo), connections);
    weights.put(parameter.name(), owned);
    add(new ConvolutionOperation(in, out, owned, transposedValues), node.name(), out);
    if (node.parameters().size() == 1) {
      return out;
    }
    DenseParameter bias = parameter(node.parameters().getLast());
    return Pending.of(term(out, new Affine.Bias(bias)));
  }

  private Connectivity connections(Parameter matrix) {
    Connectivity own =
        matrix.isPrunable()
            ? connectivity.get(matrix.name())
            : Connectivity.dense(matrix.rows(), matrix.rowLength());
    if (own == null) {
      throw new IllegalArgumentException("no connectivity for " + matrix.name());
    }
    return own;
  }

  private DenseParameter parameter(Parameter parameter) {
    DenseParameter owned = new DenseParameter(parameter);
    parameters.put(parameter.name(), owned);
    return owned;
  }

  private ChannelSums sums(Geometry geometry) {
    int groups = geometry.blocks(options.batchSize()) * geometry.rowGroups();
    ChannelSums sums = new ChannelSums(geometry.channels(), groups);
    sumBytes += sums.bytes();
    return sums;
  }

  private PointwiseOperation.Term term(Tensor source, Affine affine) {
    return new PointwiseOperation.Term(source, affine, sums(source.data().geometry()));
  }

  private PointwiseOperation.Term plainTerm(Tensor source) {
    return term(source, new Affine.Identity());
  }

  private Symbol planNorm(Node node, Layer.BatchNorm norm) {
    String source = node.inputs().getFirst();
    Tensor in =
        symbol(source) instanceof Tensor tensor ? tensor : materialize(symbol(source), source);
    List<Parameter> owned = node.parameters();
    Affine.Norm affine =
        new Affine.Norm(
            norm,
            parameter(owned.get(0)),
            parameter(owned.get(1)),
            parameter(owned.get(2)),
            parameter(owned.get(3)),
            sums(in.data().geometry()));
    int producer = producerOf(in);
    if (producer >= 0 && operations.get(producer) instanceof ConvolutionOperation convolution) {
      affine.joinSums(convolution);
    }
    return Pending.of(term(in, affine));
  }

  /** The place of the convolution that yields a tensor, or −1. */
  private int producerOf(Tensor tensor) {
    for (int i = operations.size() - 1; i >= 0; i--) {
      if (operations.get(i) instanceof ConvolutionOperation convolution
          && convolution.result() == tensor) {
        return i;
      }
    }
    return -1;
  }

  /** The expression so far, or a new one over its result if no function may follow. */
  private Pending sumOf(String source) {
    return switch (symbol(source)) {
      case Pending pending when pending.isSum() -> pending;
      case Pending pending -> Pending.of(plainTerm(materialize(pending, source)));
      case Tensor tensor -> Pending.of(plainTerm(tensor));
    };
  }

  private Symbol planFunction(String source, ActivationFunction function) {
    return function == ActivationFunction.IDENTITY
        ? unchanged(source)
        : new Pending(sumOf(source).terms(), function, null);
  }

  /**
   * A result under a second name. Not the tensor itself: it has the halo that the readers of its
   * own name need, and only they count as its readers.
   */
  private Symbol unchanged(String source) {
    return symbol(source) instanceof Tensor tensor ? Pending.of(plainTerm(tensor)) : symbol(source);
  }

  private Symbol planDropout(Node node) {
    String source = node.inputs().getFirst();
    if (symbol(source) instanceof Pending pending && pending.dropout() == null) {
      return new Pending(pending.terms(), pending.function(), node);
    }
    return new Pending(sumOf(source).terms(), ActivationFunction.IDENTITY, node);
  }

  private Symbol planAddition(Node node) {
    Symbol first = symbol(node.inputs().getFirst());
    Symbol second = symbol(node.inputs().getLast());
    if (first instanceof Tensor a
        && second instanceof Tensor b
        && a.isRaw()
        && b.isRaw()
        && a != b) {
      boolean firstIsLater = producerOf(a) > producerOf(b);
      String later = firstIsLater ? node.inputs().getFirst() : node.inputs().getLast();
      if (consumers(later).size() == 1
          && operations.get(Math.max(producerOf(a), producerOf(b)))
              instanceof ConvolutionOperation convolution
          && !convolution.hasResidual()) {
        convolution.addResidual(firstIsLater ? b : a);
        return convolution.result();
      }
    }
    return new Pending(
        List.of(asTerm(node.inputs().getFirst()), asTerm(node.inputs().getLast())),
        ActivationFunction.IDENTITY,
        null);
  }

  private PointwiseOperation.Term asTerm(String source) {
    return switch (symbol(source)) {
      case Tensor tensor -> plainTerm(tensor);
      case Pending pending when pending.isTerm() -> pending.terms().getFirst();
      case Pending pending -> plainTerm(materialize(pending, source));
    };
  }

  private Symbol planPadding(Node node) {
    String source = node.inputs().getFirst();
    Tensor in = materialize(symbol(source), source);
    Tensor out = activationTensor(node.name());
    add(new PadChannelsOperation(in, out), node.name(), out);
    return out;
  }

  /** Pixels of vectors are samples: a map of one pixel becomes a vector in a step of its own. */
  private Symbol planPool(Node node, BiFunction<Tensor, Tensor, Operation> pool) {
    String source = node.inputs().getFirst();
    if (network.outputOf(source).isVector()) {
      throw unsupported(node, "maps of one pixel are vectors: there is nothing to pool");
    }
    Tensor in = materialize(symbol(source), source);
    Tensor out = activationTensor(node.name());
    if (!node.output().isVector()) {
      add(pool.apply(in, out), node.name(), out);
      return out;
    }
    Tensor pixel =
        keep(Tensor.activation(new Geometry(node.output().channels(), 1, 1, 0, false), 0));
    operations.add(pool.apply(in, pixel));
    add(new GlobalAveragePoolOperation(pixel, out), node.name(), out);
    return out;
  }

  private Symbol planGlobalAveragePool(Node node) {
    String source = node.inputs().getFirst();
    if (network.outputOf(source).isVector()) {
      return unchanged(source);
    }
    Tensor in = materialize(symbol(source), source);
    Tensor out = activationTensor(node.name());
    add(new GlobalAveragePoolOperation(in, out), node.name(), out);
    return out;
  }

  private Symbol planFlatten(Node node) {
    String source = node.inputs().getFirst();
    Tensor in = materialize(symbol(source), source);
    if (in.data().geometry().vector()) {
      return in;
    }
    Tensor out = activationTensor(node.name());
    operations.add(new FlattenOperation(in, out));
    return out;
  }

  /** The result as a tensor that layers can read: exact, and with the halo that they need. */
  private Tensor materialize(Symbol symbol, String name) {
    if (symbol instanceof Tensor tensor && !tensor.isRaw()) {
      return tensor;
    }
    Tensor known = materialized.get(symbol);
    if (known != null) {
      return known;
    }
    Pending pending =
        switch (symbol) {
          case Tensor raw -> Pending.of(plainTerm(raw));
          case Pending expression -> expression;
        };
    Tensor out = activationTensor(name);
    Operation pointwise =
        new PointwiseOperation(pending.terms(), pending.function(), maskOf(pending), out);
    add(pointwise, beforeDropout(name), out);
    materialized.put(symbol, out);
    return out;
  }

  private @Nullable DropoutMask maskOf(Pending pending) {
    Node node = pending.dropout();
    if (node == null || !(node.layer() instanceof Layer.Dropout dropout)) {
      return null;
    }
    int samples = Geometry.of(Shape.features(1), 0).blocks(options.batchSize());
    long keys = memory.reserve((long) samples * Geometry.LANES * Geometry.TILE * Integer.BYTES);
    return new DropoutMask(node.name(), dropout.probability(), options.seed(), keys);
  }
}
