package dev.windfall.experiment.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.data.Dataset;
import dev.windfall.engine.State;
import dev.windfall.experiment.RunFolder;
import dev.windfall.experiment.Summary;
import dev.windfall.lottery.MagnitudePruning;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.training.CheckpointFile;
import dev.windfall.training.TinyDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RunPoolTest {

  private static final Map<String, Dataset> DATA = Map.of("tiny", new TinyDataset(400, 40));

  private static final String SMALL =
      """
      name: c
      set:
        model.name: mlp-20-10
        data.name: tiny
        sparsity.update.every: 3
        training: {epochs: 2, batch-size: 40, schedule: {lr: 0.01}}
        run: {engine: reference}
      methods: [static, rigl]
      sparsities: 0.5
      seeds: [1, 2]
      """;

  @TempDir Path folder;

  /** Writes down what it hears. */
  private static final class Heard implements RunPool.Listener<ComparisonRun> {
    private final List<String> begun = new ArrayList<>();
    private final List<RunResult> ended = new ArrayList<>();

    @Override
    public void begun(ComparisonRun run) {
      begun.add(run.name());
    }

    @Override
    public void ended(ComparisonRun run, RunResult result) {
      ended.add(result);
    }
  }

  private static List<ComparisonRun> runs(String yaml) throws IOException {
    Comparison comparison = ComparisonFile.read(yaml, "c.yaml", Path.of(""), draft -> draft);
    return ComparisonRun.all(ComparisonGrid.rows(comparison, DATA), comparison.seeds());
  }

  private RunPool<ComparisonRun> pool() {
    return new RunPool<>(folder, DATA, 1);
  }

  private static List<Double> accuracies(Map<ComparisonRun, RunResult> results) {
    return results.values().stream()
        .map(result -> ((RunResult.Finished) result).summary())
        .map(Summary::testAccuracy)
        .toList();
  }

  @Test
  void noFinishedRunIsRepeated() throws IOException {
    List<ComparisonRun> runs = runs(SMALL);
    Heard first = new Heard();
    Map<ComparisonRun, RunResult> results = pool().execute(runs, 2, () -> false, first);
    assertThat(results.keySet()).containsExactlyElementsOf(runs).hasSize(6);
    assertThat(first.begun)
        .containsExactlyInAnyOrderElementsOf(runs.stream().map(ComparisonRun::name).toList());
    assertThat(first.ended).hasOnlyElementsOfType(RunResult.Finished.class).hasSize(6);
    Heard second = new Heard();
    assertThat(pool().execute(runs, 2, () -> false, second)).isEqualTo(results);
    assertThat(second.begun).isEmpty();
  }

  @Test
  void aStoppedComparisonGoesOnToTheSameResults() throws IOException {
    List<ComparisonRun> runs = runs(SMALL);
    AtomicInteger steps = new AtomicInteger();
    Map<ComparisonRun, RunResult> stopped =
        pool().execute(runs, 1, () -> steps.incrementAndGet() > 30, new Heard());
    assertThat(stopped.values()).hasAtLeastOneElementOfType(RunResult.Finished.class);
    assertThat(stopped.values()).hasAtLeastOneElementOfType(RunResult.Stopped.class);
    Heard after = new Heard();
    Map<ComparisonRun, RunResult> results = pool().execute(runs, 1, () -> false, after);
    long finished = stopped.values().stream().filter(RunResult.Finished.class::isInstance).count();
    assertThat(after.begun).hasSize((int) (runs.size() - finished));
    Map<ComparisonRun, RunResult> undisturbed =
        new RunPool<ComparisonRun>(folder.resolve("other"), DATA, 1)
            .execute(runs, 1, () -> false, new Heard());
    assertThat(accuracies(results)).isEqualTo(accuracies(undisturbed));
  }

  @ParameterizedTest
  @CsvSource({"static, false", "rigl, false", "gmp, true", "rigl-sm, true", "snfs, true"})
  void theEndIsThatOfRunsWhoseLayersLoseOrWinConnections(String method, boolean changes)
      throws IOException {
    ComparisonRun run = runs(SMALL.replace("[static, rigl]", method)).get(1);
    assertThat(pool().end(run)).isNull();
    pool().execute(List.of(run), 1, () -> false, new Heard());
    assertThat(pool().end(run) != null).isEqualTo(changes);
  }

  @Test
  void theMeanStepIsBetweenFirstAndLastAsTheFlopsAre() {
    StepTimer.End end = new StepTimer.End(new State(0, Map.of()), 70);
    assertThat(end.share(100, 40)).isEqualTo(0.5);
    assertThat(end.share(40, 100)).isEqualTo(0.5);
    assertThat(end.share(80, 40)).isEqualTo(0.25);
    // On the way there may be more than at both ends.
    assertThat(end.share(65, 60)).isZero();
    assertThat(end.share(60, 65)).isEqualTo(1);
    assertThat(new RowTiming("r", 1, 40, 9, 8, 4.0, 0.25, null, null, 0, List.of()))
        .returns(7.0, RowTiming::meanStepMilliseconds)
        .returns(0.7, timing -> timing.seconds(100, 10));
  }

  @Test
  void aFolderThatWasKilledBeforeItBeganIsBegunAgain() throws IOException {
    ComparisonRun run = runs(SMALL).getFirst();
    Files.createDirectories(folder.resolve(run.name()));
    pool().requireSameRecipe(run);
    assertThat(pool().execute(List.of(run), 1, () -> false, new Heard()).values())
        .hasOnlyElementsOfType(RunResult.Finished.class);
  }

  @Test
  void aFailingRunLeavesTheOthersAlone() throws IOException {
    List<ComparisonRun> good = runs(SMALL);
    List<ComparisonRun> runs =
        new ArrayList<>(runs(SMALL.replace("lr: 0.01", "lr: 1e30")).subList(0, 1));
    runs.addAll(good.subList(1, 3));
    Map<ComparisonRun, RunResult> results = pool().execute(runs, 1, () -> false, new Heard());
    assertThat(results.get(runs.getFirst()))
        .isInstanceOfSatisfying(
            RunResult.Failed.class,
            failed -> assertThat(failed.cause()).hasMessageContaining("the loss is"));
    assertThat(results.get(runs.get(1))).isInstanceOf(RunResult.Finished.class);
    assertThat(results.get(runs.get(2))).isInstanceOf(RunResult.Finished.class);
  }

  private static final String AFTER =
      """
      name: c
      set:
        model.name: mlp-20-10
        data.name: tiny
        sparsity.update.every: 3
        training: {epochs: 2, batch-size: 40, schedule: {lr: 0.05}}
        run: {engine: reference, keep-steps: [0]}
      after:
        lottery: {method: static, mask-from: gmp/global}
        re-initialised: {method: rigl, densities-from: rigl-sm/erk}
      methods: [lottery, re-initialised, gmp/global, rigl-sm/erk]
      sparsities: 0.5
      seeds: [1, 2]
      """;

  /** Step at the end: nine batches an epoch. */
  private static final long LAST = 18;

  private static State state(Path runs, String name, long step) throws IOException {
    return CheckpointFile.read(
            new RunFolder(runs.resolve("mlp-20-10-tiny-" + name)).checkpoints().file(step))
        .state();
  }

  private static List<Long> counts(State state) {
    return state.connectivity().values().stream().map(Connectivity::count).toList();
  }

  @Test
  void aTicketHasTheConnectionsThatPruningEndedWithAndTheWeightsOfTheSameSeed() throws IOException {
    List<ComparisonRun> runs = runs(AFTER);
    Path relative = Path.of("").toAbsolutePath().relativize(folder.toAbsolutePath());
    RunPool<ComparisonRun> pool = new RunPool<>(relative, DATA, 1);
    assertThat(pool.execute(runs, 2, () -> false, new Heard()).values())
        .hasOnlyElementsOfType(RunResult.Finished.class)
        .hasSize(10);
    for (int seed = 1; seed <= 2; seed++) {
      String pruned = "gmp-global-0.5-1x-seed-" + seed;
      String ticket = "lottery-0.5-1x-seed-" + seed;
      State begun = state(folder, ticket, 0);
      assertThat(begun.connectivity()).isEqualTo(state(folder, pruned, LAST).connectivity());
      assertThat(state(folder, ticket, LAST).connectivity()).isEqualTo(begun.connectivity());
      State dense = state(folder, pruned, 0);
      assertThat(begun)
          .usingRecursiveComparison()
          .isEqualTo(MagnitudePruning.restricted(dense, begun.connectivity()));
    }
    assertThat(state(folder, "lottery-0.5-1x-seed-1", 0).connectivity())
        .isNotEqualTo(state(folder, "lottery-0.5-1x-seed-2", 0).connectivity());
    for (ComparisonRun run : runs) {
      pool.requireSameRecipe(run);
    }
  }

  @Test
  void learnedDensitiesAreThoseOfTheSameSeedWithConnectionsDrawnAnew() throws IOException {
    pool().execute(runs(AFTER), 2, () -> false, new Heard());
    for (int seed = 1; seed <= 2; seed++) {
      State learned = state(folder, "rigl-sm-erk-0.5-1x-seed-" + seed, LAST);
      State begun = state(folder, "re-initialised-0.5-1x-seed-" + seed, 0);
      assertThat(counts(begun)).isEqualTo(counts(learned));
      assertThat(begun.connectivity()).isNotEqualTo(learned.connectivity());
    }
    assertThat(counts(state(folder, "rigl-sm-erk-0.5-1x-seed-1", LAST)))
        .isNotEqualTo(counts(state(folder, "rigl-sm-erk-0.5-1x-seed-1", 0)));
  }

  @Test
  void whatBeginsAfterOthersGoesOnAfterAStopToTheSameResults() throws IOException {
    List<ComparisonRun> runs = runs(AFTER);
    AtomicInteger steps = new AtomicInteger();
    // The dense, the pruned and the learned network take all their steps, the ticket a few.
    Map<ComparisonRun, RunResult> stopped =
        pool().execute(runs, 1, () -> steps.incrementAndGet() > 66, new Heard());
    assertThat(stopped.get(runs.get(3))).isInstanceOf(RunResult.Stopped.class);
    assertThat(runs.get(3).name()).isEqualTo("mlp-20-10-tiny-lottery-0.5-1x-seed-1");
    assertThat(runs.get(3).folder(folder).checkpoints().steps().last()).isBetween(1L, LAST - 1);
    for (ComparisonRun run : runs) {
      pool().requireSameRecipe(run);
    }
    Map<ComparisonRun, RunResult> results = pool().execute(runs, 1, () -> false, new Heard());
    Path other = folder.resolve("other");
    Map<ComparisonRun, RunResult> undisturbed =
        new RunPool<ComparisonRun>(other, DATA, 1).execute(runs, 1, () -> false, new Heard());
    assertThat(accuracies(results)).isEqualTo(accuracies(undisturbed));
    assertThat(state(folder, "lottery-0.5-1x-seed-1", LAST))
        .usingRecursiveComparison()
        .isEqualTo(state(other, "lottery-0.5-1x-seed-1", LAST));
  }

  @Test
  void whatARunBeganWithMayMoveButNotChangeOrVanish() throws IOException {
    List<ComparisonRun> runs = runs(AFTER.replace("seeds: [1, 2]", "seeds: 1"));
    RunPool<ComparisonRun> before = new RunPool<>(folder.resolve("before"), DATA, 1);
    before.execute(runs, 2, () -> false, new Heard());
    Files.move(folder.resolve("before"), folder.resolve("moved"));
    RunPool<ComparisonRun> moved = new RunPool<>(folder.resolve("moved"), DATA, 1);
    for (ComparisonRun run : runs) {
      moved.requireSameRecipe(run);
    }
    ComparisonRun pruned = runs.get(1);
    ComparisonRun ticket = runs.get(3);
    Path summary = pruned.folder(folder.resolve("moved")).summary();
    Path away = folder.resolve("summary.json");
    Files.move(summary, away);
    assertThatThrownBy(() -> moved.requireSameRecipe(ticket))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lottery-0.5-1x-seed-1 began with what")
        .hasMessageContaining("gmp-global-0.5-1x-seed-1 ended with, which is not there any more");
    Files.move(away, summary);
    Files.delete(pruned.folder(folder.resolve("moved")).checkpoints().file(LAST));
    assertThatThrownBy(() -> moved.requireSameRecipe(ticket))
        .hasMessageContaining("was made by another recipe or other data");
  }

  @Test
  void whatBeginsAfterAFailedRunFailsWithIt() throws IOException {
    List<ComparisonRun> runs =
        runs(
            AFTER.replace(
                "sparsities:", "set-for: {gmp: {training.schedule.lr: 1e30}}\nsparsities:"));
    Map<ComparisonRun, RunResult> results = pool().execute(runs, 1, () -> false, new Heard());
    assertThat(results.get(runs.get(3)))
        .isInstanceOfSatisfying(
            RunResult.Failed.class,
            failed ->
                assertThat(failed.cause())
                    .hasMessage("it needs mlp-20-10-tiny-gmp-global-0.5-1x-seed-1, which failed"));
    assertThat(results.get(runs.get(4))).isInstanceOf(RunResult.Finished.class);
  }

  @Test
  void aFolderOfAnotherRecipeIsRefusedButThreadsDoNotCount() throws IOException {
    ComparisonRun run = runs(SMALL).getFirst();
    pool().execute(List.of(run), 1, () -> false, new Heard());
    new RunPool<ComparisonRun>(folder, DATA, 2).requireSameRecipe(run);
    ComparisonRun other = runs(SMALL.replace("epochs: 2", "epochs: 3")).getFirst();
    assertThatThrownBy(() -> pool().requireSameRecipe(other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("was made by another recipe");
  }
}
