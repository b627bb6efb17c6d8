package dev.windfall.experiment;

import dev.windfall.data.DataLoader;
import dev.windfall.data.Dataset;
import dev.windfall.engine.Session;
import dev.windfall.training.Checkpoint;
import dev.windfall.training.CheckpointFile;
import dev.windfall.training.CheckpointFolder;
import dev.windfall.training.Evaluation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.NavigableSet;
import java.util.stream.Collectors;

/**
 * What a run's weights do on test images. Fractions, as in {@link Summary}.
 *
 * @param model name of the network
 * @param data name of the data set with the test images
 * @param checkpoint the {@code .json} file of the checkpoint
 * @param step mini-batches that its weights were trained on
 * @param images tested
 * @param accuracy share of the images whose largest logit is the label's
 * @param loss mean cross entropy, without smoothing
 * @param expectedCalibrationError over 15 intervals of confidence
 */
public record RunEvaluation(
    String model,
    String data,
    String checkpoint,
    long step,
    long images,
    double accuracy,
    double loss,
    double expectedCalibrationError) {

  /** Which checkpoint of a run. */
  public sealed interface Choice {

    /** The newest. */
    record Last() implements Choice {}

    /** The best by validation. */
    record Best() implements Choice {}

    /** That of a step. */
    record At(long step) implements Choice {}

    /**
     * Reads a choice.
     *
     * @param text {@code last}, {@code best} or a step's number
     * @throws IllegalArgumentException where it is none of them
     */
    static Choice of(String text) {
      return switch (text) {
        case "last" -> new Last();
        case "best" -> new Best();
        default -> {
          if (!text.matches("\\d{1,18}")) {
            throw new IllegalArgumentException(
                "a checkpoint is best, last or a step's number, not '%s'".formatted(text));
          }
          yield new At(Long.parseLong(text));
        }
      };
    }
  }

  /**
   * Tests a run's weights.
   *
   * @param folder of the run, in which nothing is changed
   * @param plan of its recipe
   * @param choice which of its checkpoints
   * @param dataset with the test images; they are standardised as the run's own are
   * @throws IOException in one line: where there is no such checkpoint, or it is damaged
   * @throws IllegalArgumentException where images or classes do not fit the network
   */
  public static RunEvaluation of(RunFolder folder, RunPlan plan, Choice choice, Dataset dataset)
      throws IOException {
    requireFits(plan, dataset);
    Path file = file(folder.checkpoints(), choice);
    Checkpoint checkpoint = CheckpointFile.read(file);
    try (Session session =
        plan.engine()
            .open(plan.network(), checkpoint.state().connectivity(), plan.sessionOptions())) {
      session.restore(checkpoint.state());
      checkpoint.average().putInto(plan.network(), session, plan.training(), checkpoint.progress());
      Evaluation result =
          Evaluation.of(
              session,
              DataLoader.evaluation(
                  plan.dataset(), dataset.test(), plan.recipe().training().batchSize()));
      return new RunEvaluation(
          plan.network().name(),
          dataset.name(),
          file.toString(),
          checkpoint.progress().step(),
          result.samples(),
          result.accuracy(),
          result.loss(),
          result.expectedCalibrationError());
    }
  }

  private static void requireFits(RunPlan plan, Dataset dataset) {
    Dataset own = plan.dataset();
    if (!dataset.shape().equals(own.shape())
        || dataset.classNames().size() != own.classNames().size()) {
      throw new IllegalArgumentException(
          "data set %s has images of %s in %d classes; the run's network takes %s and knows %d"
              .formatted(
                  dataset.name(),
                  dataset.shape(),
                  dataset.classNames().size(),
                  own.shape(),
                  own.classNames().size()));
    }
  }

  private static Path file(CheckpointFolder checkpoints, Choice choice) throws IOException {
    NavigableSet<Long> steps = checkpoints.steps();
    if (steps.isEmpty()) {
      throw new IOException("there is no checkpoint yet in " + checkpoints.path());
    }
    long step =
        switch (choice) {
          case Choice.Last last -> steps.last();
          case Choice.At at -> at.step();
          case Choice.Best best ->
              checkpoints
                  .bestStep()
                  .orElseThrow(
                      () ->
                          new IOException(
                              "no checkpoint in %s is the best: nothing was validated yet"
                                  .formatted(checkpoints.path())));
        };
    if (!steps.contains(step)) {
      throw new IOException(
          "there is no checkpoint of step %d in %s; there are %s"
              .formatted(
                  step,
                  checkpoints.path(),
                  steps.stream().map(String::valueOf).collect(Collectors.joining(" "))));
    }
    return checkpoints.file(step);
  }
}
