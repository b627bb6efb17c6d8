package dev.windfall.experiment.comparison;

import dev.windfall.cost.Counter;
import dev.windfall.cost.NetworkCost;
import dev.windfall.data.Dataset;
import dev.windfall.experiment.Recipe;
import dev.windfall.experiment.RecipeDraft;
import dev.windfall.experiment.RunPlan;
import dev.windfall.network.Network;
import dev.windfall.sparsity.Distribution;
import dev.windfall.sparsity.LayerDensities;
import dev.windfall.sparsity.Redistribution;
import dev.windfall.sparsity.SparseTrainingMethod;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongUnaryOperator;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a comparison comes to. What its budget leaves open is solved for here, with the
 * exact counts of connections that the runs will have.
 */
public final class ComparisonGrid {

  /** Counts operations; every figure of a comparison is by it. */
  public static final Counter COUNTER = Counter.REPORT;

  /** Sparsities are solved for in steps of a millionth. */
  private static final long SPARSITY_STEPS = 1_000_000;

  /** Widths are solved for in steps of a ten-thousandth. */
  private static final long WIDTH_STEPS = 10_000;

  private final Comparison comparison;
  private final String model;
  private final String data;
  private final Dataset dataset;
  private final Network network;
  private final Baseline baseline;
  private final List<ComparisonRow> rows = new ArrayList<>();

  private ComparisonGrid(Comparison comparison, String model, String data, Dataset dataset) {
    this.comparison = comparison;
    this.model = model;
    this.data = data;
    this.dataset = dataset;
    Recipe dense = base(Comparison.DENSE, null).recipe();
    network = RunPlan.network(dense, dataset);
    baseline =
        new Baseline(
            NetworkCost.of(network, LayerDensities.dense(network.prunable()), COUNTER),
            dense.training().scaledEpochs());
  }

  /** What the rows of a method with a distribution begin with. */
  private RecipeDraft base(String method, @Nullable String distribution) {
    RecipeDraft own =
        comparison
            .base(method, distribution)
            .withText(List.of("model", "name"), model, "models")
            .withText(List.of("data", "name"), data, "data");
    Comparison.@Nullable After after = comparison.after().get(method);
    String trained =
        switch (method) {
          case Comparison.SMALL_DENSE -> Comparison.DENSE;
          case Comparison.BIG_SPARSE -> own.recipe().sparsity().method();
          default -> after == null ? method : after.method();
        };
    RecipeDraft draft = own.withText(List.of("sparsity", "method"), trained, "methods");
    return distribution == null
        ? draft
        : draft.withText(List.of("sparsity", "distribution"), distribution, "distributions");
  }

  /**
   * All rows, each once: for each network and data set first the dense ones, then each sparsity
   * with its methods, those last that begin with what others ended with.
   *
   * @param datasets by name
   * @throws IllegalArgumentException naming the row, where a budget cannot be kept to or a recipe
   *     does not fit
   */
  public static List<ComparisonRow> rows(Comparison comparison, Map<String, Dataset> datasets) {
    List<ComparisonRow> rows = new ArrayList<>();
    for (String data : comparison.data()) {
      Dataset dataset = Objects.requireNonNull(datasets.get(data), "all data sets are open");
      for (String model : comparison.models()) {
        rows.addAll(new ComparisonGrid(comparison, model, data, dataset).ownRows());
      }
    }
    Map<String, ComparisonRow> byKey = new LinkedHashMap<>();
    rows.forEach(row -> byKey.putIfAbsent(row.key(), row));
    return List.copyOf(byKey.values());
  }

  /**
   * The row that another one is paired with: its own where it is the reference itself.
   *
   * @return empty where the reference has no row of this row's length
   */
  public static Optional<ComparisonRow> referenceOf(
      ComparisonRow row, Comparison.Choice reference, List<ComparisonRow> rows) {
    List<ComparisonRow> candidates =
        rows.stream()
            .filter(
                other ->
                    other.model().equals(row.model())
                        && other.data().equals(row.data())
                        && other.method().equals(reference.method())
                        && Objects.equals(other.distribution(), reference.distribution())
                        && (other.isDense() || other.sparsity() == row.sparsity()))
            .toList();
    return candidates.stream()
        .filter(other -> other.multiplier() == row.multiplier())
        .findFirst()
        .or(() -> candidates.stream().filter(other -> other.multiplier() == 1).findFirst());
  }

