package dev.windfall.torch;

import dev.windfall.engine.Batch;
import dev.windfall.engine.SecondOrder;
import dev.windfall.network.Network;
import dev.windfall.torch.tensor.ElementType;
import dev.windfall.torch.tensor.Tensor;
import dev.windfall.torch.tensor.TensorLibrary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Second derivatives by differentiating the recorded computation of the first ones. */
final class TorchSecondOrder implements SecondOrder {

  /** Works in a scope of a session, with recording. */
  @FunctionalInterface
  interface Recorder {
    /** What the work gives; tensors that it makes are freed at its end. */
    <T> T record(Supplier<T> work);
  }

  private final Recorder recorder;
  private final Consumer<Batch> check;
  private final TensorLibrary library;
  private final Network network;
  private final TensorStore store;
  private final long seed;

  /**
   * Second derivatives of a session's network.
   *
   * @param check refuses batches that do not fit the session
   */
  TorchSecondOrder(
      Recorder recorder,
      Consumer<Batch> check,
      TensorLibrary library,
      Network network,
      TensorStore store,
      long seed) {
    this.recorder = recorder;
    this.check = check;
    this.library = library;
    this.network = network;
    this.store = store;
    this.seed = seed;
  }

  @Override
  public Map<String, double[]> gradient(Problem problem) {
    check.accept(problem.batch());
    return recorder.record(
        () -> {
          Map<String, Tensor> leaves = leaves(problem);
          return existing(leaves, loss(problem, leaves));
        });
  }

  @Override
  public Map<String, double[]> hessianVector(Problem problem, Map<String, double[]> vector) {
    check.accept(problem.batch());
    requireFits(vector);
    return recorder.record(
        () -> {
          Map<String, Tensor> leaves = leaves(problem);
          Map<String, Tensor> slopes = slopes(problem, leaves);
          List<Tensor> terms = new ArrayList<>();
          vector.forEach(
              (name, numbers) -> {
                Tensor slope = present(slopes, name);
                Tensor existing = library.of(numbers, numbers.length).as(slope.type());
                terms.add(slope.times(store.tensor(name).dense(existing)).sum());
              });
          return terms.isEmpty() ? zeros() : existing(leaves, sum(terms));
        });
  }

  @Override
  public GradientNorm gradientNorm(Problem problem) {
    check.accept(problem.batch());
    return recorder.record(
        () -> {
          Map<String, Tensor> leaves = leaves(problem);
          List<Tensor> terms = new ArrayList<>();
          slopes(problem, leaves)
              .forEach(
                  (name, slope) -> {
                    Tensor existing = store.tensor(name).existing(slope);
                    terms.add(existing.times(existing).sum());
                  });
          Tensor norm = sum(terms).squareRoot();
          return new GradientNorm(norm.toDouble(), existing(leaves, norm));
        });
  }

  private void requireFits(Map<String, double[]> vector) {
    vector.forEach(
        (name, numbers) -> {
          MaskedTensor tensor = store.tensor(name);
          if (!tensor.parameter().role().isTrained() || numbers.length != tensor.count()) {
            throw new IllegalArgumentException(
                "%s: a vector of %d numbers for %d trained values"
                    .formatted(
                        name,
                        numbers.length,
                        tensor.parameter().role().isTrained() ? tensor.count() : 0));
          }
        });
  }

  private static ElementType type(Problem problem) {
    return switch (problem.precision()) {
      case SINGLE -> ElementType.FLOAT32;
      case DOUBLE -> ElementType.FLOAT64;
    };
  }

  private Map<String, Tensor> leaves(Problem problem) {
    return store.leaves(value -> value.as(type(problem)));
  }

  private Tensor loss(Problem problem, Map<String, Tensor> leaves) {
    Map<String, Tensor> tensors = store.values();
    tensors.replaceAll((name, value) -> value.as(type(problem)));
    tensors.putAll(leaves);
    ForwardPass pass =
        new ForwardPass(
            library, network, tensors, type(problem), seed, problem.batch(), problem.mode(), false);
    Tensor logits = pass.logits((kind, work) -> work.run());
    return Loss.of(library, logits, problem.batch(), problem.objective()).times(problem.scale());
  }

  /** The gradient, recorded. */
  private Map<String, Tensor> slopes(Problem problem, Map<String, Tensor> leaves) {
    Tensor loss = loss(problem, leaves);
    return byName(leaves, library.gradients(loss, List.copyOf(leaves.values()), true));
  }

  private static Map<String, Tensor> byName(Map<String, Tensor> leaves, List<Tensor> slopes) {
    Map<String, Tensor> result = new LinkedHashMap<>();
    int next = 0;
    for (String name : leaves.keySet()) {
      result.put(name, slopes.get(next++));
    }
    return result;
  }

  /** The derivatives of a scalar by all values that exist. */
  private Map<String, double[]> existing(Map<String, Tensor> leaves, Tensor scalar) {
    Map<String, double[]> result = new LinkedHashMap<>();
    byName(leaves, library.gradients(scalar, List.copyOf(leaves.values()), false))
        .forEach((name, slope) -> result.put(name, store.tensor(name).existing(slope).toDoubles()));
    return result;
  }

  private static Tensor sum(List<Tensor> terms) {
    // Terms are of one type: all were computed in the problem's precision.
    return terms.stream().reduce(Tensor::plus).orElseThrow();
  }

  private Map<String, double[]> zeros() {
    Map<String, double[]> result = new LinkedHashMap<>();
    store
        .leaves(value -> value)
        .keySet()
        .forEach(name -> result.put(name, new double[store.tensor(name).count()]));
    return result;
  }

  private static Tensor present(Map<String, Tensor> tensors, String name) {
    @Nullable Tensor found = tensors.get(name);
    if (found == null) {
      throw new IllegalArgumentException(name + " is not trained");
    }
    return found;
  }
}
