package dev.windfall.vector;

import dev.windfall.engine.Mode;
import dev.windfall.network.ActivationFunction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything element-wise between two layers in one pass: batch norm or bias, the sum of two
 * tensors, activation and dropout, written with the halo that the next layer needs. The way back is
 * two passes: one for the sums that batch norm needs, one for the gradients.
 */
final class PointwiseOperation implements Operation {

  /**
   * One summand.
   *
   * @param source what is read
   * @param affine factor and addend per channel
   * @param sums of its gradient, per channel
   */
  record Term(Tensor source, Affine affine, ChannelSums sums) {}

  private final List<Term> terms;
  private final ActivationFunction function;
  private final @Nullable DropoutMask dropout;
  private final Tensor result;
  private final List<BackwardPlan.Target> targets = new ArrayList<>();
  private boolean firstPassIsJoined;

  /**
   * An element-wise pass.
   *
   * @param terms one or two
   */
  PointwiseOperation(
      List<Term> terms, ActivationFunction function, @Nullable DropoutMask dropout, Tensor result) {
    this.terms = List.copyOf(terms);
    this.function = function;
    this.dropout = dropout;
    this.result = result;
  }

  /** One term through ReLU or nothing: its gradient can be had again from the source alone. */
  private boolean isPlain() {
    return terms.size() == 1
        && dropout == null
        && (function == ActivationFunction.RELU || function == ActivationFunction.IDENTITY);
  }

  @Override
  public void planForward(int time) {
    terms.forEach(term -> term.source().data().use(time));
    result.data().use(time);
  }

  @Override
  public void planBackward(BackwardPlan plan) {
    terms.forEach(term -> plan.read(term.source().data()));
    if (!isPlain()) {
      plan.read(result.data());
    }
    Buffer gradient = plan.incoming(result);
    joinFirstPass(plan);
    // Only one summand may take the buffer over: others that read it add to it or change it.
    boolean shareable = !isPlain();
    for (Term term : terms) {
      boolean shared =
          shareable
              && term.affine() instanceof Affine.Identity
              && plan.share(gradient, term.source());
      shareable &= !shared;
      targets.add(
          shared ? new BackwardPlan.Target(gradient, false) : plan.outgoing(term.source(), this));
    }
  }

  /** Lets the convolution that completes the gradient do the first pass piece by piece. */
  private void joinFirstPass(BackwardPlan plan) {
    if (plan.lastWriter(result) instanceof ConvolutionOperation writer
        && writer.computesInputGradientByPieces()) {
      writer.afterInputGradient(this::firstPass);
      firstPassIsJoined = true;
    }
  }

  @Override
  public void forward(Pass pass) {
    terms.forEach(term -> term.affine().prepare(pass, term.source()));
    Geometry geometry = result.data().geometry();
    if (dropout != null && pass.mode() == Mode.TRAIN) {
      dropout.prepare(pass);
    }
    pass.forEachPiece(
        geometry,
        piece -> {
          Kernels.Row pixels = pass.row(geometry, piece.block(), geometry.width());
          for (int row = piece.fromRow(); row < piece.toRow(); row++) {
            for (int channel = piece.fromChannel(); channel < piece.toChannel(); channel++) {
              long out = result.data().at(piece.block(), row, channel, 0);
              if (function == ActivationFunction.RELU) {
                affineRelu(pass, pixels, piece.block(), row, channel, out);
              } else {
                affine(pass, pixels, piece.block(), row, channel, out);
              }
              finishRow(pass, pixels, piece.block(), row, channel, out);
            }
          }
        });
  }

  private void affine(Pass pass, Kernels.Row pixels, int block, int row, int channel, long out) {
    Term first = terms.getFirst();
    float a = first.affine().factor(channel);
    float b = first.affine().addend(channel);
    long x = first.source().data().at(block, row, channel, 0);
    if (terms.size() == 1) {
      pass.kernels().affine(pixels, x, a, b, out);
      return;
    }
    Term second = terms.getLast();
    long y = second.source().data().at(block, row, channel, 0);
    float sum = b + second.affine().addend(channel);
    pass.kernels().affinePair(pixels, x, a, y, second.affine().factor(channel), sum, out);
  }