  private List<ComparisonRow> ownRows() {
    for (String method : comparison.denseMethods()) {
      for (double length : comparison.denseLengths()) {
        rows.add(row(method, null, 0, length));
      }
    }
    List<Comparison.Choice> methods =
        comparison.methods().stream()
            .filter(choice -> !Comparison.keepsAllConnections(choice.method()))
            .sorted(Comparator.comparing(choice -> comparison.after().containsKey(choice.method())))
            .toList();
    for (double sparsity : comparison.sparsities()) {
      for (Comparison.Choice method : methods) {
        for (double length : comparison.lengths(method)) {
          rows.add(row(method.method(), method.distribution(), sparsity, length));
        }
      }
    }
    return rows;
  }

  /** With what a row's runs begin; null where they begin by themselves. */
  private ComparisonRow.@Nullable Origin origin(String method, double sparsity, double length) {
    Comparison.@Nullable After after = comparison.after().get(method);
    if (after == null) {
      return null;
    }
    Comparison.Choice source = after.source();
    return rows.stream()
        .filter(
            row ->
                row.method().equals(source.method())
                    && Objects.equals(row.distribution(), source.distribution())
                    && row.sparsity() == sparsity
                    && row.multiplier() == length)
        .findFirst()
        .map(row -> new ComparisonRow.Origin(after.inherits(), row))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "it begins with what %s of the same length ends with, so methods must name '%s %sx', too"
                        .formatted(source.label(), source.label(), ComparisonRow.plain(length))));
  }

  /** What a row's recipe is before its length is solved for, but for what it inherits. */
  private RecipeDraft draft(
      String method, @Nullable String distribution, ComparisonRow.@Nullable Origin origin) {
    RecipeDraft draft = base(method, distribution);
    return origin == null
        ? draft
        : RunPlan.withDensities(
            draft, RunPlan.finalDensities(origin.row().draft().recipe(), network), method);
  }

  private ComparisonRow row(
      String method, @Nullable String distribution, double sparsity, double length) {
    try {
      ComparisonRow.@Nullable Origin origin = origin(method, sparsity, length);
      RecipeDraft draft = draft(method, distribution, origin);
      BigDecimal share = share(method, sparsity);
      BigDecimal asked = BigDecimal.valueOf(sparsity);
      draft =
          switch (method) {
            case Comparison.SMALL_DENSE -> solvedWidth(draft, share);
            case Comparison.BIG_SPARSE -> solvedWidth(sparsity(draft, asked), share);
            default -> distribution == null ? draft : solvedSparsity(draft, asked, share);
          };
      NetworkCost cost = cost(draft.recipe());
      draft = solvedLength(draft, cost, length);
      return new ComparisonRow(
          model,
          data,
          method,
          distribution,
          sparsity,
          length,
          origin,
          draft,
          cost,
          baseline,
          spending(draft.recipe(), cost, share, length));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s%s at sparsity %s: %s"
              .formatted(
                  method,
                  distribution == null ? "" : " (" + distribution + ")",
                  sparsity,
                  e.getMessage()),
          e);
    }
  }

  /** The share of the dense network's connections or operations that a row may have. */
  private static BigDecimal share(String method, double sparsity) {
    return method.equals(Comparison.BIG_SPARSE)
        ? BigDecimal.ONE
        : BigDecimal.ONE.subtract(BigDecimal.valueOf(sparsity));
  }

  private long allowed(ToLongFunction<NetworkCost> what, BigDecimal share) {
    long dense = what.applyAsLong(baseline.cost());
    return share.multiply(BigDecimal.valueOf(dense)).longValue();
  }

  private static ToLongFunction<NetworkCost> counted(Budget budget) {
    return budget == Budget.INFERENCE_FLOPS
        ? NetworkCost::inferenceFlops
        : NetworkCost::activeWeights;
  }

  private RecipeDraft solvedSparsity(RecipeDraft draft, BigDecimal sparsity, BigDecimal share) {
    Budget budget = comparison.budget();
    if (budget != Budget.PARAMETERS && budget != Budget.INFERENCE_FLOPS) {
      return sparsity(draft, sparsity);
    }
    requireKnownFlops(draft);
    ToLongFunction<NetworkCost> what = counted(budget);
    long allowed = allowed(what, share);
    long least = what.applyAsLong(cost(density(draft, 1).recipe()));
    if (least > allowed) {
      throw new IllegalArgumentException(
          "a budget of %s cannot be kept to: %d are allowed, and layers that stay dense take %d"
              .formatted(budget.label(), allowed, least));
    }
    long steps =
        Bisection.nearest(
            1,
            SPARSITY_STEPS,
            density -> what.applyAsLong(cost(density(draft, density).recipe())),
            allowed);
    return density(draft, steps);
  }

  /** Where all layers are ranked together there is nothing to solve for. */
  private void requireKnownFlops(RecipeDraft draft) {
    if (comparison.budget() == Budget.INFERENCE_FLOPS && ranksLayersTogether(draft.recipe())) {
      throw new IllegalArgumentException(
          "which layers keep their connections, and so the FLOPs, shows only in the training; take"
              + " another budget or distribution");
    }
  }

  private static boolean ranksLayersTogether(Recipe recipe) {
    return RunPlan.method(recipe).sparse()
        && RunPlan.distribution(recipe) instanceof Distribution.Global;
  }

  /** Whether all layers have, at every step, the connections that they are planned with. */
  private static boolean hasCertainFlops(Recipe recipe) {
    return !ranksLayersTogether(recipe)
        && RunPlan.method(recipe).redistribution() == Redistribution.NONE;
  }

  private static RecipeDraft density(RecipeDraft draft, long steps) {
    return sparsity(
        draft,
        BigDecimal.valueOf(SPARSITY_STEPS - steps).divide(BigDecimal.valueOf(SPARSITY_STEPS)));
  }

  private static RecipeDraft sparsity(RecipeDraft draft, BigDecimal sparsity) {
    return draft.with(List.of("sparsity", "target"), sparsity.toPlainString(), "sparsities");
  }

  /** The width is that of the budget; where the budget is another's, that of equal parameters. */
  private RecipeDraft solvedWidth(RecipeDraft draft, BigDecimal share) {
    requireKnownFlops(draft);
    ToLongFunction<NetworkCost> what = counted(comparison.budget());
    BigDecimal full = BigDecimal.valueOf(draft.recipe().model().width());
    LongUnaryOperator count = width -> what.applyAsLong(cost(width(draft, full, width).recipe()));
    long allowed = allowed(what, share);
    long widest = WIDTH_STEPS;
    while (count.applyAsLong(widest) < allowed) {
      widest *= 2;
    }
    return width(draft, full, Bisection.nearest(1, widest, count, allowed));
  }

  private static RecipeDraft width(RecipeDraft draft, BigDecimal full, long steps) {
    BigDecimal width =
        full.multiply(BigDecimal.valueOf(steps)).divide(BigDecimal.valueOf(WIDTH_STEPS));
    return draft.with(List.of("model", "width"), width.toPlainString(), "width");
  }

  private RecipeDraft solvedLength(RecipeDraft draft, NetworkCost cost, double length) {
    Recipe.Training training = draft.recipe().training();
    double multiplier = training.multiplier() * length;
    if (comparison.budget() == Budget.TRAINING_FLOPS) {
      double epochs = baseline.epochs() * length / trainingRatio(draft.recipe(), cost);
      multiplier = Math.max(1, (double) Math.round(epochs)) / training.epochs();
    }
    return draft.with(
        List.of("training", "multiplier"), Double.toString(multiplier), "multipliers");
  }

  /** Operations by sample and epoch, as a share of those of the dense network at its full width. */
  private double trainingRatio(Recipe recipe, NetworkCost cost) {
    SparseTrainingMethod method = RunPlan.method(recipe);
    Recipe.Update update = recipe.sparsity().update();
    double forward = cost.meanForwardFlops(method, update.begin(), update.end());
    return cost.trainingFlops(method, update.every(), forward)
        / (3.0 * baseline.cost().denseFlops());
  }

  private NetworkCost cost(Recipe recipe) {
    Network own =
        recipe.model().width() == comparison.base().recipe().model().width()
            ? network
            : RunPlan.network(recipe, dataset);
    return NetworkCost.of(own, RunPlan.finalDensities(recipe, own), COUNTER);
  }

  private Spending spending(Recipe recipe, NetworkCost cost, BigDecimal share, double length) {
    int epochs = recipe.training().scaledEpochs();
    return switch (comparison.budget()) {
      case EPOCHS, MULTIPLIER -> new Spending("epochs", baseline.epochs() * length, epochs, true);
      case PARAMETERS ->
          new Spending(
              "prunable weights",
              allowed(NetworkCost::activeWeights, share),
              cost.activeWeights(),
              true);
      case INFERENCE_FLOPS ->
          new Spending(
              "inference FLOPs",
              allowed(NetworkCost::inferenceFlops, share),
              cost.inferenceFlops(),
              hasCertainFlops(recipe));
      case TRAINING_FLOPS ->
          new Spending(
              "training FLOPs a training sample",
              baseline.trainingFlops() * length,
              trainingRatio(recipe, cost) * 3.0 * baseline.cost().denseFlops() * epochs,
              hasCertainFlops(recipe));
    };
  }
}
