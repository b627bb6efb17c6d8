package dev.windfall.tweak;

import dev.windfall.data.DataLoader;
import dev.windfall.engine.Batch;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.SecondOrder;
import dev.windfall.engine.Session;
import dev.windfall.engine.Slot;
import dev.windfall.network.Network;
import dev.windfall.network.Parameter;
import dev.windfall.network.Parameter.Role;
import dev.windfall.training.NonFiniteLossException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Layer-wise re-scaled initialisation: one factor for each trained tensor is learned so that the
 * first step of training lowers the loss as much as it can (GradInit: Zhu et al. 2021, algorithm 1;
 * "Spending Your Winning Lottery Better", section 3.2). Scaling changes no connection: what does
 * not exist has no value, no gradient and no part in any length.
 *
 * <p>An iteration takes the gradient g of the loss at the scaled weights w, with the statistics of
 * the batch and without dropout. Where g is longer than γ, a step of the scales makes ‖g‖ shorter,
 * by its derivative H g / ‖g‖. Otherwise the loss L at w′ = w − η g / ‖g‖, of half of the same
 * samples and half of others, is made smaller: with g taken for a constant, the derivative of L(w′)
 * / η by a tensor's scale is ⟨∇L(w′), w₀⟩ / η, where w₀ are its values before scaling.
 */
public final class InitialRescaling {

  /** A sample forward and backward. */
  private static final long GRADIENT = 3;

  /** A gradient, and the way back through both of its ways. */
  private static final long GRADIENT_OF_LENGTH = GRADIENT + 2 * GRADIENT;

  private final Session session;
  private final SecondOrder derivatives;
  private final Objective objective;
  private final RescalingSettings settings;
  private final Map<String, float[]> initial = new LinkedHashMap<>();
  private final Map<String, ScaleOptimizer> scales = new LinkedHashMap<>();
  private int constraintSteps;
  private long forwardPasses;