  private void affineRelu(
      Pass pass, Kernels.Row pixels, int block, int row, int channel, long out) {
    Term first = terms.getFirst();
    float a = first.affine().factor(channel);
    float b = first.affine().addend(channel);
    long x = first.source().data().at(block, row, channel, 0);
    if (terms.size() == 1) {
      pass.kernels().affineRelu(pixels, x, a, b, out);
      return;
    }
    Term second = terms.getLast();
    long y = second.source().data().at(block, row, channel, 0);
    float sum = b + second.affine().addend(channel);
    pass.kernels().affinePairRelu(pixels, x, a, y, second.affine().factor(channel), sum, out);
  }

  /** What the first pass left to do, on a row that is still in the cache. */
  private void finishRow(Pass pass, Kernels.Row pixels, int block, int row, int channel, long out) {
    if (function != ActivationFunction.RELU && function != ActivationFunction.IDENTITY) {
      pass.kernels().activate(pixels, function, out);
      pass.kernels().maskDead(pixels, out);
    }
    if (dropout != null && pass.mode() == Mode.TRAIN) {
      dropout.apply(pass, pixels, result.data().geometry(), block, row, channel, out);
    }
  }

  @Override
  public void backward(Pass pass) {
    if (!firstPassIsJoined) {
      pass.forEachPiece(result.data().geometry(), piece -> firstPass(pass, piece));
    }
    finishTerms(pass);
    if (isPlain()) {
      plainGradients(pass);
    } else {
      for (int i = 0; i < terms.size(); i++) {
        termGradient(pass, terms.get(i), targets.get(i));
      }
    }
  }

  /** Sums a piece's gradients; where they are needed, turns them into those before the function. */
  private void firstPass(Pass pass, Pass.Piece piece) {
    if (isPlain()) {
      plainSums(pass, piece);
    } else {
      gradientBeforeFunction(pass, piece);
    }
  }

  private void finishTerms(Pass pass) {
    for (Term term : terms) {
      term.affine().finish(pass, term.source(), term.sums());
    }
  }

  private void plainSums(Pass pass, Pass.Piece piece) {
    Term term = terms.getFirst();
    if (term.affine() instanceof Affine.Identity) {
      return;
    }
    Buffer d = result.gradient();
    Buffer x = term.source().data();
    Affine affine = term.affine();
    Kernels.Row pixels = pass.row(x.geometry(), piece.block(), x.geometry().width());
    term.sums()
        .sum(
            pass,
            piece,
            (row, channel, place) -> {
              long g = d.at(piece.block(), row, channel, 0);
              long value = x.at(piece.block(), row, channel, 0);
              float center = affine.center(channel);
              if (function == ActivationFunction.RELU) {
                float a = affine.factor(channel);
                float b = affine.addend(channel);
                pass.kernels().reluGradientSums(pixels, g, value, a, b, center, place);
              } else {
                pass.kernels().gradientSums(pixels, g, value, center, place);
              }
            });
  }

  private void plainGradients(Pass pass) {
    Term term = terms.getFirst();
    if (function == ActivationFunction.IDENTITY) {
      termGradient(pass, term, targets.getFirst());
      return;
    }
    Buffer d = result.gradient();
    Buffer x = term.source().data();
    BackwardPlan.Target target = targets.getFirst();
    Affine affine = term.affine();
    pass.forEachPiece(
        x.geometry(),
        piece -> {
          Kernels.Row pixels = pass.row(x.geometry(), piece.block(), x.geometry().width());
          for (int row = piece.fromRow(); row < piece.toRow(); row++) {
            for (int channel = piece.fromChannel(); channel < piece.toChannel(); channel++) {
              pass.kernels()
                  .reluNormGradient(
                      pixels,
                      d.at(piece.block(), row, channel, 0),
                      x.at(piece.block(), row, channel, 0),
                      affine.factor(channel),
                      affine.addend(channel),
                      affine.ofGradient(channel),
                      affine.ofValue(channel),
                      affine.constant(channel),
                      target.buffer().at(piece.block(), row, channel, 0),
                      target.add());
            }
          }
        });
  }

