package dev.windfall.vector;

import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import org.jspecify.annotations.Nullable;

/**
 * A convolution or linear layer over the connections that exist, with or without the addition of a
 * second tensor.
 */
final class ConvolutionOperation implements Operation {

  private final Tensor source;
  private final Tensor result;
  private final SparseWeights weights;
  private final ForwardProduct forward;
  private final InputGradient inputGradient;
  private final WeightGradient weightGradient;
  private final DepthwiseProduct depthwise;
  private final GrowthSearch growthSearch;
  private final GradientTrace trace;
  private @Nullable Tensor residual;
  private @Nullable PieceTask afterForward;
  private @Nullable PieceTask afterInputGradient;
  private BackwardPlan.@Nullable Target sourceGradient;
  private BackwardPlan.@Nullable Target residualGradient;

  ConvolutionOperation(
      Tensor source, Tensor result, SparseWeights weights, WorkArray transposedValues) {
    this.source = source;
    this.result = result;
    this.weights = weights;
    this.forward = new ForwardProduct(weights, source.data(), result.data());
    this.inputGradient = new InputGradient(weights, transposedValues);
    this.weightGradient = new WeightGradient(weights, source.data());
    this.depthwise = new DepthwiseProduct(weights, source.data(), result.data());
    DenseGradient dense = new DenseGradient(weights, source.data());
    this.growthSearch = new GrowthSearch(dense);
    this.trace = new GradientTrace(weights, dense);
  }

  Tensor result() {
    return result;
  }

  SparseWeights weights() {
    return weights;
  }

  GrowthSearch growthSearch() {
    return growthSearch;
  }

  GradientTrace trace() {
    return trace;
  }

  boolean hasResidual() {
    return residual != null;
  }

  /** Makes the result the sum of the layer's and another tensor of the same geometry. */
  void addResidual(Tensor other) {
    residual = other;
  }

  /** Does something to each piece of the result right after it was computed. */
  void afterForward(PieceTask task) {
    PieceTask before = afterForward;
    afterForward =
        before == null
            ? task
            : (pass, piece) -> {
              before.run(pass, piece);
              task.run(pass, piece);
            };
  }

  /** Whether {@link #afterInputGradient} can be used. */
  boolean computesInputGradientByPieces() {
    return inputGradient.hasPieces();
  }

  /** Does something to each piece of the input's gradient right after it was computed. */
  void afterInputGradient(PieceTask task) {
    afterInputGradient = task;
  }

  @Override
  public void planForward(int time) {
    source.data().use(time);
    result.data().use(time);
    if (residual != null) {
      residual.data().use(time);
    }
  }

  @Override
  public void planBackward(BackwardPlan plan) {
    plan.read(source.data());
    Buffer gradient = plan.incoming(result);
    if (source.wantsGradient()) {
      sourceGradient = plan.outgoing(source, this);
    }
    if (residual != null && !plan.share(gradient, residual)) {
      residualGradient = plan.outgoing(residual, this);
    }
  }

  @Override
  public void forward(Pass pass) {
    PieceTask afterwards = pass.mode() == Mode.EVALUATE ? null : afterForward;
    if (residual == null && depthwise.isBetter()) {
      depthwise.forward(pass, afterwards);
    } else {
      forward.run(pass, residual == null ? null : residual.data(), afterwards);
    }
  }

  @Override
  public void backward(Pass pass) {
    Buffer gradient = result.gradient();
    Stopwatch watch = pass.machine().stopwatch();
    if (sourceGradient != null) {
      BackwardPlan.Target target = sourceGradient;
      watch.time(
          type() + " input gradient",
          layer(),
          () -> {
            if (!target.add() && depthwise.isBetterBack()) {
              depthwise.inputGradient(pass, gradient, target.buffer(), afterInputGradient);
            } else {
              inputGradient.run(pass, gradient, target, afterInputGradient);
            }
          });
    }
    if (residualGradient != null) {
      RowCopy.run(pass, gradient, residualGradient);
    }
    watch.time(
        type() + " weight gradient",
        layer(),
        () -> {
          if (depthwise.isBetter()) {
            depthwise.weightGradient(pass, gradient);
          } else {
            weightGradient.run(pass, gradient);
          }
        });
    int wanted = wanted(pass.growth());
    if (wanted > 0) {
      watch.time("growth", () -> growthSearch.run(pass, gradient, wanted));
    }
    if (trace.isGrowing() && pass.mode() == Mode.TRAIN) {
      watch.time("dense trace", () -> trace.add(pass, gradient));
    }
  }

  /** How many growth candidates of this layer somebody wishes for. */
  int wanted(Growth growth) {
    return growth.candidates().getOrDefault(weights.parameter().name(), 0);
  }

  @Override
  public String kind() {
    return type() + " forward";
  }

  @Override
  public String layer() {
    return weights.parameter().layer();
  }

  private String type() {
    if (weights.window().geometry().vector()) {
      return "linear";
    }
    return depthwise.isDepthwise() ? "depthwise" : "conv";
  }

  @Override
  public String backwardKind() {
    return Stopwatch.OTHER;
  }
}