  private InitialRescaling(
      Network network, Session session, Objective objective, RescalingSettings settings) {
    this.session = session;
    this.objective = objective;
    this.settings = settings;
    derivatives =
        session
            .capability(SecondOrder.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "a learned initialisation needs second derivatives, which this engine does"
                            + " not have"));
    for (Parameter parameter : network.parameters()) {
      if (parameter.role().isTrained()) {
        float[] values = session.read(parameter.name(), Slot.VALUE);
        initial.put(parameter.name(), values);
        if (hasLength(values)) {
          scales.put(
              parameter.name(),
              new ScaleOptimizer(settings.rate(), leastScale(parameter), settings.clip()));
        }
      }
    }
  }

  private static boolean hasLength(float[] values) {
    for (float value : values) {
      if (value != 0) {
        return true;
      }
    }
    return false;
  }

  private double leastScale(Parameter parameter) {
    boolean isWeight = parameter.isMatrix() || parameter.role() == Role.SCALE;
    return isWeight ? settings.leastScale() : 0;
  }

  /**
   * Learns scales by a session.
   *
   * @param network that is in the session
   * @param session with the initial weights and the {@link SecondOrder} capability, for batches as
   *     large as the samples' ones; afterwards it holds the scaled weights
   * @param samples to learn by, in batches of at least two
   * @param epoch in whose order they are drawn, and then in that of the epochs after it
   * @param objective whose mean is lowered; without a teacher
   * @param settings of the learning
   * @param listener hears of every iteration
   * @param isStopping asked before every iteration: yes ends the learning
   * @return what was learned; empty where it was ended before
   * @throws IllegalArgumentException where the session has no second derivatives
   * @throws NonFiniteLossException where a gradient is no number
   */
  public static Optional<Rescaling> learn(
      Network network,
      Session session,
      DataLoader samples,
      int epoch,
      Objective objective,
      RescalingSettings settings,
      Listener listener,
      BooleanSupplier isStopping) {
    InitialRescaling learning = new InitialRescaling(network, session, objective, settings);
    double first = 0;
    double last = 0;
    try (HalfBatches halves = new HalfBatches(samples, epoch)) {
      for (int iteration = 0; iteration < settings.iterations(); iteration++) {
        if (isStopping.getAsBoolean()) {
          return Optional.empty();
        }
        last = learning.iterate(halves);
        first = iteration == 0 ? last : first;
        listener.iterated(iteration + 1, learning.least(), learning.greatest());
      }
    }
    Map<String, Double> learned = new LinkedHashMap<>();
    learning.scales.forEach((tensor, scale) -> learned.put(tensor, scale.scale()));
    return Optional.of(
        new Rescaling(learned, learning.constraintSteps, first, last, learning.forwardPasses));
  }

  /** Who hears of the learning. */
  @FunctionalInterface
  public interface Listener {
    /**
     * An iteration is over.
     *
     * @param iteration from 1
     * @param least of all scales
     * @param greatest of all scales
     */
    void iterated(int iteration, double least, double greatest);
  }

  private double least() {
    return scales.values().stream().mapToDouble(ScaleOptimizer::scale).min().orElse(1);
  }

  private double greatest() {
    return scales.values().stream().mapToDouble(ScaleOptimizer::scale).max().orElse(1);
  }

  /** Improves the scales once; gives the length of the gradient before that. */
  private double iterate(HalfBatches halves) {
    Batch kept = halves.next();
    SecondOrder.Problem problem = problem(HalfBatches.together(kept, halves.next()));
    Map<String, double[]> gradient = gradient(problem);
    double length = length(gradient);
    if (!Double.isFinite(length)) {
      throw new NonFiniteLossException(
          "the gradient by which the scales of the initial weights are learned is %s; another"
                  .formatted(length)
              + " model.init or a lower tweak.rescaled-init.lr may help");
    }
    if (length > settings.longestGradient()) {
      constraintSteps++;
      step(ScaleOptimizer.Goal.SHORTER_GRADIENT, derivativesOfLength(problem, gradient), 1);
    } else if (length > 0) {
      tryStep(gradient, length);
      Map<String, double[]> there = gradient(problem(HalfBatches.together(kept, halves.next())));
      step(ScaleOptimizer.Goal.LOWER_LOSS, there, 1 / settings.stepLength());
    }
    writeScaled();
    return length;
  }

  private void writeScaled() {
    initial.forEach(
        (tensor, values) -> {
          ScaleOptimizer scale = scales.get(tensor);
          session.write(
              tensor, Slot.VALUE, scale == null ? values : Rescaling.scaled(values, scale.scale()));
        });
  }

  private SecondOrder.Problem problem(Batch batch) {
    return new SecondOrder.Problem(
        batch, objective, Mode.SCORE, 1.0 / batch.count(), SecondOrder.Precision.SINGLE);
  }

  private Map<String, double[]> gradient(SecondOrder.Problem problem) {
    forwardPasses += GRADIENT * problem.batch().count();
    return derivatives.gradient(problem);
  }

  private double length(Map<String, double[]> gradient) {
    double sum = 0;
    for (double[] slopes : gradient.values()) {
      for (double slope : slopes) {
        sum +=
            switch (settings.algorithm()) {
              case SGD -> slope * slope;
              case ADAM -> Math.abs(slope);
            };
      }
    }
    return switch (settings.algorithm()) {
      case SGD -> Math.sqrt(sum);
      case ADAM -> sum;
    };
  }

  private Map<String, double[]> derivativesOfLength(
      SecondOrder.Problem problem, Map<String, double[]> gradient) {
    forwardPasses += GRADIENT_OF_LENGTH * problem.batch().count();
    return switch (settings.algorithm()) {
      case SGD -> derivatives.gradientNorm(problem).gradient();
      case ADAM -> derivatives.hessianVector(problem, signs(gradient));
    };
  }

  private static Map<String, double[]> signs(Map<String, double[]> gradient) {
    Map<String, double[]> signs = new LinkedHashMap<>();
    gradient.forEach(
        (tensor, slopes) -> {
          double[] own = new double[slopes.length];
          for (int i = 0; i < own.length; i++) {
            own[i] = Math.signum(slopes[i]);
          }
          signs.put(tensor, own);
        });
    return signs;
  }

  /** Moves the session's weights as a first step of training would. */
  private void tryStep(Map<String, double[]> gradient, double length) {
    gradient.forEach(
        (tensor, slopes) -> {
          float[] values = session.read(tensor, Slot.VALUE);
          for (int i = 0; i < values.length; i++) {
            double direction =
                switch (settings.algorithm()) {
                  case SGD -> slopes[i] / length;
                  case ADAM -> Math.signum(slopes[i]);
                };
            values[i] = (float) (values[i] - settings.stepLength() * direction);
          }
          session.write(tensor, Slot.VALUE, values);
        });
  }

  /** A step of every scale by the derivatives of a goal by the values, times a factor. */
  private void step(ScaleOptimizer.Goal goal, Map<String, double[]> slopes, double factor) {
    slopes.forEach(
        (tensor, own) -> {
          ScaleOptimizer scale = scales.get(tensor);
          float[] values = initial.get(tensor);
          if (scale != null && values != null) {
            double derivative = 0;
            for (int i = 0; i < values.length; i++) {
              derivative += own[i] * values[i];
            }
            scale.step(goal, factor * derivative);
          }
        });
  }
}