  /** Turns the result's gradient, in place, into that of the sum before the function. */
  private void gradientBeforeFunction(Pass pass, Pass.Piece piece) {
    Buffer g = result.gradient();
    Geometry geometry = result.data().geometry();
    Kernels.Row pixels = pass.row(geometry, piece.block(), geometry.width());
    for (int row = piece.fromRow(); row < piece.toRow(); row++) {
      for (int channel = piece.fromChannel(); channel < piece.toChannel(); channel++) {
        functionGradient(pass, pixels, piece, row, channel, g);
      }
    }
    terms.forEach(term -> sumTerm(pass, piece, pixels, term, g));
  }

  private void functionGradient(
      Pass pass, Kernels.Row pixels, Pass.Piece piece, int row, int channel, Buffer gradient) {
    int block = piece.block();
    long g = gradient.at(block, row, channel, 0);
    if (dropout != null && pass.mode() == Mode.TRAIN) {
      dropout.apply(pass, pixels, result.data().geometry(), block, row, channel, g);
    }
    if (function == ActivationFunction.RELU) {
      pass.kernels().reluGradient(pixels, result.data().at(block, row, channel, 0), g);
    } else if (function != ActivationFunction.IDENTITY) {
      long z = pass.machine().scratchOf(piece.worker());
      affine(pass, pixels, block, row, channel, z);
      pass.kernels().activationGradient(pixels, function, z, g);
    }
  }

  private static void sumTerm(
      Pass pass, Pass.Piece piece, Kernels.Row pixels, Term term, Buffer gradient) {
    if (term.affine() instanceof Affine.Identity) {
      return;
    }
    Buffer x = term.source().data();
    term.sums()
        .sum(
            pass,
            piece,
            (row, channel, place) ->
                pass.kernels()
                    .gradientSums(
                        pixels,
                        gradient.at(piece.block(), row, channel, 0),
                        x.at(piece.block(), row, channel, 0),
                        term.affine().center(channel),
                        place));
  }

  /** The gradient of one summand, from that of the sum. */
  private void termGradient(Pass pass, Term term, BackwardPlan.Target target) {
    Buffer g = result.gradient();
    if (target.buffer() == g && !target.add()) {
      return; // shared
    }
    if (term.affine() instanceof Affine.Norm norm) {
      normGradient(pass, norm, g, term.source().data(), target);
    } else {
      RowCopy.run(pass, g, target);
    }
  }

  private static void normGradient(
      Pass pass, Affine.Norm norm, Buffer g, Buffer x, BackwardPlan.Target target) {
    pass.forEachPiece(
        x.geometry(),
        piece -> {
          Kernels.Row pixels = pass.row(x.geometry(), piece.block(), x.geometry().width());
          for (int row = piece.fromRow(); row < piece.toRow(); row++) {
            for (int channel = piece.fromChannel(); channel < piece.toChannel(); channel++) {
              pass.kernels()
                  .normGradient(
                      pixels,
                      g.at(piece.block(), row, channel, 0),
                      x.at(piece.block(), row, channel, 0),
                      norm.ofGradient(channel),
                      norm.ofValue(channel),
                      norm.constant(channel),
                      target.buffer().at(piece.block(), row, channel, 0),
                      target.add());
            }
          }
        });
  }

  @Override
  public String kind() {
    return "norm and activation forward";
  }

  @Override
  public String backwardKind() {
    return "norm and activation backward";
  }
}
