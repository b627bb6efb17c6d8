package dev.windfall.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.windfall.cost.NetworkCost;
import dev.windfall.data.Dataset;
import dev.windfall.data.DatasetCache;
import dev.windfall.experiment.RunPlan;
import dev.windfall.experiment.Summary;
import dev.windfall.experiment.comparison.Comparison;
import dev.windfall.experiment.comparison.ComparisonFile;
import dev.windfall.experiment.comparison.ComparisonFolder;
import dev.windfall.experiment.comparison.ComparisonGrid;
import dev.windfall.experiment.comparison.ComparisonRun;
import dev.windfall.experiment.comparison.RowTiming;
import dev.windfall.experiment.comparison.RunPool;
import dev.windfall.experiment.comparison.RunResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A narrow wide ResNet, since operations of connections differ between its layers: ten steps. */
final class RowTimingsTest {

  private static final String WANDERING =
      """
      name: wandering
      set:
        model: {name: wrn-10-1, width: 0.5}
        sparsity: {update: {every: 2, end: 1}}
        data: {name: npy, dir: 'FOLDER', validation: 0.9}
        training: {epochs: 1, batch-size: 10}
      methods: [rigl, gmp, rigl-sm, snfs]
      sparsities: 0.8
      """;

  @TempDir Path folder;

  private static final class Unheard implements RunPool.Listener<ComparisonRun> {
    @Override
    public void begun(ComparisonRun run) {}

    @Override
    public void ended(ComparisonRun run, RunResult result) {}
  }

  /**
   * Where layers lose or win connections, steps are measured at the end, too, and the mean step is
   * as near to it as the mean forward pass. SNFS's training FLOPs have a dense pass beside its own.
   */
  @Test
  void stepsAreMeasuredAtTheEndWhereLayersHaveOtherConnectionsThere() throws IOException {
    SmallData.write(folder);
    Comparison comparison =
        ComparisonFile.read(
            WANDERING.replace("FOLDER", folder.toString()), "c.yaml", folder, draft -> draft);
    Dataset dataset =
        RunPlan.dataset(
            comparison.base().recipe(),
            DatasetCache.ofUser(Map.of(), folder, (file, bytes, total) -> {}));
    Map<String, Dataset> data = Map.of("npy", dataset);
    ComparisonFolder out = new ComparisonFolder(folder.resolve("wandering"));
    RunPool<ComparisonRun> pool = new RunPool<>(out.runs(), data, 1);
    List<ComparisonRun> runs =
        ComparisonRun.all(ComparisonGrid.rows(comparison, data), comparison.seeds());
    Map<ComparisonRun, RunResult> results = pool.execute(runs, 1, () -> false, new Unheard());
    RowTimings timings = RowTimings.of(comparison, out, threads -> pool);
    timings.measure(runs, 0.01, () -> false, line -> {});
    for (ComparisonRun run : runs) {
      String method = run.row().method();
      RowTiming timing = requireNonNull(timings.byRow().get(run.key()), run.key());
      Summary summary = ((RunResult.Finished) requireNonNull(results.get(run))).summary();
      NetworkCost cost = run.row().cost();
      double dense = cost.denseFlops();
      double ratio = summary.trainingFlopsRatio();
      // RigL with updates 2 steps apart takes (8 f + f_D) / 3, SNFS 2 f + f_D, pruning 3 f.
      double mean =
          switch (method) {
            case "rigl-sm" -> (9 * ratio - 1) / 8 * dense;
            case "snfs" -> (3 * ratio - 1) / 2 * dense;
            default -> ratio * dense;
          };
      double first = method.equals("gmp") ? dense : cost.inferenceFlops();
      double last = summary.inferenceFlops();
      if (method.equals("dense") || method.equals("rigl")) {
        assertThat(timing.lastStepMilliseconds()).as(method).isNull();
        continue;
      }
      assertThat(last).as(method).isNotEqualTo(first);
      assertThat(timing.lastStepMilliseconds()).as(method).isPositive();
      assertThat(timing.lastShare())
          .as(method)
          .isCloseTo(Math.clamp((first - mean) / (first - last), 0, 1), within(1e-9));
    }
  }
}
