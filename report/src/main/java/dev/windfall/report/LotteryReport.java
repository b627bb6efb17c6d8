package dev.windfall.report;

import dev.windfall.cost.NetworkCost;
import dev.windfall.experiment.Summary;
import dev.windfall.experiment.comparison.ComparisonGrid;
import dev.windfall.experiment.comparison.RunResult;
import dev.windfall.experiment.lottery.LotteryLine;
import dev.windfall.experiment.lottery.LotteryPlan;
import dev.windfall.experiment.lottery.LotteryRun;
import dev.windfall.experiment.lottery.TicketRound;
import dev.windfall.network.Network;
import dev.windfall.sparsity.LayerDensities;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a lottery found, as its JSON has it.
 *
 * @param name of the lottery
 * @param model the network's name
 * @param data the data set's name
 * @param drawing how tickets were drawn, in one line
 * @param accuracy which one is compared
 * @param counter of operations
 * @param confidence of the intervals
 * @param rows of the table: the dense network first, then every line by round
 * @param rounds of the drawings
 * @param crossings where weight rewinding overtakes spending with every tweak
 * @param runs of all rows
 */
public record LotteryReport(
    String name,
    String model,
    String data,
    String drawing,
    String accuracy,
    String counter,
    double confidence,
    List<Row> rows,
    List<Round> rounds,
    List<CriticalSparsity> crossings,
    List<ComparisonReport.RunLine> runs) {

  /**
   * A row of the table.
   *
   * @param line the line's key
   * @param tickets where the connections come from
   * @param start with what drawn tickets are trained again; null for others
   * @param row how they are spent
   * @param round of the drawing; null for the dense network
   * @param sparsity asked for, among the layers that are pruned; 0 for the dense network
   * @param activeWeights prunable weights that exist, in the mean over the seeds
   * @param addedParameters weights and batch-norm parameters of layers that the row adds to the
   *     network, which are in no other count
   * @param runsFinished how many
   * @param runsFailed how many
   * @param testAccuracyMean of the last epoch's weights, from 0 to 1
   * @param testAccuracySd sample standard deviation over the seeds
   * @param validationAccuracyMean of the last epoch's weights
   * @param toDenseMean difference of test accuracy to the dense network's, paired by seed
   * @param toDenseLow end of its confidence interval
   * @param toDenseHigh end of its confidence interval
   * @param toVanillaMean difference to the tickets of the same round spent as they were drawn,
   *     paired by seed
   * @param toVanillaLow end of its confidence interval
   * @param toVanillaHigh end of its confidence interval
   * @param isWinning whether the mean reaches the dense network's, over the seeds that both have;
   *     null for the dense network
   * @param inferenceFlopsRatio to the dense network without rewrites
   * @param trainingFlopsRatio of the row's own training to that of the dense network
   * @param note on what went wrong; empty where nothing did
   */
  public record Row(
      String line,
      String tickets,
      @Nullable String start,
      String row,
      @Nullable Integer round,
      double sparsity,
      @Nullable Double activeWeights,
      @Nullable Double addedParameters,
      int runsFinished,
      int runsFailed,
      @Nullable Double testAccuracyMean,
      @Nullable Double testAccuracySd,
      @Nullable Double validationAccuracyMean,
      @Nullable Double toDenseMean,
      @Nullable Double toDenseLow,
      @Nullable Double toDenseHigh,
      @Nullable Double toVanillaMean,
      @Nullable Double toVanillaLow,
      @Nullable Double toVanillaHigh,
      @Nullable Boolean isWinning,
      @Nullable Double inferenceFlopsRatio,
      @Nullable Double trainingFlopsRatio,
      String note) {}

  /**
   * A round of a drawing, in the mean over the seeds.
   *
   * @param drawing {@code iterative} or {@code one-shot}
   * @param round from 1
   * @param target sparsity asked for, among the layers that are pruned
   * @param sparsity over all prunable weights
   * @param connections that are left
   * @param testAccuracyBefore of the pruned network, trained no further
   * @param testAccuracyAfter of the network trained again as the drawing does it; null where that
   *     was not done
   * @param seconds of that training, beside other runs; no measure of speed
   * @param imagesPerSecond of its steps, beside other runs
   * @param layers the layers' densities
   */
  public record Round(
      String drawing,
      int round,
      double target,
      double sparsity,
      double connections,
      double testAccuracyBefore,
      @Nullable Double testAccuracyAfter,
      @Nullable Double seconds,
      @Nullable Double imagesPerSecond,
      List<Layer> layers) {}

  /**
   * A layer of a round.
   *
   * @param layer its name
   * @param density the share of its weights that is left, in the mean over the seeds
   */
  public record Layer(String layer, double density) {}

  /** Copies the lists. */
  public LotteryReport {
    rows = List.copyOf(rows);
    rounds = List.copyOf(rounds);
    crossings = List.copyOf(crossings);
    runs = List.copyOf(runs);
  }

  /**
   * Puts results together.
   *
   * @param plan of the lottery
   * @param results of all runs
   * @param rounds that were drawn
   * @param failure says a failure in one line
   */
  public static LotteryReport of(
      LotteryPlan plan,
      Map<LotteryRun, RunResult> results,
      List<TicketRound> rounds,
      Function<Throwable, String> failure) {
    return new Results(plan, results, failure).report(rounds);
  }

  /** A row's place: a line and a round. */
  private record Place(LotteryLine line, int round) {}

  /** The results by row. */
  private static final class Results {

    private final LotteryPlan plan;
    private final Map<LotteryRun, RunResult> results;
    private final Function<Throwable, String> failure;
    private final Map<Place, SeedResults> byPlace = new LinkedHashMap<>();
    private final SeedResults dense;
    private final double denseFlops;

    Results(
        LotteryPlan plan, Map<LotteryRun, RunResult> results, Function<Throwable, String> failure) {
      this.plan = plan;
      this.results = results;
      this.failure = failure;
      Map<Place, Map<Long, RunResult>> bySeed = new LinkedHashMap<>();
      results.forEach(
          (run, result) ->
              bySeed
                  .computeIfAbsent(
                      new Place(run.line(), run.round()), place -> new LinkedHashMap<>())
                  .put(run.seed(), result));
      bySeed.forEach((place, seeds) -> byPlace.put(place, new SeedResults(seeds)));
      dense = at(LotteryLine.DENSE, 0);
      Network network = plan.training().network();
      LayerDensities all = LayerDensities.dense(network.prunable());
      denseFlops = NetworkCost.of(network, all, ComparisonGrid.COUNTER).denseFlops();
    }

    private SeedResults at(LotteryLine line, int round) {
      return byPlace.getOrDefault(new Place(line, round), new SeedResults(Map.of()));
    }

    LotteryReport report(List<TicketRound> drawn) {
      List<Row> rows = rows();
      return new LotteryReport(
          plan.lottery().name(),
          plan.training().network().name(),
          plan.training().recipe().data().name(),
          plan.description(),
          "test accuracy of the last epoch's weights",
          ComparisonGrid.COUNTER.label(),
          PairedDifference.CONFIDENCE,
          rows,
          rounds(drawn),
          CriticalSparsity.all(rows),
          results.entrySet().stream().map(it -> line(it.getKey(), it.getValue())).toList());
    }

    /** By line, dense ones first, and by round. */
    private List<Row> rows() {
      return byPlace.keySet().stream()
          .map(Place::line)
          .distinct()
          .sorted(Comparator.comparing(line -> !line.isDense()))
          .flatMap(
              line ->
                  byPlace.keySet().stream()
                      .filter(place -> place.line().equals(line))
                      .sorted(Comparator.comparing(Place::round)))
          .map(this::row)
          .toList();
    }

    private Row row(Place place) {
      LotteryLine line = place.line();
      SeedResults own = at(line, place.round());
      @Nullable SeedStatistics test = own.testStatistics();
      @Nullable SeedStatistics validation = own.validationStatistics();
      @Nullable PairedDifference toDense = difference(own, line.equals(LotteryLine.DENSE), dense);
      LotteryLine vanilla = line.isDense() ? LotteryLine.DENSE : plan.drawnLine();
      @Nullable PairedDifference toVanilla =
          difference(own, line.equals(vanilla), at(vanilla, place.round()));
      return new Row(
          line.key(),
          line.source().label(),
          line.start() == null ? null : line.start().label(),
          line.row().name(),
          line.isDense() ? null : place.round(),
          line.isDense() ? 0 : plan.sparsity(place.round()),
          own.meanOrNull(Summary::activeWeights),
          own.meanOrNull(Summary::addedParameters),
          own.summaries().size(),
          own.failures().size(),
          test == null ? null : test.mean(),
          test == null ? null : test.standardDeviation(),
          validation == null ? null : validation.mean(),
          toDense == null ? null : toDense.mean(),
          toDense == null ? null : toDense.low(),
          toDense == null ? null : toDense.high(),
          toVanilla == null ? null : toVanilla.mean(),
          toVanilla == null ? null : toVanilla.low(),
          toVanilla == null ? null : toVanilla.high(),
          toDense == null ? null : toDense.mean() >= 0,
          inference(own),
          training(own),
          own.note(failure));
    }

    private static @Nullable PairedDifference difference(
        SeedResults own, boolean isReference, SeedResults reference) {
      return isReference
          ? null
          : PairedDifference.of(own.testAccuracies(), reference.testAccuracies());
    }

    private @Nullable Double inference(SeedResults own) {
      return own.meanOrNull(summary -> (double) summary.inferenceFlops() / denseFlops);
    }

    /** By samples: the ratio of a step's operations to the dense step's, times the steps done. */
    private @Nullable Double training(SeedResults own) {
      return own.meanOrNull(
          summary -> {
            double ownDense = summary.inferenceFlops() / summary.inferenceFlopsRatio();
            return summary.trainingFlopsRatio()
                * ownDense
                / denseFlops
                * summary.steps()
                / plan.training().training().steps();
          });
    }

    private List<Round> rounds(List<TicketRound> drawn) {
      Map<String, List<TicketRound>> same = new LinkedHashMap<>();
      drawn.forEach(
          round ->
              same.computeIfAbsent(round.drawing() + " " + round.round(), key -> new ArrayList<>())
                  .add(round));
      return same.values().stream().map(this::round).toList();
    }

    private Round round(List<TicketRound> seeds) {
      TicketRound first = seeds.getFirst();
      SeedResults after =
          byPlace.entrySet().stream()
              .filter(
                  it ->
                      it.getKey().round() == first.round()
                          && it.getKey().line().source().label().equals(first.drawing())
                          && it.getKey().line().start() == plan.lottery().drawing().start()
                          && it.getKey().line().row().isVanilla())
              .findFirst()
              .map(Map.Entry::getValue)
              .orElse(new SeedResults(Map.of()));
      List<Layer> layers = new ArrayList<>();
      for (int layer = 0; layer < first.layers().size(); layer++) {
        int index = layer;
        layers.add(
            new Layer(
                first.layers().get(layer).layer(),
                mean(
                    seeds,
                    it ->
                        (double) it.layers().get(index).connections()
                            / it.layers().get(index).weights())));
      }
      return new Round(
          first.drawing(),
          first.round(),
          first.target(),
          mean(seeds, TicketRound::sparsity),
          mean(seeds, it -> (double) it.connections()),
          mean(seeds, TicketRound::testAccuracy),
          after.meanOrNull(Summary::testAccuracy),
          after.meanOrNull(Summary::seconds),
          after.meanOrNull(Summary::imagesPerSecond),
          layers);
    }

    private static double mean(List<TicketRound> seeds, Function<TicketRound, Double> figure) {
      return seeds.stream().mapToDouble(figure::apply).average().orElse(Double.NaN);
    }

    private ComparisonReport.RunLine line(LotteryRun run, RunResult result) {
      return ComparisonReport.line(run.key(), run.seed(), result, failure);
    }
  }
}
