package dev.windfall.experiment;

import dev.windfall.engine.Objective;
import dev.windfall.training.LearningRate;
import dev.windfall.training.LearningRateSchedule;
import dev.windfall.training.OptimizerSettings;
import java.util.List;

/** What a recipe's block {@code training} means. */
final class RecipeTraining {

  private static final List<String> SCHEDULES =
      List.of("step", "cosine", "cosine-restarts", "linear", "constant");

  private RecipeTraining() {}

  /** The rate of every step; anchors and warm-up scale with the multiplier. */
  static LearningRate learningRate(
      Recipe.Training training, Recipe.Averaging averaging, int stepsPerEpoch) {
    Recipe.Schedule schedule = training.schedule();
    long steps = (long) training.scaledEpochs() * stepsPerEpoch;
    double warmUp = schedule.warmupEpochs() * training.multiplier() * stepsPerEpoch;
    if (warmUp >= steps) {
      throw new IllegalArgumentException(
          "training.schedule.warmup-epochs must be below the %d epochs of the training, not %s"
              .formatted(training.epochs(), schedule.warmupEpochs()));
    }
    Double rate = schedule.lr();
    if (rate == null) {
      throw new IllegalStateException("a resolved recipe has a learning rate");
    }
    LearningRateSchedule falling = schedule(schedule);
    Double start = averaging.start();
    Double held = averaging.lr();
    return new LearningRate(
        rate,
        start == null || held == null
            ? falling
            : new LearningRateSchedule.HeldFrom(falling, start, held / rate),
        (long) warmUp,
        steps);
  }

  static LearningRateSchedule schedule(Recipe.Schedule schedule) {
    return switch (schedule.name()) {
      case "step" -> new LearningRateSchedule.Step(schedule.at(), schedule.factor());
      case "cosine" -> new LearningRateSchedule.Cosine();
      case "cosine-restarts" ->
          new LearningRateSchedule.CosineRestarts(schedule.restarts(), schedule.periodFactor());
      case "linear" -> new LearningRateSchedule.Linear();
      case "constant" -> new LearningRateSchedule.Constant();
      default -> throw unknown("training.schedule.name", schedule.name(), SCHEDULES);
    };
  }

  static OptimizerSettings optimizer(Recipe.Optimizer optimizer) {
    return switch (optimizer.name()) {
      case "sgd" ->
          new OptimizerSettings.Sgd(
              optimizer.momentum(),
              optimizer.nesterov(),
              optimizer.weightDecay(),
              optimizer.decay1d());
      case "adam" ->
          new OptimizerSettings.Adam(
              optimizer.momentum(),
              optimizer.beta2(),
              optimizer.epsilon(),
              optimizer.weightDecay(),
              optimizer.decay1d());
      default -> throw unknown("training.optimizer.name", optimizer.name(), List.of("sgd", "adam"));
    };
  }

  static Objective.CrossEntropy objective(Recipe.Loss loss) {
    return new Objective.CrossEntropy(
        loss.labelSmoothing(),
        switch (loss.smoothingOver()) {
          case "all" -> Objective.SmoothingOver.ALL;
          case "others" -> Objective.SmoothingOver.OTHERS;
          default ->
              throw unknown(
                  "training.loss.smoothing-over", loss.smoothingOver(), List.of("all", "others"));
        });
  }

  private static IllegalArgumentException unknown(String field, String name, List<String> known) {
    return new IllegalArgumentException(
        "%s: unknown '%s'; known: %s".formatted(field, name, String.join(" ", known)));
  }
}
