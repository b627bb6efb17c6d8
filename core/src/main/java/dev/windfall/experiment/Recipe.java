package dev.windfall.experiment;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decides a run, as data: the blocks and fields of a recipe's YAML. Every field has
 * a default, which stands in the embedded recipe {@code default.yaml}; ranges are checked here,
 * names where they are looked up.
 *
 * @param name of the run; null for one made of model, data, method, sparsity and seed
 * @param model which network
 * @param data which samples
 * @param tweak what differs from the network and its usual training
 * @param sparsity which connections exist, and how they change
 * @param training how weights are trained
 * @param run seed, engine, threads, and what is looked at and kept
 */
public record Recipe(
    @Nullable String name,
    Model model,
    Tweak tweak,
    Data data,
    Sparsity sparsity,
    Training training,
    Run run) {

  private static final String FILE_NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,199}";

  /** Checks that the name can be a folder's. */
  public Recipe {
    require(
        name == null || name.matches(FILE_NAME),
        "name must be of letters, digits, '.', '_' and '-', not '%s'",
        name);
  }

  /** The same recipe with other connections. */
  Recipe withSparsity(Sparsity other) {
    return new Recipe(name, model, tweak, data, other, training, run);
  }

  /**
   * Which network.
   *
   * @param name of {@link dev.windfall.network.Zoo}
   * @param width factor on the channels or units of every layer but the last, above 0
   * @param stem a label of {@link dev.windfall.network.Stem}
   * @param dropout probability inside the blocks of wide ResNets, in [0, 1)
   * @param activation a label of {@link dev.windfall.network.ActivationFunction}
   * @param init a label of {@link dev.windfall.network.Initialization}
   * @param zeroInitResidual whether the last batch norm of a ResNet's residual branches starts with
   *     a scale of 0
   */
  public record Model(
      String name,
      double width,
      String stem,
      double dropout,
      String activation,
      String init,
      boolean zeroInitResidual) {
    /** Checks the ranges. */
    public Model {
      require(
          width > 0 && width <= 1e6, "width must be above 0 and at most a million, not %s", width);
      require(
          dropout >= 0 && dropout < 1, "dropout must be at least 0 and below 1, not %s", dropout);
    }

    /** The same network with the initial weights of another block. */
    public Model withInitialWeightsOf(Model other) {
      return new Model(
          name, width, stem, dropout, activation, other.init(), other.zeroInitResidual());
    }

    /** The same by another name: that of a network of one's own. */
    Model withName(String other) {
      return new Model(other, width, stem, dropout, activation, init, zeroInitResidual);
    }
  }

  /**
   * What differs from the network and its usual training, to train a sparse network better.
   *
   * @param activation a label of {@link dev.windfall.network.ActivationFunction}, in the place of
   *     every activation function; null for the network's own
   * @param skips a label of {@link dev.windfall.tweak.Skips}: connections injected past
   *     convolutions
   * @param averaging of weights over the end of the training
   * @param distillation from another network
   * @param rescaledInit learned scales of the initial weights
   */
  public record Tweak(
      @Nullable String activation,
      String skips,
      Averaging averaging,
      Distillation distillation,
      RescaledInit rescaledInit) {}

  /**
   * Stochastic weight averaging.
   *
   * @param start share of the training after which weights are averaged, in [0, 1); null: never
   * @param every epochs from one averaged weight to the next, at least 1
   * @param lr the learning rate from there on, above 0; null: the schedule goes on
   */
  public record Averaging(@Nullable Double start, int every, @Nullable Double lr) {
    /** Checks the ranges. */
    public Averaging {
      require(
          start == null || (start >= 0 && start < 1),
          "start must be at least 0 and below 1, not %s",
          start);
      require(every >= 1, "every must be at least 1 epoch, not %s", every);
      require(lr == null || (lr > 0 && Double.isFinite(lr)), "lr must be above 0, not %s", lr);
    }
  }

  /**
   * Knowledge distillation.
   *
   * @param teacher folder of a run, or the {@code .json} file of one of its checkpoints; null for
   *     no teacher
   * @param weight of the teacher, in [0, 1]; what is left is the labels'
   * @param temperature by which logits are divided, above 0
   * @param engine name of the teacher's engine; null for the run's
   */
  public record Distillation(
      @Nullable String teacher, double weight, double temperature, @Nullable String engine) {
    /** Checks the ranges. */
    public Distillation {
      require(weight >= 0 && weight <= 1, "weight must be from 0 to 1, not %s", weight);
      require(
          temperature > 0 && Double.isFinite(temperature),
          "temperature must be above 0, not %s",
          temperature);
    }
  }

  /**
   * Scales of the initial weights that are learned before the first step.
   *
   * @param learnedOn which connections the network has in the learning: {@code sparse} (those of
   *     the training), {@code dense} or {@code none}: nothing is learned
   * @param algorithm a label of {@link dev.windfall.tweak.RescalingSettings.Algorithm}; null for
   *     that of the optimizer
   * @param iterations at least 1
   * @param lr of the scales, above 0
   * @param stepLength of the step that is tried, above 0
   * @param longestGradient where the gradient is longer, it is made shorter; above 0, null: any
   * @param leastScale of weights, at least 0
   */
  public record RescaledInit(
      String learnedOn,
      @Nullable String algorithm,
      int iterations,
      double lr,
      double stepLength,
      @Nullable Double longestGradient,
      double leastScale) {
    /** Checks the ranges. */
    public RescaledInit {
      require(iterations >= 1, "iterations must be at least 1, not %s", iterations);
      require(lr > 0 && Double.isFinite(lr), "lr must be above 0, not %s", lr);
      require(
          stepLength > 0 && Double.isFinite(stepLength),
          "step-length must be above 0, not %s",
          stepLength);
      require(
          longestGradient == null || longestGradient > 0,
          "longest-gradient must be above 0, not %s",
          longestGradient);
      require(
          leastScale >= 0 && leastScale <= 1,
          "least-scale must be from 0 to 1, not %s",
          leastScale);
    }

    /** Whether scales are learned at all. */
    public boolean learns() {
      return !learnedOn.equals("none");
    }
  }

  /**
   * Which samples.
   *
   * @param name of the data set
   * @param dir folder of its files; null for an embedded one, or one in the user's cache
   * @param validation share of the training samples that is kept for validation, in [0, 1)
   * @param split which those are: {@code random} or {@code tail}
   * @param trainShare share of what is left that is trained on, drawn by the seed; above 0 and at
   *     most 1
   * @param augment steps of augmentation, of which the last may be {@link
   *     dev.windfall.data.PerImageStandardised#NAME}; null for the data set's usual ones
   */
  public record Data(
      String name,
      @Nullable String dir,
      double validation,
      String split,
      double trainShare,
      @Nullable List<String> augment) {
    /** Checks the ranges and copies the list. */
    public Data {
      require(
          validation >= 0 && validation < 1,
          "validation must be at least 0 and below 1, not %s",
          validation);
      require(
          trainShare > 0 && trainShare <= 1,
          "train-share must be above 0 and at most 1, not %s",
          trainShare);
      augment = augment == null ? null : List.copyOf(augment);
    }
  }

  /**
   * Which connections exist, and how they change.
   *
   * @param target share of the prunable weights that do not exist, in [0, 1)
   * @param distribution name of the rule that gives each layer its share; null for the method's
   *     usual one
   * @param layers sparsities of single layers, by patterns of their names; the last that fits
   *     decides
   * @param mask file of the connections at the start, in the place of random ones, or an earlier
   *     run's folder, whose newest checkpoint counts; or null. A resolved recipe has the file.
   * @param densitiesFrom an earlier run's folder, or a file of connections, from which each layer
   *     takes how many it has; or null. A resolved recipe has them in {@code layers}.
   * @param ticket file of the connections, weights and moment at the start; or null
   * @param dense layers that keep every connection: {@code first}, {@code last}, {@code depthwise}
   *     or patterns of names; null for those that network and distribution usually keep dense
   * @param budgetIncludesDense whether the target holds over dense layers and others together
   * @param method name of the sparse-training method
   * @param redistribution by what connections wander between layers; null for the method's own
   * @param scoring by what a method scores that chooses its connections before the training
   * @param update when and how much the method changes
   */
  public record Sparsity(
      double target,
      @Nullable String distribution,
      Map<String, Double> layers,
      @Nullable String mask,
      @Nullable String densitiesFrom,
      @Nullable String ticket,
      @Nullable List<String> dense,
      boolean budgetIncludesDense,
      String method,
      @Nullable String redistribution,
      Scoring scoring,
      Update update) {
    /** Checks the ranges and copies map and list. */
    public Sparsity {
      require(
          mask == null || ticket == null,
          "ticket has connections of its own: leave mask null, not '%s'",
          mask);
      require(target >= 0 && target < 1, "target must be at least 0 and below 1, not %s", target);
      for (Map.Entry<String, Double> layer : layers.entrySet()) {
        require(
            layer.getValue() >= 0 && layer.getValue() < 1,
            "layers must have sparsities of at least 0 and below 1, not %s",
            layer);
      }
      layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
      dense = dense == null ? null : List.copyOf(dense);
    }

    /** The file that says which connections there are at the start; null where none does. */
    @Nullable String startFile() {
      return ticket == null ? mask : ticket;
    }
  }

  /**
   * By what a method scores that chooses its connections before the training.
   *
   * @param samples how many training samples, at least 2; null for as many as are usual, or none
   * @param rounds of {@code synflow}, at least 1
   */
  public record Scoring(@Nullable Integer samples, int rounds) {
    /** Checks the ranges. */
    public Scoring {
      require(
          samples == null || samples >= 2, "samples must be at least 2 or null, not %s", samples);
      require(rounds >= 1 && rounds <= 100_000, "rounds must be from 1 to 100000, not %s", rounds);
    }
  }

  /**
   * When and how much a method changes.
   *
   * @param every steps between two updates, at least 1
   * @param fraction of a layer's connections that the first update replaces, in [0, 1]
   * @param schedule name of the rule by which the fraction falls
   * @param power of the schedule {@code inverse-power}, above 0
   * @param begin share of the training before which nothing changes, in [0, end]
   * @param end share of the training after which nothing changes, in [0, 1]
   * @param rule a label of {@link dev.windfall.sparsity.UpdateRule}
   * @param timing a label of {@link dev.windfall.sparsity.UpdateTiming}; null for that of method
   *     and rule
   * @param grownValues a label of {@link dev.windfall.sparsity.GrownValues.Kind}; null for that of
   *     the method
   * @param grownScale factor of the grown values
   * @param rounding a label of {@link dev.windfall.sparsity.LayerShares.Rounding}
   * @param smoothing of the averaged gradients by which {@code snfs} grows, in [0, 1)
   */
  public record Update(
      long every,
      double fraction,
      String schedule,
      double power,
      double begin,
      double end,
      String rule,
      @Nullable String timing,
      @Nullable String grownValues,
      double grownScale,
      String rounding,
      double smoothing) {
    /** Checks the ranges. */
    public Update {
      require(every >= 1, "every must be at least 1 step, not %s", every);
      require(fraction >= 0 && fraction <= 1, "fraction must be from 0 to 1, not %s", fraction);
      require(power > 0 && Double.isFinite(power), "power must be above 0, not %s", power);
      require(end >= 0 && end <= 1, "end must be from 0 to 1, not %s", end);
      require(begin >= 0 && begin <= end, "begin must be from 0 to update.end, not %s", begin);
      require(
          Double.isFinite(grownScale), "grown-scale must be a finite number, not %s", grownScale);
      require(
          smoothing >= 0 && smoothing < 1,
          "smoothing must be at least 0 and below 1, not %s",
          smoothing);
    }
  }

  /**
   * How weights are trained.
   *
   * @param epochs passes through the training samples, at least 1
   * @param multiplier of the epochs, above 0; every anchor that is a share of the training, and the
   *     warm-up, scale with it
   * @param batchSize samples of a micro-batch, at least 1
   * @param accumulate micro-batches of a step, at least 1
   * @param optimizer which, with its constants
   * @param schedule of the learning rate
   * @param loss what is minimised
   * @param clip length that the gradient of a step may have at most, above 0; null: any
   */
  public record Training(
      int epochs,
      double multiplier,
      int batchSize,
      int accumulate,
      Optimizer optimizer,
      Schedule schedule,
      Loss loss,
      @Nullable Double clip) {
    /** Checks the ranges. */
    public Training {
      require(epochs >= 1, "epochs must be at least 1, not %s", epochs);
      require(
          multiplier > 0
              && Math.round(epochs * multiplier) >= 1
              && epochs * multiplier <= Integer.MAX_VALUE,
          "multiplier must be above 0 and leave at least one epoch, not %s",
          multiplier);
      require(batchSize >= 1, "batch-size must be at least 1, not %s", batchSize);
      require(accumulate >= 1, "accumulate must be at least 1, not %s", accumulate);
      require(
          clip == null || (clip > 0 && Double.isFinite(clip)),
          "clip must be above 0, not %s",
          clip);
    }

    /** Passes through the training samples with the multiplier, to the nearest whole number. */
    public int scaledEpochs() {
      return Math.toIntExact(Math.round(epochs * multiplier));
    }
  }

  /**
   * An optimizer with its constants.
   *
   * @param name of the optimizer: {@code sgd} or {@code adam}
   * @param momentum in [0, 1); for {@code adam} the decay of the first moment, β₁
   * @param nesterov for {@code sgd}: whether the step looks ahead
   * @param beta2 for {@code adam}: decay of the second moment, in [0, 1)
   * @param epsilon for {@code adam}: what the root of the second moment is increased by, above 0
   * @param weightDecay at least 0; added to the gradient (L2)
   * @param decay1d whether biases and batch-norm parameters decay too
   */
  public record Optimizer(
      String name,
      double momentum,
      boolean nesterov,
      double beta2,
      double epsilon,
      double weightDecay,
      @JsonProperty("decay-1d") boolean decay1d) {
    /** Checks the ranges. */
    public Optimizer {
      require(
          momentum >= 0 && momentum < 1,
          "momentum must be at least 0 and below 1, not %s",
          momentum);
      require(beta2 >= 0 && beta2 < 1, "beta2 must be at least 0 and below 1, not %s", beta2);
      require(
          epsilon > 0 && epsilon <= 1, "epsilon must be above 0 and at most 1, not %s", epsilon);
      require(
          weightDecay >= 0 && Double.isFinite(weightDecay),
          "weight-decay must be at least 0, not %s",
          weightDecay);
    }
  }

  /**
   * The learning rate over the training.
   *
   * @param name of the schedule
   * @param lr the rate after the warm-up, above 0; null: what suits the network
   * @param at for {@code step}: shares of the training after which the rate falls, ascending
   * @param factor for {@code step}: by which it falls
   * @param restarts for {@code cosine-restarts}: how often the rate jumps back, from 0 to 100
   * @param periodFactor for {@code cosine-restarts}: how much longer each period is than the one
   *     before, from 1 to 10; all of them together fill what the warm-up leaves
   * @param warmupEpochs in which the rate rises, at least 0; scales with the multiplier
   */
  public record Schedule(
      String name,
      @Nullable Double lr,
      List<Double> at,
      double factor,
      int restarts,
      double periodFactor,
      double warmupEpochs) {
    /** Checks the ranges and copies the list. */
    public Schedule {
      require(lr == null || (lr > 0 && Double.isFinite(lr)), "lr must be above 0, not %s", lr);
      require(restarts >= 0 && restarts <= 100, "restarts must be from 0 to 100, not %s", restarts);
      require(
          periodFactor >= 1 && periodFactor <= 10,
          "period-factor must be from 1 to 10, not %s",
          periodFactor);
      require(
          warmupEpochs >= 0 && Double.isFinite(warmupEpochs),
          "warmup-epochs must be at least 0, not %s",
          warmupEpochs);
      at = List.copyOf(at);
    }
  }

  /**
   * What is minimised.
   *
   * @param labelSmoothing in [0, 1)
   * @param smoothingOver which classes share the smoothed part: {@code all} or {@code others}
   */
  public record Loss(double labelSmoothing, String smoothingOver) {
    /** Checks the range. */
    public Loss {
      require(
          labelSmoothing >= 0 && labelSmoothing < 1,
          "label-smoothing must be at least 0 and below 1, not %s",
          labelSmoothing);
    }
  }

  /**
   * Seed, engine, threads, and what is looked at and kept.
   *
   * @param seed of initial weights, connections, data order and augmentation
   * @param engine name of the engine
   * @param threads computing threads; 0 for one per processor
   * @param metricsEvery steps between two lines of the metrics, at least 1; an evaluation always
   *     has one
   * @param evaluateEvery epochs between two evaluations, at least 1; the last epoch always is
   * @param keepLast how many of the newest checkpoints are kept, at least 1
   * @param keepAt epochs, from 1, whose checkpoint is never deleted
   * @param keepSteps steps, from 0, after which there is a checkpoint that is never deleted
   * @param keepBest whether the checkpoint that is best by validation is kept
   * @param layerMetrics what the metrics say of each layer; null for what the method changes there
   */
  public record Run(
      long seed,
      String engine,
      int threads,
      int metricsEvery,
      int evaluateEvery,
      int keepLast,
      List<Integer> keepAt,
      List<Long> keepSteps,
      boolean keepBest,
      @Nullable List<String> layerMetrics) {
    /** Checks the ranges. */
    public Run {
      layerMetrics = layerMetrics == null ? null : List.copyOf(layerMetrics);
      require(
          threads >= 0 && threads <= 1024,
          "threads must be from 0 (all processors) to 1024, not %s",
          threads);
      require(metricsEvery >= 1, "metrics-every must be at least 1 step, not %s", metricsEvery);
      require(evaluateEvery >= 1, "evaluate-every must be at least 1 epoch, not %s", evaluateEvery);
      require(keepLast >= 1, "keep-last must be at least 1 checkpoint, not %s", keepLast);
      require(
          keepAt.stream().allMatch(epoch -> epoch >= 1),
          "keep-at must be of epochs from 1 on, not %s",
          keepAt);
      keepAt = List.copyOf(keepAt);
      require(
          keepSteps.stream().allMatch(step -> step >= 0),
          "keep-steps must be of steps from 0 on, not %s",
          keepSteps);
      keepSteps = List.copyOf(keepSteps);
    }
  }

  /** The message begins with the field's name; the reader puts the path before it. */
  private static void require(boolean holds, String otherwise, @Nullable Object value) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise.formatted(value));
    }
  }
}
