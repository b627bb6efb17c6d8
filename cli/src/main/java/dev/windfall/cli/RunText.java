package dev.windfall.cli;

import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.Run;
import dev.windfall.experiment.RunEvaluation;
import dev.windfall.experiment.RunFolder;
import dev.windfall.experiment.RunPlan;
import dev.windfall.experiment.StoppedRun;
import dev.windfall.experiment.Summary;
import dev.windfall.lottery.Ticket;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What people read of a run: what it is going to do, and what came of it. */
final class RunText {

  private RunText() {}

  /**
   * Three lines before the training; the last says by which path the engine computes, and why. A
   * method that scores before the training has one more.
   */
  static String plan(RunPlan plan) {
    Recipe recipe = plan.recipe();
    String connections =
        plan.method().sparse()
            ? "%s at %s sparsity (%s)"
                .formatted(
                    plan.method().name(),
                    percentOf(recipe.sparsity().target()),
                    RunPlan.distribution(recipe).label())
            : "dense";
    String scoring =
        plan.method().scores()
            ? "connections are chosen before the training, by scores of engine %s%n"
                .formatted(plan.scoringEngine().name())
            : "";
    return String.format(
        Locale.ROOT,
        "%s on %s: %s, %,d of %,d weights%n%s%s, %s of %d images%nengine %s, %s: %s%n",
        plan.network().name(),
        plan.dataset().name(),
        connections,
        plan.densities().connections(),
        plan.densities().weights(),
        ticket(plan),
        counted(plan.training().epochs(), "epoch"),
        counted(plan.training().steps(), "step"),
        recipe.training().batchSize(),
        plan.engine().name(),
        counted(plan.threads(), "thread"),
        plan.engine().description())
        + scoring;
  }

  /** A line about the ticket, where there is one. */
  private static String ticket(RunPlan plan) {
    if (plan.ticket() == null) {
      return "";
    }
    Ticket.Origin origin = plan.ticket().origin();
    return String.format(
        Locale.ROOT,
        "ticket of %s, drawn on %s (%s, round %d, seed %d; start %s, control %s): begins after step"
            + " %,d of %,d%n",
        origin.model(),
        origin.data(),
        origin.drawing(),
        origin.round(),
        origin.seed(),
        origin.start(),
        origin.control(),
        plan.firstStep(),
        plan.training().steps());
  }

  private static String counted(long number, String what) {
    return Figures.count(number) + " " + what + (number == 1 ? "" : "s");
  }

  private static String percentOf(double share) {
    return String.format(Locale.ROOT, "%.4f", 100 * share).replaceAll("\\.?0+$", "") + " %";
  }

  /** The table after the training. */
  static String result(Run.Finished run) {
    Summary summary = run.summary();
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("test accuracy", Figures.percent(summary.testAccuracy()) + bestTest(summary));
    if (summary.validationAccuracy() != null) {
      rows.put("validation accuracy", Figures.percent(summary.validationAccuracy()));
    }
    rows.put("calibration error", calibrationError(summary.expectedCalibrationError()));
    rows.put(
        "sparsity",
        "%s, %s of %s weights exist"
            .formatted(
                Figures.percent(summary.sparsity()),
                Figures.count(summary.activeWeights()),
                Figures.count(summary.totalWeights())));
    rows.put(
        "connections replaced",
        "%s in %s"
            .formatted(
                Figures.count(summary.connectionsReplaced()),
                counted(summary.topologyUpdates(), "update")));
    rows.put(
        "inference FLOPs",
        String.format(
            Locale.ROOT,
            "%.4f of dense (%.3g an image)",
            summary.inferenceFlopsRatio(),
            (double) summary.inferenceFlops()));
    rows.put(
        "training FLOPs",
        String.format(Locale.ROOT, "%.4f of dense", summary.trainingFlopsRatio())
            + overhead(summary));
    rows.put(
        "speed",
        "%s images/s in training steps; %s in all"
            .formatted(
                Figures.rate(summary.imagesPerSecond()), Figures.duration(summary.seconds())));
    rows.put("memory", memory(summary));
    rows.put("run folder", run.folder().path().toString());
    return System.lineSeparator() + table(rows);
  }

  private static String overhead(Summary summary) {
    return summary.overheadFlops() == 0
        ? ""
        : String.format(
            Locale.ROOT, " (%.3g before the first step)", (double) summary.overheadFlops());
  }

  private static String table(Map<String, String> rows) {
    return rows.entrySet().stream()
        .map(row -> String.format(Locale.ROOT, "  %-21s %s%n", row.getKey(), row.getValue()))
        .collect(Collectors.joining());
  }

  /** The table of a test. */
  static String evaluation(RunEvaluation result) {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put(
        "test accuracy",
        "%s of %s images of %s"
            .formatted(
                Figures.percent(result.accuracy()), Figures.count(result.images()), result.data()));
    rows.put("test loss", Figures.loss(result.loss()));
    rows.put("calibration error", calibrationError(result.expectedCalibrationError()));
    rows.put("checkpoint", result.checkpoint());
    return table(rows);
  }

  private static String calibrationError(double error) {
    return Figures.percent(error) + " (expected, 15 intervals)";
  }

  private static String bestTest(Summary summary) {
    return summary.bestTestAccuracy() == null
        ? ""
        : " (%s where validation was best)".formatted(Figures.percent(summary.bestTestAccuracy()));
  }

  private static String memory(Summary summary) {
    String engine = Figures.bytes(summary.peakBytes()) + " in the engine";
    return summary.processPeakBytes() == null
        ? engine
        : engine + ", " + Figures.bytes(summary.processPeakBytes()) + " in the process, at most";
  }

  /** A line about a run that there is nothing left to do for. */
  static String finished(RunFolder folder) {
    return String.format("%s is finished; its result is in %s%n", folder.path(), folder.summary());
  }

  /** Where a run goes on, and a line about each checkpoint that is damaged. */
  static String resumption(StoppedRun run) {
    StringBuilder text = new StringBuilder();
    for (String damage : run.damage()) {
      text.append(String.format("%s; an older one takes its place%n", damage));
    }
    text.append(
        run.checkpoint().isPresent()
            ? String.format(
                Locale.ROOT,
                "going on after step %,d of %,d%n",
                run.step(),
                run.plan().training().steps())
            : String.format("there is no checkpoint yet: beginning again%n"));
    return text.toString();
  }

  /** Two lines about a run that was stopped. */
  static String stopped(Run.Stopped run) {
    return String.format(
        Locale.ROOT,
        "stopped after step %,d of %,d; to go on:%n  windfall resume %s%n",
        run.progress().step(),
        run.steps(),
        run.folder().path());
  }
}
